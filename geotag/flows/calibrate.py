"""A collection's own located photos set the radius for that collection: split-conformal calibration.

The ratio of true distance to predicted radius is measured on every photo that has a position. The quantile of
those ratios that 80 % of new photos of the same collection do not exceed, with its finite-sample correction,
becomes the factor for all radii there (Lei et al. 2018, "Distribution-Free Predictive Inference for
Regression", theorem 2). It is kept in a file beside the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from geotag import geo
from geotag.errors import UsageError
from geotag.flows import evaluate, scoresheet
from geotag.flows.ensemble import Ensemble
from geotag.models import calibrations
from geotag.scan import open_archive
from geotag.types import Calibration

SHARE = 0.8
FEWEST = 20
"""With fewer located photos than this the factor says more about chance than about the collection."""

ENOUGH = 100
"""From about here on the coverage on new photos is within 4 points of 80 % (binomial standard error)."""


def calibrate(paths: tuple[str, ...], models: Ensemble, jobs: int, drawn: str | None = None) -> Calibration:
    """Measure the factor for a collection and keep it beside the models, in place of an earlier one.

    Raises UsageError when there are fewer than FEWEST located photos, OutputError when the model's folder
    cannot be written. Plots of what was measured, the radius as it is now, and a page with
    them go into the folder `drawn`.
    """
    base = open_archive(paths).base
    judged = [item for item in evaluate.judge(paths, models, jobs) if isinstance(item, evaluate.Judgement)]
    if len(judged) < FEWEST:
        raise UsageError(
            f"{', '.join(paths)}: {len(judged)} photos have a position of their own; calibration needs at "
            f"least {FEWEST}, better {ENOUGH}"
        )
    ratios = [geo.gap_km(item.truth, item.prediction.location) / item.prediction.error_km for item in judged]
    calibration = Calibration(base, len(ratios), conformal(ratios, SHARE))
    calibrations.keep(models.paths, models.sha256, calibration)
    if drawn is not None:
        _draw(calibration, judged, ratios, models.title, drawn)
    return calibration


def _draw(
    calibration: Calibration,
    judged: Sequence[evaluate.Judgement],
    ratios: Sequence[float],
    title: str,
    folder: str,
) -> None:
    """Plots and a page of what was measured, the radius as it is now."""
    factor = calibration.factor
    scaled = [
        replace(item, prediction=replace(item.prediction, error_km=item.prediction.error_km * factor))
        for item in judged
    ]
    rows = [
        [name, f"{100 * sum(ratio <= most for ratio in ratios) / len(ratios):.1f} %"]
        for name, most in (("as the model gives it", 1.0), (f"times {factor:.3f}", factor))
    ]
    table = scoresheet.Table(f"{len(ratios):,} located photos", ("radius", "true places inside"), rows)
    said = [
        f"every radius in {calibration.base} is multiplied by {factor:.3f}",
        f"so that {100 * SHARE:.0f} % of new photos there lie inside theirs",
    ]
    scoresheet.write(evaluate.guesses(scaled, f"{title}, calibrated"), [table], said, folder)


def conformal(ratios: Sequence[float], share: float) -> float:
    """The value that a further draw does not exceed with probability `share` or more.

    The ceil((n + 1) * share)-th smallest of n; the largest where n is too small for that.
    """
    rank = math.ceil((len(ratios) + 1) * share)
    return sorted(ratios)[min(rank, len(ratios)) - 1]
