"""Fusion: what words, neighbours and picture say, multiplied into one distribution over places.

Words and neighbours each give a few places, every one with a probability, and the chance that they are no
help ("nothing"). Where a place of the one and a place of the other lie together, both may mean it: such a
pair is worth the product of their probabilities, times how much denser the two lie together than photographs
do at random. The picture multiplies every place by how much likelier it makes it than it does without
looking; where words and neighbours say nothing, the picture alone speaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geotag import geo
from geotag.evidence import areas, gazetteer, hints, spread
from geotag.texts import Answer, Candidate
from geotag.types import Hint, Location, Prediction, Region, Source

_INSIDE = 0.8
_CITY = 100_000
_WORLD_KM2 = 2e7
"""As many square kilometres as hold most photographs, a seventh of the land."""

_NEGLIGIBLE = 1e-7
_LEAST_KM = 0.05
_STEEP = math.log(5)
"""A place's photographs thin out exponentially: exp(-_STEEP) of them, a fifth, lie outside its radius."""

_DOUBT = 0.5
"""How probable it is that a picture tells nothing of its place, whatever the model makes of it."""


@dataclass(frozen=True, slots=True)
class Fused:
    """One answer: where, the radius in km that holds 80 %, from what, its name, and what spoke for it.

    `place` is a name and `country` an ISO 3166-1 code, "" where the radius does not support one.
    """

    location: Location
    error_km: float
    source: Source
    place: str
    country: str
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What the model said, by the model's name, and the factor by which its radii were found too small."""

    prediction: Prediction
    model: str
    remark: str = ""
    factor: float = 1.0


def fuse(words: Answer | None, near: Answer | None, picture: Picture | None) -> Fused | None:
    """One answer from all there is, the point from which the expected distance is least; None from nothing.

    Where the evidence contradicts itself the radius grows, up to half the Earth.
    """
    said = [answer for answer in (words, near) if answer is not None]
    if not said:
        return None if picture is None else _picture_alone(picture)
    if picture is None and len(said) == 1:
        return _alone(said[0], Source.TEXT if near is None else Source.NEIGHBOURS)
    pieces, nothing = _paired(words, near)
    least = _NEGLIGIBLE * (nothing + sum(piece.probability for piece in pieces))
    pieces = [piece for piece in pieces if piece.probability > least]
    likelier = [1.0] * len(pieces) if picture is None else ratios(picture.prediction, pieces, picture.factor)
    named = len(pieces)
    total = nothing + sum(piece.probability * ratio for piece, ratio in zip(pieces, likelier, strict=True))
    pieces = [_times(piece, ratio / total) for piece, ratio in zip(pieces, likelier, strict=True)]
    pieces += [] if picture is None else _of_picture(picture.prediction, nothing / total)
    best, error_km = spread.centre(
        [piece.location for piece in pieces],
        [piece.radius_km for piece in pieces],
        [piece.probability for piece in pieces],
    )
    if picture is not None and best >= named:
        point, error_km = picture.prediction.location, max(error_km, picture.prediction.error_km)
        told = _seen(picture)
        told += [hint for answer in said for hint in hints.for_circle(answer, point, error_km)]
        return Fused(point, error_km, Source.FUSED, "", "", tuple(told))
    chosen = pieces[best]
    told = [hint for answer in said for hint in hints.for_place(answer, chosen)]
    if picture is not None:
        voices = [hints.voice(said, chosen.location) for said in picture.prediction.voices]
        one = hints.looked(picture.model, _regions(picture.prediction), chosen, likelier[best])
        told += voices or [one]
        if picture.remark:
            told.append(hints.picture(picture.model, picture.remark, one.weight))
    place, country = areas.names(chosen, pieces, error_km)
    return Fused(chosen.location, error_km, Source.FUSED, place, country, tuple(told))


def _alone(answer: Answer, source: Source) -> Fused:
    """The answer of words or of neighbours, where nothing else speaks."""
    nearest = min(answer.candidates, key=lambda found: geo.gap_km(found.location, answer.location))
    place, country = areas.names(nearest, answer.candidates, answer.error_km)
    return Fused(answer.location, answer.error_km, source, place, country, answer.hints)


def _picture_alone(picture: Picture) -> Fused:
    prediction = picture.prediction
    place, country = areas.of_picture(prediction)
    told = tuple(_seen(picture))
    return Fused(prediction.location, prediction.error_km, Source.MODEL, place, country, told)


def _seen(picture: Picture) -> list[Hint]:
    """The picture as evidence for its own answer: each model for itself where there are several."""
    said = picture.prediction
    voices = [hints.voice(voice, said.location, said.error_km) for voice in said.voices]
    return (
        voices if voices and not picture.remark else [*voices, hints.picture(picture.model, picture.remark)]
    )


def _paired(words: Answer | None, near: Answer | None) -> tuple[list[Candidate], float]:
    """Words and neighbours as one list of places with their weights, and the weight of "nothing"."""
    if words is None or near is None:
        answer = words or near
        assert answer is not None
        return list(answer.candidates), _nothing(answer)
    blank = _nothing(words), _nothing(near)
    alone = [_times(one, blank[1]) for one in words.candidates]
    alone += [_times(other, blank[0]) for other in near.candidates]
    return [*_together(words.candidates, near.candidates), *alone], blank[0] * blank[1]


def _nothing(answer: Answer) -> float:
    return max(1e-3, 1 - sum(candidate.probability for candidate in answer.candidates))


def _times(piece: Candidate, factor: float) -> Candidate:
    # As replace() does, which takes four times as long.
    share = piece.probability * factor
    return Candidate(piece.location, piece.radius_km, share, piece.place, piece.country)


def _together(words: Sequence[Candidate], near: Sequence[Candidate]) -> list[Candidate]:
    """Each place that words and each that neighbours give, meant as one: the mean, weighed by precision.

    Where they lie further apart than their radii allow, the radius grows by as much (Birge 1932, "The
    Calculation of Errors by the Method of Least Squares").
    """
    (lat, lon, first, sure), (far_lat, far_lon, second, also) = _columns(words), _columns(near)
    lat, lon, first, sure = (column[:, None] for column in (lat, lon, first, sure))
    radius = np.hypot(first, second)
    gap = geo.distance_km(lat, lon, far_lat, far_lon)
    denser = _WORLD_KM2 * (_STEEP / radius) ** 2 / (2 * math.pi) * np.exp(-_STEEP * gap / radius)
    one, other = geo.unit_vectors(lat, lon), geo.unit_vectors(far_lat, far_lon)
    mean = geo.degrees(one * (second**2)[:, None] + other * (first**2)[..., None])
    columns = (*mean, first * second / radius * np.maximum(1.0, gap / radius), sure * also * denser)
    named = [a if a.place or not b.place else b for a in words for b in near]
    return [
        Candidate(Location(north, east), km, share, name.place, name.country)
        for north, east, km, share, name in zip(
            *(column.ravel().tolist() for column in columns), named, strict=True
        )
    ]


def _columns(places: Sequence[Candidate]) -> Iterable[NDArray[np.float64]]:
    """Latitudes, longitudes, radii and probabilities of places, [n] each."""
    return np.array(
        [
            (found.location.lat, found.location.lon, max(_LEAST_KM, found.radius_km), found.probability)
            for found in places
        ]
    ).T


def _of_picture(prediction: Prediction, weight: float) -> list[Candidate]:
    """The picture's own distribution, of so much weight."""
    return [
        Candidate(region.location, region.radius_km, weight * region.probability, "", "")
        for region in _regions(prediction)
    ]


def _regions(prediction: Prediction) -> tuple[Region, ...]:
    return prediction.regions or (Region(prediction.location, prediction.error_km, 1.0, 1.0),)


def ratios(prediction: Prediction, places: Iterable[Candidate], factor: float = 1.0) -> list[float]:
    """How much likelier the picture makes each place than it is without looking.

    A model whose radii were found too small by a `factor` over 1 speaks more softly by as much.
    """
    places = list(places)
    if not prediction.regions:
        return _by_circle(prediction, places)
    usual, seen = np.array([(region.usual, region.probability) for region in prediction.regions]).T
    dense = _densities(prediction.regions, places)
    blind = np.maximum(dense @ usual, 1e-300)
    likelier = (1 - _DOUBT) * (dense @ seen) / blind + _DOUBT
    return [float(ratio) for ratio in likelier ** min(1.0, 1 / factor)]


def _densities(regions: tuple[Region, ...], places: list[Candidate]) -> NDArray[np.float64]:
    """How dense each region's photographs lie at each place, [places, regions]."""
    lat, lon = np.array([(place.location.lat, place.location.lon) for place in places]).reshape(-1, 2).T
    far, out = np.array([(region.location.lat, region.location.lon) for region in regions]).T
    gap = geo.distance_km(lat[:, None], lon[:, None], far, out)
    own = np.array([place.radius_km for place in places])[:, None]
    reach = np.hypot(own, [region.radius_km for region in regions])
    return np.asarray((_STEEP / reach) ** 2 * np.exp(-_STEEP * gap / reach))


def _by_circle(prediction: Prediction, places: list[Candidate]) -> list[float]:
    """The same where a model gives a point and a radius only: photographs are taken where people live, so it
    is 0.8 over the share of the world's cities inside the circle, 0.2 over the share outside.
    """
    lat, lon = _cities()
    circle, point = prediction.error_km, prediction.location
    # Half a city each side keeps the ratios finite where the circle holds no city, or all of them.
    held = int(np.count_nonzero(geo.distance_km(point.lat, point.lon, lat, lon) <= circle))
    inside = (held + 0.5) / (len(lat) + 1)
    off = [geo.gap_km(point, place.location) for place in places]
    return [_INSIDE / inside if km <= circle else (1 - _INSIDE) / (1 - inside) for km in off]


@cache
def _cities() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return gazetteer.load().cities(_CITY)
