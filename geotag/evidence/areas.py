"""Names that a radius supports: a town, the area that holds most of a distribution, country or continent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from geotag.evidence import gazetteer
from geotag.evidence.gazetteer import Place
from geotag.texts import Candidate
from geotag.types import Location, Prediction

TOWN_KM = 25.0
"""Up to this radius an answer may bear the name of a town; beyond it, of an area that is as large."""

SHARE = 0.8
"""So much of a distribution has to lie in an area that is named."""

_FITS = 1.25
_NEARBY_KM = (60.0, 240.0, 960.0)
_LEAST = 0.01
_SMALL_TOWN, _LARGE_TOWN = 1, 15_000
_WIDEST_KM = 4_000.0
"""The largest radius of a picture alone for which it is looked up what holds it: a continent's."""

CONTINENTS = {
    "Africa": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG "
    "ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    "Antarctica": "AQ BV GS HM TF",
    "Asia": "AE AF AM AZ BD BH BN BT CC CN GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN "
    "MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TM TR TW UZ VN YE",
    "Europe": "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI "
    "LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
    "North America": "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS "
    "MX NI PA PM PR SV SX TC TT US VC VG VI",
    "Oceania": "AS AU CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TL TO TV UM VU WF WS",
    "South America": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
}
"""The continents and their countries (ISO 3166-1), as GeoNames counts them."""

_CONTINENT = {country: name for name, listed in CONTINENTS.items() for country in listed.split()}


def names(chosen: Candidate, pieces: Sequence[Candidate], error_km: float) -> tuple[str, str]:
    """The name and the country (ISO 3166-1) of an answer, each "" where the radius supports none.

    `pieces` is the whole distribution, `chosen` the piece that is the answer: its own name stands where it is
    no smaller than the circle, else that of the smallest area which holds 80 % of the distribution.
    """
    country = _country(pieces)
    if error_km <= max(TOWN_KM, _FITS * chosen.radius_km):
        if chosen.place:
            return chosen.place, country
        if error_km <= TOWN_KM:
            return _town(chosen.location)
    return _held(pieces, _SMALL_TOWN)


def of_picture(prediction: Prediction) -> tuple[str, str]:
    """The same for a picture alone, whose regions are too large for the name of a town."""
    if prediction.error_km > _WIDEST_KM or not prediction.regions:
        return "", ""
    pieces = [
        Candidate(region.location, region.radius_km, region.probability, "", "")
        for region in prediction.regions
    ]
    return _held(pieces, _LARGE_TOWN)


def country_name(code: str) -> str:
    """The English name of a country by its ISO 3166-1 code; "" for none."""
    return _countries().get(code, "") if code else ""


@cache
def _countries() -> dict[str, str]:
    return {place.country: place.name for place in gazetteer.load().nations()}


def _country(pieces: Sequence[Candidate]) -> str:
    """The country that holds most of what the pieces say of themselves."""
    shares: dict[str, float] = defaultdict(float)
    for piece in pieces:
        shares[piece.country] += piece.probability
    best = max(shares, key=lambda country: shares[country])
    return best if shares[best] >= SHARE else ""


def _held(pieces: Sequence[Candidate], people: int) -> tuple[str, str]:
    """The smallest area, country or continent that holds 80 % of the pieces, as (name, country)."""
    shares: dict[Place, float] = defaultdict(float)
    continents: dict[str, float] = defaultdict(float)
    for piece in pieces:
        if piece.probability < _LEAST:
            continue
        around = _around(piece.location, max(TOWN_KM, piece.radius_km), people)
        for area in around:
            if piece.radius_km <= _FITS * area.radius_km:
                shares[area] += piece.probability
        country = piece.country or next((area.country for area in around), "")
        continents[_CONTINENT.get(country, "")] += piece.probability
    fitting = [area for area, share in shares.items() if share >= SHARE]
    if fitting:
        area = min(fitting, key=lambda area: area.radius_km)
        return area.name, area.country
    return next((name for name, share in continents.items() if name and share >= SHARE), ""), ""


@lru_cache(maxsize=1024)
def _around(location: Location, reach_km: float, people: int) -> tuple[Place, ...]:
    """The areas that hold the nearest town, smallest first; none where no town is within reach."""
    extract = gazetteer.load()
    # Mostly there is a town nearby, and looking nearby costs little.
    for km in (*(near for near in _NEARBY_KM if near < reach_km), reach_km):
        numbers, off = extract.near(location, km, people)
        if len(numbers):
            town = extract.place(int(numbers[int(off.argmin())]))
            return tuple(map(extract.place, town.within))
    return ()


def _town(location: Location) -> tuple[str, str]:
    """The largest town within whose radius a point lies; "" outside of all, but for the country."""
    extract = gazetteer.load()
    numbers, off = extract.near(location, TOWN_KM, _SMALL_TOWN)
    if not len(numbers):
        return "", ""
    people = extract.arrays["population"][numbers]
    holding = off <= gazetteer.town_km(people)
    if holding.any():
        best = extract.place(int(numbers[int(np.where(holding, people.astype(np.int64), -1).argmax())]))
        return best.name, best.country
    return "", extract.place(int(numbers[int(off.argmin())])).country
