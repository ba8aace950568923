"""How good guesses are: distances, shares, GeoScore, coverage of the radius, and what chance explains.

Pure NumPy, shared by `geotag evaluate` and the training side. Every figure can be weighted, and the usual
weight is one vote for each 1-degree cell: photographs crowd in a few places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag.geo import distance_km

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

THRESHOLDS_KM = (1, 25, 200, 750, 2500)
"""Street, city, region, country, continent (Hays and Efros 2008, "IM2GPS"; Vo et al. 2017)."""

GEOSCORE_TOP = 5000.0
GEOSCORE_SCALE_KM = 1492.7
"""GeoScore of a guess d km off: 5000 exp(-d / 1492.7) (Astruc et al. 2024, "OpenStreetView-5M", 3.2)."""

_GRID_POINTS = 4000


@dataclass(frozen=True, slots=True)
class Score:
    """What a set of guesses is worth: distances in km, shares and coverage from 0 to 1.

    `within` maps each of THRESHOLDS_KM to the share of guesses at most that far off; `coverage` is the share
    whose true place lies inside the guess's own radius, None when no radii were given.
    """

    photos: int
    cells: int
    median_km: float
    mean_km: float
    within: Mapping[int, float]
    geoscore: float
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference and the bounds between which a resampling of the cells puts it in 95 of 100 cases."""

    difference: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether chance alone is an unlikely explanation."""
        return self.low > 0 or self.high < 0


def cells(lat: ArrayLike, lon: ArrayLike, degrees: float = 1.0) -> Ints:
    """Number the cells of so many degrees that points in degrees, shape [n], lie in: int64 [n].

    180 and -180 degrees share a cell, as does everything that touches the same whole degrees. Raises
    ValueError when cells of this size do not fill the half turn evenly.
    """
    rows = round(180 / degrees)
    if rows < 1 or abs(rows * degrees - 180) > 1e-6:
        raise ValueError(f"cells of {degrees:g} degrees do not fill 180 evenly; try 1, 0.5, 0.1 or 0.01")
    row = np.floor((np.asarray(lat, np.float64) + 90) / degrees).astype(np.int64)
    column = np.floor((np.asarray(lon, np.float64) + 180) / degrees).astype(np.int64)
    return np.asarray(np.clip(row, 0, rows - 1) * 2 * rows + column % (2 * rows))


def one_vote_per_cell(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Weights, shape [n], that sum to 1 and give every 1-degree cell the same total."""
    return one_vote_each(cells(lat, lon))


def one_vote_each(cell: ArrayLike) -> Floats:
    """The same by the numbers of any cells, int64 [n]."""
    _, index, counts = np.unique(np.asarray(cell), return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[index] / len(counts))


def quantile(values: ArrayLike, weights: ArrayLike, share: float) -> float:
    """The smallest of `values`, shape [n], that at least `share` of the weight does not exceed.

    Raises ValueError when there is nothing to choose from.
    """
    values, weights = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    if values.size == 0:
        raise ValueError("a quantile of no values")
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    # Weights such as 1/3 do not sum to exactly 1: half a billionth of slack keeps the even split even.
    at = int(np.searchsorted(total, share * total[-1] * (1 - 1e-9)))
    return float(values[order][min(at, len(values) - 1)])


def geoscore(km: ArrayLike) -> Floats:
    """GeoScore, 0 to 5000, of guesses that are `km` off; same shape."""
    return np.asarray(GEOSCORE_TOP * np.exp(-np.asarray(km, np.float64) / GEOSCORE_SCALE_KM))


def score(
    true_lat: ArrayLike,
    true_lon: ArrayLike,
    lat: ArrayLike,
    lon: ArrayLike,
    error_km: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Score:
    """Score guesses against true places, all in degrees and of shape [n], radii in km.

    `weights` (shape [n]) default to one vote per 1-degree cell of the true places. Raises ValueError when n
    is 0.
    """
    votes = one_vote_per_cell(true_lat, true_lon) if weights is None else np.asarray(weights, np.float64)
    km = distance_km(true_lat, true_lon, lat, lon)
    inside = None if error_km is None else km <= np.asarray(error_km, np.float64)
    return Score(
        photos=len(km),
        cells=len(np.unique(cells(true_lat, true_lon))),
        median_km=quantile(km, votes, 0.5),
        mean_km=float(np.average(km, weights=votes)),
        within={limit: float(np.average(km <= limit, weights=votes)) for limit in THRESHOLDS_KM},
        geoscore=float(np.average(geoscore(km), weights=votes)),
        coverage=None if inside is None else float(np.average(inside, weights=votes)),
    )


def constant_guess(lat: ArrayLike, lon: ArrayLike, weights: ArrayLike) -> tuple[float, float]:
    """The one point, latitude and longitude in degrees, whose weighted mean distance to all points is least.

    Searched among the points themselves, shape [n], and an even grid over the sphere; this is the guess a
    model has to beat. Raises ValueError when n is 0.
    """
    lat, lon = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
    if lat.size == 0:
        raise ValueError("a constant guess needs at least one point")
    grid_lat, grid_lon = even_grid(_GRID_POINTS)
    guess_lat, guess_lon = np.concatenate([lat, grid_lat]), np.concatenate([lon, grid_lon])
    votes = np.asarray(weights, np.float64)
    # In slices, so that an archive of a million photographs does not need a table of a million squared.
    mean = np.zeros(len(guess_lat))
    step = max(1, 4_000_000 // len(lat))
    for at in range(0, len(guess_lat), step):
        part = slice(at, at + step)
        mean[part] = distance_km(guess_lat[part, None], guess_lon[part, None], lat, lon) @ votes
    best = int(np.argmin(mean))
    return float(guess_lat[best]), float(guess_lon[best])


def even_grid(points: int) -> tuple[Floats, Floats]:
    """Latitudes and longitudes in degrees of points spread evenly over the sphere, shape [points].

    A Fibonacci lattice: every point stands for the same area (Gonzalez 2010, "Measurement of Areas on a
    Sphere Using Fibonacci and Latitude-Longitude Lattices").
    """
    index = np.arange(points) + 0.5
    lat = np.degrees(np.arcsin(1 - 2 * index / points))
    lon = (index * 360 * (3 - np.sqrt(5)) / 2 + 180) % 360 - 180
    return lat, lon


def most_confident(error_km: ArrayLike, weights: ArrayLike, share: float) -> NDArray[np.bool_]:
    """Mask, shape [n], of the guesses with the smallest radii that together hold `share` of the weight."""
    radii, votes = np.asarray(error_km, np.float64), np.asarray(weights, np.float64)
    order = np.argsort(radii, kind="stable")
    before = np.cumsum(votes[order]) - votes[order]
    mask = np.zeros(len(radii), bool)
    mask[order] = before < share * votes.sum() * (1 - 1e-9)
    return mask


def compare(
    first_km: ArrayLike, second_km: ArrayLike, cell: ArrayLike, rounds: int = 2000, seed: int = 0
) -> dict[str, Interval]:
    """Paired bootstrap over cells of two sets of distances, shape [n], on the same photographs.

    `cell` numbers the cell of each photograph; cells are drawn with replacement and each has one vote
    (Efron and Tibshirani 1993, chapters 8 and 13). Returns first minus second for "median_km", "mean_km",
    "within_750", "within_2500" and "geoscore". Raises ValueError when n is 0.
    """
    first, second = np.asarray(first_km, np.float64), np.asarray(second_km, np.float64)
    if first.size == 0:
        raise ValueError("nothing to compare")
    _, index, counts = np.unique(np.asarray(cell), return_inverse=True, return_counts=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=rounds)
    # Row 0 is the sample as it is, the others are draws.
    votes = np.vstack([np.ones(len(counts)), drawn])[:, index] / counts[index]
    votes /= votes.sum(axis=1, keepdims=True)
    differences = {"median_km": _medians(first, votes) - _medians(second, votes)}
    for name, of in _MEANS.items():
        differences[name] = votes @ (of(first) - of(second))
    return {name: _interval(values) for name, values in differences.items()}


_MEANS = {
    "mean_km": lambda km: km,
    "within_750": lambda km: (km <= 750).astype(np.float64),
    "within_2500": lambda km: (km <= 2500).astype(np.float64),
    "geoscore": geoscore,
}


def _medians(km: Floats, votes: Floats) -> Floats:
    order = np.argsort(km, kind="stable")
    total = np.cumsum(votes[:, order], axis=1)
    return np.asarray(km[order][np.argmax(total >= 0.5 * (1 - 1e-9), axis=1)])


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Interval(float(values[0]), float(low), float(high))
