"""The radius that holds the true place for 80 % of photographs, from what a model expects of its own answer.

Calibrated on predictions for places the model never saw, by split-conformal quantiles within bands of equal
confidence, made to rise with the doubt (Vovk et al. 2005; Romano et al. 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag.geo import HALF_TURN_KM
from geotag.score import quantile

Floats = NDArray[np.float64]

COVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class Curve:
    """Corners of a piecewise linear curve: doubt `at` (ascending) to radius `km` (rising).

    Beyond its ends it is flat: no radius is smaller than what was achieved at the greatest confidence seen.
    """

    at: Floats
    km: Floats

    def __call__(self, doubt: ArrayLike) -> Floats:
        return np.asarray(np.interp(np.asarray(doubt, np.float64), self.at, self.km))


def calibrate(doubt: ArrayLike, km: ArrayLike, weights: ArrayLike, bands: int) -> Curve:
    """Fit the curve to doubts and true distances in km of photographs never seen, all [n].

    `weights` are votes. Raises ValueError when there are fewer than ten photographs for a band.
    """
    doubt, km, votes = (np.asarray(values, np.float64) for values in (doubt, km, weights))
    if len(doubt) < 10 * bands:
        raise ValueError(f"{len(doubt)} photographs cannot calibrate {bands} bands; {10 * bands} are needed")
    band = np.minimum((_place(doubt, votes) * bands).astype(int), bands - 1)
    middle, radius, share = [], [], []
    for number in np.unique(band):
        rows = np.flatnonzero(band == number)
        # The conformal correction for n photographs: the quantile at (n + 1) / n of the share asked for.
        wanted = min(1.0, COVERAGE * (len(rows) + 1) / len(rows))
        middle.append(quantile(doubt[rows], votes[rows], 0.5))
        radius.append(quantile(km[rows], votes[rows], wanted))
        share.append(votes[rows].sum())
    at, first = np.unique(np.array(middle), return_index=True)
    return _stretched(at, _rising(np.array(radius), np.array(share))[first], float(doubt.min()))


def _stretched(at: Floats, km: Floats, least: float) -> Curve:
    """The curve from the least doubt on, rising at its mean rate for half its length above the last band.

    Where the bands agree it still rises, by a thousandth in all: the order of radii is that of confidence.
    """
    length = (at[-1] - least) or 1.0
    beyond = km[-1] + (km[-1] - km[0]) / 2
    corners = np.array([least - 1e-6, *at, at[-1] + length / 2])
    values = np.array([km[0], *km, beyond]) * (1 + 1e-3 * (corners - corners[0]) / (corners[-1] - corners[0]))
    return Curve(corners, np.minimum(values, HALF_TURN_KM))


def _place(doubt: Floats, votes: Floats) -> Floats:
    """Where each doubt stands among all, 0 to 1 of the votes; equal doubts stand together."""
    _, number = np.unique(doubt, return_inverse=True)
    total = np.bincount(number, votes)
    return np.asarray(((np.cumsum(total) - total / 2) / votes.sum())[number])


def _rising(values: Floats, weights: Floats) -> Floats:
    """The nearest never falling sequence: neighbours out of order share their mean (Ayer et al. 1955)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        block = (float(value), float(weight), 1)
        while blocks and blocks[-1][0] > block[0]:
            value_before, weight_before, count = blocks.pop()
            total = weight_before + block[1]
            block = ((value_before * weight_before + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    return np.concatenate([np.full(count, value) for value, _, count in blocks])
