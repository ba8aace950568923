"""Several models' opinions of one picture, pooled into one.

The distributions are multiplied, not averaged: a logarithmic opinion pool (Genest and Zidek 1986, "Combining
Probability Distributions: A Critique and an Annotated Bibliography"), in which a place that one of them
excludes is excluded. But models err together: they learned from like photographs, and a picture that shows
little shows little to all. So they count as n / (1 + (n - 1) r) witnesses, where r is how much alike they are
(Kish 1965, "Survey Sampling", section 8.2): as one where they say the same, so that a model beside its own
copy changes nothing, and never as two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from geotag import geo
from geotag.types import Location, Prediction, Region, Voice

ALIKE = 0.45
"""Models are taken to be at least so much alike. On 1,556 photographs that none had seen what two say was
correlated by 0.53 (eyes of their own) and by 0.51 (two heads behind the same eyes), part of which is the
truth that both see; of 0.33, 0.45 and 0.6 this was best for both pairs together (`python -m
export.evaluate_pair`).
"""

_COPY = 4
"""Agreement about one photo tells little of two models, for both see the truth; sameness does: only a
correlation near 1 is near 1 to this power.
"""

_POWER = 0.7
"""The answer is the point with the least expected distance to this power, as the shipped model's is."""

_COARSE = 1.03
"""The middle of a region is a coarse answer: it must be better by this than what a model itself answers."""

_RING = 6
_OUT = 0.75
"""A region is looked at in its middle and at so many points around it, this share of its radius off."""

_STEEP = math.log(5)
_LEAST = 1e-300

Floats = NDArray[np.float64]


def pooled(voices: Sequence[Voice]) -> Prediction:
    """What models say together; the radius in km is the geometric mean of theirs.

    Each of them is right 8 times in 10 within its own radius; together they are no worse, and how much better
    nobody has calibrated.
    """
    regions = [_regions(voice) for voice in voices]
    pieces = np.concatenate([_columns(part) for part in regions])
    lat, lon, own = _points(pieces)
    said, usual = (
        np.stack([_density(_columns(part), lat, lon, column) for part in regions]) for column in (3, 4)
    )
    mixed = pieces[own, 3] / len(voices)
    beyond = np.log(said / usual)
    weight = mixed * np.exp(np.log(said).mean(axis=0)) / said.mean(axis=0)
    weight *= np.exp((witnesses(beyond, mixed + pieces[own, 4] / len(voices)) - 1) * beyond.mean(axis=0))
    weight /= weight.sum()
    radius = math.exp(sum(math.log(voice.error_km) for voice in voices) / len(voices))
    share = np.bincount(own, weight, len(pieces))
    found = [
        Region(Location(north, east), km, probability, known / len(voices))
        for (north, east, km, _, known), probability in zip(pieces.tolist(), share.tolist(), strict=True)
    ]
    found.sort(key=lambda region: -region.probability)
    return Prediction(_answer(voices, found, lat, lon, weight), radius, tuple(found), tuple(voices))


def witnesses(beyond: Floats, weight: Floats) -> float:
    """As how many independent witnesses models count, 1 to n / (1 + (n - 1) ALIKE).

    `beyond` [n, points] is what they say of places beyond what is known without looking (logarithms of
    ratios), `weight` [points] how much each place counts.
    """
    away = beyond - (beyond @ weight / weight.sum())[:, None]
    spread = np.sqrt((away * away) @ weight)
    pairs = [
        float((away[one] * away[other]) @ weight / max(spread[one] * spread[other], 1e-12))
        for one, other in combinations(range(len(beyond)), 2)
    ]
    alike = max(ALIKE, min(1.0, max(0.0, sum(pairs) / len(pairs))) ** _COPY)
    return len(beyond) / (1 + (len(beyond) - 1) * alike)


def _regions(voice: Voice) -> tuple[Region, ...]:
    """A model that gives a point and a radius only speaks of that circle."""
    return voice.regions or (Region(voice.location, voice.error_km, 1.0, 1.0),)


def _columns(regions: Sequence[Region]) -> Floats:
    """Latitude, longitude, radius in km, probability and usual probability of regions, [n, 5]."""
    columns = np.array(
        [
            (item.location.lat, item.location.lon, item.radius_km, item.probability, item.usual)
            for item in regions
        ]
    )
    columns[:, 3:] /= np.maximum(columns[:, 3:].sum(axis=0), _LEAST)
    return columns


def _points(pieces: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Points that stand for regions, in degrees, [n (1 + _RING)] each; whose they are. A region's probability
    is shared out among them evenly.
    """
    middle = geo.unit_vectors(pieces[:, 0], pieces[:, 1])
    east = np.cross([0.0, 0.0, 1.0], middle)
    length = np.linalg.norm(east, axis=1, keepdims=True)
    # At a pole every direction is as good.
    east = np.where(length > 1e-9, east / np.maximum(length, 1e-9), [1.0, 0.0, 0.0])
    north = np.cross(middle, east)
    angle = (_OUT * pieces[:, 2] / geo.EARTH_RADIUS_KM)[:, None]
    points = [middle]
    for turn in np.arange(_RING) * 2 * math.pi / _RING:
        out = math.cos(turn) * east + math.sin(turn) * north
        points.append(np.cos(angle) * middle + np.sin(angle) * out)
    own = np.tile(np.arange(len(pieces)), 1 + _RING)
    return *geo.degrees(np.concatenate(points)), own


def _density(columns: Floats, lat: Floats, lon: Floats, share: int) -> Floats:
    """How dense regions lie at points, [points], by their probabilities in column `share`: photographs thin
    out exponentially, and a fifth lie outside a region's radius.
    """
    off = geo.distance_km(lat[:, None], lon[:, None], columns[:, 0], columns[:, 1])
    reach = columns[:, 2]
    dense = (_STEEP / reach) ** 2 * np.exp(-_STEEP * off / reach)
    return np.asarray(np.maximum(dense @ columns[:, share], _LEAST))


def _answer(
    voices: Sequence[Voice], regions: Sequence[Region], lat: Floats, lon: Floats, weight: Floats
) -> Location:
    """A model's own answer or a region's middle: the one with the least expected cost."""
    tried = [voice.location for voice in voices] + [region.location for region in regions]
    north, east = np.array([(place.lat, place.lon) for place in tried]).T
    cost = geo.distance_km(north[:, None], east[:, None], lat, lon) ** _POWER @ weight
    cost[len(voices) :] *= _COARSE
    return tried[int(np.argmin(cost))]
