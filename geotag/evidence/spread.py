"""From a distribution over places to one point and the radius that holds 80 % of it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from geotag import geo
from geotag.types import Location

NOWHERE_KM = 20_000.0
"""A radius that says nothing: half way round the Earth."""

_RADII = np.geomspace(0.01, NOWHERE_KM, 180).tolist()
_TRIED, _COUNTED = 10, 40
_NEGLIGIBLE = 1e-7


def centre(points: Sequence[Location], radii: Sequence[float], weights: Sequence[float]) -> tuple[int, float]:
    """The point from which the expected distance is least, and the radius in km that holds 80 % of it.

    `radii` in km hold 80 % of each place's own photographs (fewer and fewer further out: exponentially);
    what `weights` lack of 1 may be anywhere, so that a doubtful name gives a radius of half the Earth.
    """
    order = sorted(range(len(points)), key=lambda place: -weights[place])[:_COUNTED]
    order = [place for place in order if weights[place] > _NEGLIGIBLE * weights[order[0]]]
    lat, lon = np.array([(points[place].lat, points[place].lon) for place in order]).T
    share = [weights[place] for place in order]
    gaps = geo.distance_km(lat[:_TRIED, None], lon[:_TRIED, None], lat, lon)
    best = int(np.argmin(gaps @ share))
    places = list(zip(share, gaps[best].tolist(), [radii[place] for place in order], strict=True))

    def held(km: float) -> float:
        # Plain numbers: for as few places as these arrays would take longer.
        return sum(weight * (1 - math.pow(0.2, (km - off) / own)) for weight, off, own in places if km > off)

    # It only grows, so that eight of the radii have to be looked at.
    row = bisect_left(_RADII, 0.8, key=held)
    radius = _RADII[row] if row < len(_RADII) else NOWHERE_KM
    return order[best], radius
