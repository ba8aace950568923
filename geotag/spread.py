"""From a distribution over places to one point and the radius that holds 80 % of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from geotag import geo
from geotag.types import Location

NOWHERE_KM = 20_000.0
"""A radius that says nothing: half way round the Earth."""

_RADII = np.geomspace(0.01, NOWHERE_KM, 180).tolist()
_TRIED = 10


def centre(points: Sequence[Location], radii: Sequence[float], weights: Sequence[float]) -> tuple[int, float]:
    """The point from which the expected distance is least, and the radius in km that holds 80 % of it.

    `radii` in km hold 80 % of each place's own photographs (fewer and fewer further out: exponentially);
    what `weights` lack of 1 may be anywhere, so that a doubtful name gives a radius of half the Earth.
    """
    weight = np.asarray(weights)
    order = np.argsort(-weight)[:40]
    lat = np.array([points[place].lat for place in order])
    lon = np.array([points[place].lon for place in order])
    tried = order[:_TRIED]
    gaps = geo.distance_km(lat[:_TRIED, None], lon[:_TRIED, None], lat, lon)
    best = int(np.argmin(gaps @ weight[order]))
    own, share, off = np.array([radii[near] for near in order]), weight[order], gaps[best]

    def held(km: float) -> float:
        return float(share @ (1 - 0.2 ** (np.maximum(0, km - off) / own)))

    # It only grows, so that eight of the radii have to be looked at.
    row = bisect_left(_RADII, 0.8, key=held)
    radius = _RADII[row] if row < len(_RADII) else NOWHERE_KM
    return int(tried[best]), radius
