"""Words to places: which place the texts of a photograph mean, how sure that is, and what spoke for it.

Each name found is weighed as a place against being no place at all; areas named beside it, and other places
near it, speak for one of its meanings. What the names say is then joined into one distribution over places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from geotag import geo
from geotag.evidence import spread
from geotag.evidence.gazetteer import Kind, Names, Place, load
from geotag.evidence.mentions import Mention, mentions
from geotag.texts import Answer, Candidate, Caption, Origin, Text, line
from geotag.types import Hint

MEANINGS = 60
"""So many meanings of a name are looked at, the largest first."""

NAMES = 40
"""So many names of a photograph's texts are looked at, the first first."""

SHARP = 1.5
"""Votes are raised to this power: measured, they are surer together than their shares say."""

AWAY = 1.35
"""So much further off are photographs that name a town than those of a collection that is called after it;
`python -m export.calibrate_words` measures it on sources left out."""

_HOLDS = {Kind.COUNTRY: 3.2, Kind.REGION: 2.5, Kind.STATE: 5.0, Kind.COUNTY: 6.5}
_OUTSIDE = {Origin.FIELD: 4.0, Origin.FOLDER: 1.5}
"""What a place outside the areas of a place field, or of a folder's name, loses."""

_SALIENCE = {
    Origin.FIELD: 8.0,
    Origin.CAPTION: 1.0,
    Origin.KEYWORDS: 1.0,
    Origin.FILE: 0.7,
    Origin.FOLDER: 1.0,
}
_NEAR_KM = 50.0


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One place that a mention may mean: `mention` counts the mentions, `prior` is its log weight."""

    mention: int
    place: Place
    prior: float


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the mentions mean: a probability for each meaning, and for each mention that it is a place."""

    found: list[Mention]
    meanings: list[_Meaning]
    shares: list[float]
    sure: list[float]


def locate(caption: Caption | Iterable[Text]) -> Answer | None:
    """Where the texts say a photograph was taken, or None where they name no place.

    Reads the gazetteer at the first call. An area (a province, a desert) gives an area-sized `error_km`.
    """
    texts = caption.texts if isinstance(caption, Caption) else tuple(caption)
    found = mentions(texts, load())[:NAMES]
    return _meant(tuple(found)) if found else None


@lru_cache(maxsize=256)
def _meant(found: tuple[Mention, ...]) -> Answer | None:
    """Where the names found lie; photographs of one folder often have its names only, and numbers."""
    meanings = [meaning for number, mention in enumerate(found) for meaning in _meanings(number, mention)]
    choice = _choose(list(found), meanings)
    places, weights = _joined(choice)
    centre, error_km = spread.centre(
        [place.location for place in places], [place.radius_km for place in places], weights
    )
    if error_km >= spread.NOWHERE_KM:
        return None
    ranked = sorted(zip(weights, range(len(places)), strict=True), reverse=True)[:8]
    candidates = tuple(
        Candidate(
            places[at].location,
            round(places[at].radius_km, 2),
            round(share, 4),
            places[at].name,
            places[at].country,
        )
        for share, at in ranked
        if share > 0.002
    )
    best = places[centre]
    told = _hints(best, choice)
    return Answer(best.location, round(error_km, 2), best.name, best.country, line(told), candidates, told)


def _meanings(number: int, mention: Mention) -> list[_Meaning]:
    return [_Meaning(number, place, prior) for place, prior in _priors(mention.names)]


@lru_cache(maxsize=1024)
def _priors(names: Names) -> tuple[tuple[Place, float], ...]:
    """What a name may mean, each with the log weight of its size and of the name being its main one."""
    gazetteer = load()
    found: list[tuple[Place, float]] = []
    for place_id, main in zip(names.ids[:MEANINGS], names.main[:MEANINGS], strict=True):
        place = gazetteer.place(place_id)
        prior = 0.5 * math.log((place.population + 200) / 100_000)
        if place.kind is Kind.COUNTRY or place.kind is Kind.REGION:
            prior = 1.5
        elif place.kind < Kind.TOWN:
            prior = 1.4 * prior - 1.5
        else:
            prior += 0.8 * math.log((place.fame + 1) / 20) - (0.6 if place.kind is Kind.HAMLET else 0.0)
        if not main:
            prior -= 1.5 if names.everyday > 4 else 0.0
            prior -= 0.7 if place.population >= 100_000 or place.kind < Kind.COUNTY else 1.7
        found.append((place, prior))
    areas = {above for place, _ in found if place.kind >= Kind.TOWN for above in place.within}
    return tuple((place, prior - 2.5 if place.id in areas else prior) for place, prior in found)


def _choose(found: list[Mention], meanings: list[_Meaning]) -> _Choice:
    """Weigh the meanings twice: by the areas named with them, then also by what lies near."""
    first = _weighed(found, meanings, [0.0] * len(meanings))
    bonus = _by_area(first)
    second = _weighed(found, meanings, bonus)
    near = _by_nearness(second)
    used = _as_area(second)
    far = _by_folder(second, bonus)
    return _weighed(found, meanings, [sum(parts) for parts in zip(bonus, near, used, far, strict=True)])


def _weighed(found: list[Mention], meanings: list[_Meaning], bonus: list[float]) -> _Choice:
    """The meanings' probabilities: each mention's weights against the weight 1 of being no place."""
    weights = [
        math.exp(min(40.0, found[meaning.mention].odds + meaning.prior + extra))
        for meaning, extra in zip(meanings, bonus, strict=True)
    ]
    totals = [1.0] * len(found)
    for meaning, weight in zip(meanings, weights, strict=True):
        totals[meaning.mention] += weight
    shares = [weight / totals[meaning.mention] for meaning, weight in zip(meanings, weights, strict=True)]
    return _Choice(found, meanings, shares, [1 - 1 / total for total in totals])


def _by_area(choice: _Choice) -> list[float]:
    """What the areas named beside a place add to its log weight; the place field's take some off others."""
    areas: dict[int, list[tuple[int, float, Kind]]] = {}
    plainly = [0.0] * len(choice.found)
    for meaning, share in zip(choice.meanings, choice.shares, strict=True):
        if meaning.place.kind < Kind.TOWN:
            plainly[meaning.mention] += share
            sure = 1 / (1 + math.exp(-choice.found[meaning.mention].odds - 1.5))
            areas.setdefault(meaning.place.id, []).append((meaning.mention, sure, meaning.place.kind))
    bonus = []
    strict = {
        number: _OUTSIDE[mention.origin]
        for number, (mention, share) in enumerate(zip(choice.found, plainly, strict=True))
        if mention.origin in _OUTSIDE and share > 0.7
    }
    for meaning in choice.meanings:
        total, agreed = 0.0, set()
        for above in meaning.place.within:
            for number, sure, kind in areas.get(above, ()):
                same = choice.found[number].names == choice.found[meaning.mention].names
                if not same and number not in agreed:
                    agreed.add(number)
                    beside = _beside(choice.found, meaning.mention, number)
                    total += math.log1p(sure * math.expm1(_HOLDS[kind] + (3.0 if beside else 0)))
        if meaning.place.kind >= Kind.TOWN and meaning.mention not in strict and agreed.isdisjoint(strict):
            total -= max(strict.values(), default=0.0)
        bonus.append(total)
    return bonus


def _beside(found: list[Mention], one: int, other: int) -> bool:
    """Whether two mentions follow each other in a text with nothing but a comma or a bracket between them."""
    first, second = (found[number] for number in sorted((one, other)))
    if first.origin is Origin.FIELD and first.text == second.text:
        return abs(one - other) < 4
    return (
        abs(one - other) == 1
        and first.text == second.text
        and first.end == second.start
        and second.gap.strip() in (",", "(", "", "/", "-", ";", "_", ", (")
    )


def _by_nearness(choice: _Choice) -> list[float]:
    """What places named elsewhere in the texts add to the log weight of those within 50 km of them."""
    kept = [
        number
        for number, (meaning, share) in enumerate(zip(choice.meanings, choice.shares, strict=True))
        if share > 0.05 and meaning.place.kind >= Kind.TOWN
    ]
    bonus = [0.0] * len(choice.meanings)
    if len({choice.meanings[number].mention for number in kept}) < 2:
        return bonus
    towns = [number for number, meaning in enumerate(choice.meanings) if meaning.place.kind >= Kind.TOWN]
    near = _gaps_km(choice, towns, kept) < _NEAR_KM
    names = {mention.names: number for number, mention in enumerate(choice.found)}
    name = np.array([names[choice.found[meaning.mention].names] for meaning in choice.meanings])
    near &= name[towns][:, None] != name[kept]
    weight = np.array([choice.shares[number] for number in kept])
    for number, total in zip(towns, (near @ weight).tolist(), strict=True):
        bonus[number] = math.log1p(15.0 * total)
    return bonus


def _gaps_km(choice: _Choice, ones: list[int], others: list[int]) -> geo.Floats:
    """Distances in km between meanings, shape [ones, others]."""
    points = [meaning.place.location for meaning in choice.meanings]
    lat, lon = (np.array([getattr(point, axis) for point in points]) for axis in ("lat", "lon"))
    return geo.distance_km(lat[ones][:, None], lon[ones][:, None], lat[others], lon[others])


def _by_folder(choice: _Choice, by_area: list[float]) -> list[float]:
    """What a folder that is called after a town takes off places elsewhere that no area speaks for.

    In a town's archive an unknown name is a street or a house far more often than another town.
    """
    home = [
        number
        for number, (meaning, share) in enumerate(zip(choice.meanings, choice.shares, strict=True))
        if choice.found[meaning.mention].origin is Origin.FOLDER
        and meaning.place.kind >= Kind.TOWN
        and share > 0.4
    ]
    bonus = [0.0] * len(choice.meanings)
    if home:
        others = [
            number
            for number, (meaning, support) in enumerate(zip(choice.meanings, by_area, strict=True))
            if meaning.place.kind >= Kind.COUNTY
            and choice.found[meaning.mention].origin not in (Origin.FOLDER, Origin.FIELD)
            and support < 3.0
        ]
        loss = -4.0 * max(choice.shares[number] for number in home)
        for number, gap in zip(others, _gaps_km(choice, others, home).min(axis=1).tolist(), strict=True):
            bonus[number] = loss if gap > _NEAR_KM else 0.0
    return bonus


def _as_area(choice: _Choice) -> list[float]:
    """What an area gains from a place in it that is named too, most right beside it ("Albany, New York")."""
    held = _held(choice)
    bonus = []
    for meaning in choice.meanings:
        inside = 0.0
        if meaning.place.kind < Kind.TOWN:
            inside = sum(
                shares.get(meaning.place.id, 0.0)
                * (60.0 if _beside(choice.found, meaning.mention, other) else 10.0)
                for other, shares in enumerate(held)
                if choice.found[other].names != choice.found[meaning.mention].names
            )
        bonus.append(math.log1p(inside))
    return bonus


def _held(choice: _Choice) -> list[dict[int, float]]:
    """For each mention, the areas that hold places it may mean, and the probability of each."""
    held: list[dict[int, float]] = [{} for _ in choice.found]
    for meaning, share in zip(choice.meanings, choice.shares, strict=True):
        areas = held[meaning.mention]
        for area in meaning.place.within:
            areas[area] = areas.get(area, 0.0) + share
    return held


def _joined(choice: _Choice) -> tuple[list[Place], list[float]]:
    """One distribution over places: mentions vote by salience, an area gives way to a place within it."""
    doubts: dict[Names, float] = {}
    for mention, sure in zip(choice.found, choice.sure, strict=True):
        doubts[mention.names] = min(1 - sure, doubts.get(mention.names, 1.0))
    none = math.prod(doubts.values())
    strength, held = _salience(choice), _held(choice)
    votes: dict[int, float] = {}
    places: dict[int, Place] = {}
    for meaning, share in zip(choice.meanings, choice.shares, strict=True):
        weight = share * strength[meaning.mention]
        if meaning.place.kind < Kind.TOWN:
            others = (
                shares.get(meaning.place.id, 0.0) for at, shares in enumerate(held) if at != meaning.mention
            )
            weight *= 1 - min(0.99, max(others, default=0.0))
        mention, known = choice.found[meaning.mention], places.get(meaning.place.id)
        radius = _radius_km(meaning.place, mention)
        if known is None or radius < known.radius_km:
            places[meaning.place.id] = replace(meaning.place, radius_km=radius)
        votes[meaning.place.id] = votes.get(meaning.place.id, 0.0) + weight
    sharp = {number: vote**SHARP for number, vote in votes.items()}
    total = sum(sharp.values()) or 1.0
    return list(places.values()), [(1 - none) * sharp[number] / total for number in places]


def _radius_km(place: Place, mention: Mention) -> float:
    """The radius for a place that is meant by a mention."""
    away = place.kind >= Kind.TOWN and mention.origin is not Origin.FOLDER
    return place.radius_km * (AWAY if away else 1.0) + mention.loose_km


def _salience(choice: _Choice) -> list[float]:
    """How much each mention says about where the picture was taken: its origin, its place in the order."""
    seen: dict[Origin, float] = {}
    names: set[tuple[Origin, Names]] = set()
    found = []
    towns = [0.0] * len(choice.found)
    for meaning, share in zip(choice.meanings, choice.shares, strict=True):
        towns[meaning.mention] += share if meaning.place.kind >= Kind.TOWN else 0.0
    for mention, sure in zip(choice.found, towns, strict=True):
        earlier = seen.get(mention.origin, 0.0)
        again = (mention.origin, mention.names) in names
        found.append(
            _SALIENCE[mention.origin]
            * (1.0 if mention.origin is Origin.FIELD else 0.7**earlier)
            * (0.5 if again else 1.0)
        )
        if not again:
            seen[mention.origin] = earlier + sure
            names.add((mention.origin, mention.names))
    return found


def _hints(best: Place, choice: _Choice) -> tuple[Hint, ...]:
    """The names that mean the answer or an area that holds it, and how probably each does."""
    named: dict[tuple[Origin, str], float] = {}
    for meaning, share in zip(choice.meanings, choice.shares, strict=True):
        mention = choice.found[meaning.mention]
        if share > 0.1 and (meaning.place.id == best.id or meaning.place.id in best.within):
            key = mention.origin, mention.written
            named[key] = max(share, named.get(key, 0.0))
    return tuple(Hint("words", origin, text, round(share, 4)) for (origin, text), share in named.items())
