"""Pieces of evidence: which ones speak for an answer, and with what weight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import compress

import numpy as np

from geotag import geo
from geotag.texts import SAYS, VOICE, Answer, Candidate
from geotag.types import Hint, Location, Position, Region, Voice

AROUND_KM = 500.0
"""The surroundings of an answer whose share of a picture's distribution is the picture's weight."""

_AGREES = 1.25
_SHOWN = 0.005
"""A weight that two decimals show."""


def in_file(position: Position) -> Hint:
    """A position that the file already has."""
    who = f", verified by {position.reviewer}" if position.reviewer else ""
    return Hint("camera", "file", f"position found in the file or its sidecar{who}", 1.0)


def picture(model: str, remark: str, weight: float = 0.8) -> Hint:
    """The picture, with a remark; where the answer is its own the circle holds 80 % of such photographs."""
    return Hint("picture", model, remark, weight)


def looked(model: str, regions: Iterable[Region], chosen: Candidate, ratio: float) -> Hint:
    """What the picture makes of an answer that others gave, `ratio` times as likely as without looking."""
    says = SAYS[0] if ratio >= _AGREES else SAYS[1] if ratio >= 1 / _AGREES else SAYS[2]
    return Hint("picture", model, says, _held(regions, chosen.location, AROUND_KM))


def voice(said: Voice, answer: Location, around_km: float = AROUND_KM) -> Hint:
    """What one of several models makes of an answer: its share of what lies around it."""
    regions = said.regions or (Region(said.location, said.error_km, 1.0, 1.0),)
    return Hint("picture", said.model, VOICE, _held(regions, answer, around_km))


def _held(regions: Iterable[Region], answer: Location, around_km: float) -> float:
    """About how much of a distribution lies around an answer: of each region all, or as much as the areas
    allow.
    """
    columns = [
        (region.location.lat, region.location.lon, region.radius_km, region.probability) for region in regions
    ]
    lat, lon, radius, probability = np.array(columns).T
    gap = geo.distance_km(answer.lat, answer.lon, lat, lon)
    share = np.where(gap <= around_km + radius / 2, np.minimum(1.0, (around_km / radius) ** 2), 0.0)
    return round(min(1.0, float(probability @ share)), 4)


def for_place(answer: Answer, chosen: Candidate) -> tuple[Hint, ...]:
    """What an answer of words or neighbours says for a place: its own hints where it means that place most,
    the first of them with the place's own probability where it means another more.
    """
    # Not the answer's own circle: that of names which mean two places is half the Earth.
    meant = min(answer.candidates, key=lambda found: geo.gap_km(found.location, answer.location))
    if _same(meant, chosen):
        return answer.hints
    return _weighing(answer, sum(found.probability for found in answer.candidates if _same(found, chosen)))


def for_circle(answer: Answer, centre: Location, radius_km: float) -> tuple[Hint, ...]:
    """What it says for a circle about somewhere else: as much as its own places in there are probable."""
    inside = (geo.gap_km(found.location, centre) <= radius_km for found in answer.candidates)
    return _weighing(answer, sum(compress((found.probability for found in answer.candidates), inside)))


def _weighing(answer: Answer, share: float) -> tuple[Hint, ...]:
    weight = round(share, 4) if share >= _SHOWN else 0.0
    return tuple(replace(hint, weight=weight) for hint in answer.hints[:1])


def _same(found: Candidate, chosen: Candidate) -> bool:
    return geo.gap_km(chosen.location, found.location) <= max(found.radius_km, chosen.radius_km)
