"""Fusion: what the words say and what the picture says, multiplied into one distribution over places.

The words give a few places, each with a probability, and the chance that they name none. The picture gives a
point and the radius that holds 80 % of such photographs. Photographs are taken where people live, so what the
picture adds is how much likelier it makes a place than people alone do: 0.8 over the share of the world's
cities inside the circle, 0.2 over the share outside. A place is worth its probability times that ratio; "the
words name no place" is worth its own chance, and then the picture alone speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geotag import gazetteer, geo, spread
from geotag.texts import Answer
from geotag.types import Location, Prediction, Source

_INSIDE = 0.8
_NAMED_KM = 25.0
"""Up to this radius an answer may bear the name of a town; beyond it, of an area that is as large."""

_AGREES = 1.25
_CITY = 100_000


@dataclass(frozen=True, slots=True)
class Fused:
    """One answer: where, the radius in km that holds 80 %, from what, and what it may be called."""

    location: Location
    error_km: float
    source: Source
    place: str
    country: str
    evidence: str


def ratios(prediction: Prediction, places: Sequence[Location]) -> list[float]:
    """How much likelier the picture makes each place than the people who live there do."""
    lat, lon = _cities()
    circle, point = prediction.error_km, prediction.location
    # Half a city each side keeps the ratios finite where the circle holds no city, or all of them.
    held = int(np.count_nonzero(geo.distance_km(point.lat, point.lon, lat, lon) <= circle))
    inside = (held + 0.5) / (len(lat) + 1)
    off = [float(geo.distance_km(point.lat, point.lon, place.lat, place.lon)) for place in places]
    return [_INSIDE / inside if km <= circle else (1 - _INSIDE) / (1 - inside) for km in off]


@cache
def _cities() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return gazetteer.load().cities(_CITY)


def fuse(words: Answer, prediction: Prediction) -> Fused:
    """One answer from both, the point with the smallest 80 % radius; where they contradict each other it
    grows, up to half the Earth.
    """
    likelier = ratios(prediction, [candidate.location for candidate in words.candidates])
    weights = [
        candidate.probability * ratio for candidate, ratio in zip(words.candidates, likelier, strict=True)
    ]
    nothing = max(0.0, 1 - sum(candidate.probability for candidate in words.candidates))
    total = sum(weights) + nothing
    points = [candidate.location for candidate in words.candidates] + [prediction.location]
    radii = [candidate.radius_km for candidate in words.candidates] + [prediction.error_km]
    best, error_km = spread.centre(points, radii, [weight / total for weight in [*weights, nothing]])
    if best == len(words.candidates):
        evidence = f"picture; words speak against it: {words.evidence}"
        return Fused(prediction.location, max(error_km, prediction.error_km), Source.FUSED, "", "", evidence)
    says = "agrees" if likelier[best] >= _AGREES else "is indifferent" if likelier[best] >= 1 else "disagrees"
    evidence = f"{words.evidence}; picture {says} (x {likelier[best]:.1f})"
    return Fused(points[best], error_km, Source.FUSED, *_names(words, best, error_km), evidence)


def alone(words: Answer) -> Fused:
    """The answer of the words where no picture was asked."""
    at = next(
        (place for place, found in enumerate(words.candidates) if found.location == words.location), None
    )
    place, country = (words.place, words.country) if at is None else _names(words, at, words.error_km)
    return Fused(words.location, words.error_km, Source.TEXT, place, country, words.evidence)


def _names(words: Answer, best: int, error_km: float) -> tuple[str, str]:
    """The names that a radius supports: the place's own where it is no smaller than the circle, and the
    country's where the circle's share of the candidates agrees on it.
    """
    chosen = words.candidates[best]
    near = [
        candidate
        for candidate in words.candidates
        if candidate.probability >= 0.05
        and float(
            geo.distance_km(
                chosen.location.lat, chosen.location.lon, candidate.location.lat, candidate.location.lon
            )
        )
        <= error_km
    ]
    agreed = all(candidate.country == chosen.country for candidate in near)
    fits = error_km <= max(_NAMED_KM, _AGREES * chosen.radius_km)
    return (chosen.place if fits else ""), (chosen.country if agreed else "")
