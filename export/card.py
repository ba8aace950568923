"""Draw the model card's curves: `python -m export.card work/geovision ... --out models`.

From the answers for places never seen that training wrote (`unseen.npz`): how far off they are beside the
constant guess, what they are worth when only the most confident are kept, and whether the radius holds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from export.fit import Config
from export.index import Index, folds
from export.train import read
from export.world import FOLDS
from geotag.geo import distance_km
from geotag.score import constant_guess, most_confident, one_vote_each, quantile

mpl.use("agg")
from matplotlib import pyplot as plt

Floats = NDArray[np.float64]

_SHARES = np.linspace(0.05, 1, 39)
_DEPTH = 10


def constant_km(photos: Index) -> Floats:
    """Distance in km of every photograph to the constant guess of the folds it is not in."""
    fold, km = folds(photos, FOLDS, Config().seed), np.zeros(len(photos))
    for number in range(FOLDS):
        rows, test = fold != number, fold == number
        votes = one_vote_each(photos.cell[rows])
        guess = constant_guess(photos.lat[rows], photos.lon[rows], votes)
        km[test] = distance_km(photos.lat[test], photos.lon[test], *guess)
    return km


def draw(km: Floats, doubt: Floats, radius: Floats, constant: Floats, votes: Floats, target: Path) -> None:
    """Three panels side by side, written as PNG: distances, risk by confidence, coverage of the radius."""
    figure, (distances, risk, coverage) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for values, name in ((km, "GeoVision"), (constant, "constant guess")):
        order = np.argsort(values)
        distances.plot(values[order], 100 * np.cumsum(votes[order]), label=name)
    distances.set(xscale="log", xlim=(50, 20_015), xlabel="km off", ylabel="% of cells", title="How far off")
    distances.legend()
    _risk(risk, km, doubt, votes)
    _coverage(coverage, km, radius, votes)
    for axes in (distances, risk, coverage):
        axes.grid(alpha=0.3)
    figure.savefig(target, dpi=80)


def _risk(axes: Any, km: Floats, doubt: Floats, votes: Floats) -> None:
    for limit in (750, 2500):
        line = []
        for share in _SHARES:
            mask = most_confident(doubt, votes, share)
            line.append(100 * np.average(km[mask] <= limit, weights=votes[mask]))
        axes.plot(100 * _SHARES, line, label=f"within {limit} km")
    axes.set(
        xlabel="% most confident that are kept",
        ylabel="% of them",
        ylim=(0, 100),
        title="Worth by confidence",
    )
    axes.legend()


def _coverage(axes: Any, km: Floats, radius: Floats, votes: Floats) -> None:
    order = np.argsort(radius, kind="stable")
    band = np.minimum((np.cumsum(votes[order]) - votes[order] / 2) * _DEPTH, _DEPTH - 1).astype(int)
    rows = [order[band == number] for number in range(_DEPTH)]
    middle = [quantile(radius[part], votes[part], 0.5) for part in rows]
    inside = [100 * np.average((km <= radius)[part], weights=votes[part]) for part in rows]
    axes.plot(middle, inside, "o-")
    axes.axhline(80, color="grey", linestyle="--")
    axes.set(xlabel="predicted radius, km", ylabel="% inside", ylim=(40, 100), title="Does the radius hold?")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.card", description=__doc__)
    parser.add_argument("folder", type=Path, help="what export.train wrote")
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    photos = read(options.photos, None, None)
    unseen = np.load(options.folder / "unseen.npz")
    km = distance_km(photos.lat, photos.lon, unseen["lat"], unseen["lon"])
    votes = one_vote_each(photos.cell)
    target = options.out / "geovision-curves.png"
    draw(km, unseen["doubt"], unseen["error_km"], constant_km(photos), votes, target)
    print(f"{target}: {len(km)} photographs")


if __name__ == "__main__":
    main()
