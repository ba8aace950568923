"""The gazetteer in memory: which places bear a name, where they lie, how large they are, what holds them.

The extract `data/gazetteer.safetensors` is built by `export/gazetteer.py`. It is mapped into memory, so that
of it only the pages are read that are looked at; to unpack it would take longer than to load the model.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import threading
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geotag import geo
from geotag.types import Location

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.integer]

FILE = "gazetteer.safetensors"
BLOCK = 32
"""Of things of different sizes every 32nd has a mark, which says where it begins."""

_KINDS = {"U8": "<u1", "I16": "<i2", "U32": "<u4", "I32": "<i4", "F16": "<f2"}
_reading = threading.Lock()


class Kind(IntEnum):
    """What a place is."""

    COUNTRY = 0
    REGION = 1
    STATE = 2
    COUNTY = 3
    TOWN = 4
    HAMLET = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What the words of one name may mean: ids of places, whether each bears it as its main name, and how
    everyday the words are (Zipf scale: 3 is once in a million words; 0 where they are not).
    """

    ids: tuple[int, ...]
    main: tuple[bool, ...]
    everyday: float


@dataclass(frozen=True, slots=True)
class Place:
    """A place: where it lies, how many people live there, the radius in km for 80 % of its photographs.

    `fame` is how many names a town has in the world's languages, which tells more than its size whether it
    is meant; `country` is the ISO 3166-1 code, "" where there are several; `within` are the ids of the areas
    that hold it, the smallest first.
    """

    id: int
    kind: Kind
    name: str
    location: Location
    population: int
    fame: int
    radius_km: float
    country: str
    within: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Folded words in byte order, one after the other, their sizes in bytes, and marks."""

    spelt: memoryview
    sizes: memoryview
    marks: memoryview

    def __len__(self) -> int:
        return len(self.sizes)

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one gazetteer, and it stays
    def __contains__(self, word: str) -> bool:
        return self.first_from(word.encode())[1] == word.encode()

    def first_from(self, sought: bytes) -> tuple[int, bytes]:
        """The first word that is not before the one sought, and its row; b"" for none."""
        spelt, marks, sizes = self.spelt, self.marks, self.sizes
        low, high = 0, len(marks)
        while high - low > 1:
            middle = (low + high) // 2
            at = marks[middle]
            if bytes(spelt[at : at + sizes[middle * BLOCK]]) <= sought:
                low = middle
            else:
                high = middle
        at = marks[low]
        for row in range(low * BLOCK, min(len(self), (low + 1) * BLOCK + 1)):
            found = bytes(spelt[at : at + sizes[row]])
            if found >= sought:
                return row, found
            at += sizes[row]
        return len(self), b""


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """The extract's arrays; `keys` are names, `given` and `family` those of people.

    Areas come first among the places, so that "radius" (km) need only be as long as there are areas.
    """

    arrays: dict[str, NDArray[Any]]
    keys: Words
    given: Words
    family: Words
    labels: memoryview
    countries: tuple[str, ...]

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one gazetteer, and it stays
    def names(self, key: str) -> Names | None:
        """What a folded name (see `words.fold`) may mean, or None."""
        row, found = self.keys.first_from(key.encode())
        if found != key.encode():
            return None
        first, last = self._span("meant", row)
        posted = self.arrays["posted"][first:last].tolist()
        everyday = int(self.arrays["common"][row]) / 10
        return Names(
            tuple(entry >> 1 for entry in posted), tuple(entry & 1 == 1 for entry in posted), everyday
        )

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one gazetteer, and it stays
    def continues(self, key: str) -> bool:
        """Whether some name begins with this folded name and goes on with another word."""
        sought = key.encode() + b" "
        return self.keys.first_from(sought)[1].startswith(sought)

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one gazetteer, and it stays
    def place(self, number: int) -> Place:
        """The place of an id."""
        column = self.arrays
        people = self.people(number)
        start, end = self._span("label", number)
        return Place(
            number,
            Kind(int(column["kind"][number])),
            str(self.labels[start:end], "utf-8"),
            Location(int(column["lat"][number]) / 100, int(column["lon"][number]) / 100),
            people,
            int(column["fame"][number]),
            float(column["radius"][number]) if number < len(column["radius"]) else float(town_km(people)),
            self.countries[int(column["country"][number])],
            self._within(number),
        )

    def people(self, number: int) -> int:
        """How many people live in the place of an id."""
        return int(self.arrays["population"][number])

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one gazetteer, and it stays
    def well_known(self, names: Names, population: int) -> bool:
        """Whether a name is that of a place with at least so many people, or of a region without any of its
        own: a river, a mountain range.
        """
        ids = np.array(names.ids)
        known = (self.arrays["population"][ids] >= population) | (self.arrays["kind"][ids] == Kind.REGION)
        return bool(known.any())

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one gazetteer, and it stays
    def is_region(self, names: Names) -> bool:
        """Whether a name may be that of a region: a river, a mountain range, a land of history."""
        return bool((self.arrays["kind"][np.array(names.ids)] == Kind.REGION).any())

    def nations(self) -> list[Place]:
        """The countries."""
        return [self.place(int(number)) for number in np.flatnonzero(self.arrays["kind"] == Kind.COUNTRY)]

    def cities(self, population: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Latitudes and longitudes in degrees, shape [n] each, of the towns with at least so many people."""
        column = self.arrays
        large = (column["kind"] == Kind.TOWN) & (column["population"] >= population)
        return column["lat"][large] / 100, column["lon"][large] / 100

    def near(self, location: Location, km: float, population: int) -> tuple[Ints, geo.Floats]:
        """The ids of the towns with at least so many people that lie within `km` of a point, [n], and how
        many km off they are, [n]; from south to north.
        """
        numbers, south, east = self._towns(population)
        angle = km / geo.EARTH_RADIUS_KM
        # Stored are hundredths of a degree; for bounds of another type all of them would be copied.
        reach = math.degrees(angle)
        band = [100 * max(-91.0, location.lat - reach) - 1, 100 * min(91.0, location.lat + reach) + 1]
        first, last = np.searchsorted(south, np.array(band, south.dtype))
        numbers, south, east = numbers[first:last], south[first:last], east[first:last]
        # A circle that touches no pole lies between two meridians.
        wide = math.sin(angle) / max(1e-9, math.cos(math.radians(location.lat)))
        if wide < 1 and abs(location.lat) + math.degrees(angle) < 90:
            apart = (east.astype(np.int32) - round(location.lon * 100) + 18_000) % 36_000 - 18_000
            inside = np.abs(apart) <= math.degrees(math.asin(wide)) * 100 + 1
            numbers, south, east = numbers[inside], south[inside], east[inside]
        off = geo.distance_km(location.lat, location.lon, south / 100, east / 100)
        held = off <= km
        return numbers[held], off[held]

    @lru_cache(maxsize=2)  # noqa: B019 - there is one gazetteer, and it stays
    def _towns(self, population: int) -> tuple[Ints, Ints, Ints]:
        """The ids of the towns with at least so many people from south to north, and their latitudes and
        longitudes as they are stored, [n] each.
        """
        column = self.arrays
        chosen = np.flatnonzero((column["kind"] == Kind.TOWN) & (column["population"] >= population))
        chosen = chosen[np.argsort(column["lat"][chosen], kind="stable")].astype(np.int32)
        return chosen, column["lat"][chosen], column["lon"][chosen]

    def _within(self, number: int) -> tuple[int, ...]:
        parent = self.arrays["parent"]
        found: list[int] = []
        above = int(parent[number])
        while above >= 0:
            found.append(above)
            above = int(parent[above])
        return tuple(found)

    def _span(self, name: str, row: int) -> tuple[int, int]:
        """Where one of many things of different sizes begins and ends."""
        sizes, block = self.arrays[name + "_sizes"], row // BLOCK
        start = int(self.arrays[name + "_marks"][block]) + int(sizes[block * BLOCK : row].sum())
        return start, start + int(sizes[row])


def town_km(people: ArrayLike) -> geo.Floats:
    """The radius in km that holds 80 % of the photographs a town's name stands for; measured on captions."""
    return np.asarray(3.25 + 0.0025 * np.sqrt(people))


def load() -> Gazetteer:
    """The extract that ships with geotag; mapped at the first call, and by one thread."""
    with _reading:
        return _load()


@cache
def _load() -> Gazetteer:
    arrays = _mapped(os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", FILE))
    keys, given, family = (
        Words(*(arrays.pop(name + part).data for part in ("s", "_sizes", "_marks")))
        for name in ("key", "given_name", "family_name")
    )
    countries = arrays.pop("countries").tobytes().decode().split("\n")
    return Gazetteer(arrays, keys, given, family, arrays.pop("labels").data, tuple(countries))


def _mapped(path: str) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file (https://huggingface.co/docs/safetensors, "Format"): 8 bytes tell the
    length of a JSON header, and that the kind and place of each array.
    """
    with open(path, "rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {
        name: np.frombuffer(
            content, _KINDS[told["dtype"]], math.prod(told["shape"]), start + told["data_offsets"][0]
        )
        for name, told in header.items()
    }
