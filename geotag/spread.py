"""From a distribution over places to one point and the radius that holds 80 % of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geotag import geo
from geotag.types import Location

NOWHERE_KM = 20_000.0
"""A radius that says nothing: half way round the Earth."""

_RADII = np.geomspace(0.01, NOWHERE_KM, 180)
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
    reach = np.maximum(0, _RADII[:, None] - gaps[best]) / np.array([radii[near] for near in order])
    held = (weight[order] * (1 - 0.2**reach)).sum(axis=1)
    radius = float(_RADII[np.searchsorted(held, 0.8)]) if held[-1] >= 0.8 else NOWHERE_KM
    return int(tried[best]), radius
