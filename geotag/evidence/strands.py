"""A folder of photographs as strands: those that one camera took, or one numbered roll, each in its order.

Cameras count seconds by clocks that nobody compared: times of one camera are in order among themselves, times
of two may be off by whole hours. Scans have no time of their own, but numbers in their names (IMG_0123,
roll12_034). So a strand is a camera (make, model, serial) where photographs say so, and what stands before
the number of a name where they do not.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geotag.types import Location

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_LAST = re.compile(r"(.*?)(\d{1,9})\D*", re.DOTALL)
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph of a folder: its file name, when it was taken, by which camera, and where.

    `when` is in seconds by the camera's clock, or of UTC where `offset` (the clock's zone in seconds) is
    known; None where it says nothing. `location` is a camera's or a person's position, in a sidecar where
    `beside` says so; never a guess.
    """

    name: str
    when: float | None = None
    offset: float | None = None
    camera: str = ""
    location: Location | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """Photographs in their order: `shots` are places in the roll, `at` where they stand (ascending).

    `at` is in seconds where the strand is `timed`, otherwise in numbers of the names; NaN never. `utc` tells
    that it counts seconds of UTC.
    """

    shots: Indices
    at: Floats
    timed: bool
    utc: bool


class Roll:
    """The photographs of one folder, in columns (a hundred bytes each)."""

    def __init__(self, shots: Iterable[Shot]) -> None:
        self.names: list[str] = []
        when, offset, lat, lon = (array("d") for _ in range(4))
        camera, number, beside = array("i"), array("q"), array("b")
        cameras: dict[str, int] = {"": 0}
        prefixes: dict[str, int] = {}
        prefix = array("i")
        nothing = float("nan")
        for shot in shots:
            self.names.append(shot.name)
            when.append(nothing if shot.when is None else shot.when)
            offset.append(nothing if shot.offset is None else shot.offset)
            lat.append(nothing if shot.location is None else shot.location.lat)
            lon.append(nothing if shot.location is None else shot.location.lon)
            camera.append(cameras.setdefault(shot.camera, len(cameras)))
            head, digits = numbered(shot.name)
            prefix.append(prefixes.setdefault(head, len(prefixes)))
            number.append(digits)
            beside.append(shot.beside)
        self.when, self.offset = np.frombuffer(when), np.frombuffer(offset)
        self.lat, self.lon = np.frombuffer(lat), np.frombuffer(lon)
        self.number = np.frombuffer(number, np.int64)
        self.beside = np.frombuffer(beside, np.int8).astype(bool)
        self._camera = np.frombuffer(camera, np.int32)
        self._prefix = np.frombuffer(prefix, np.int32)

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which photographs have a position."""
        return ~np.isnan(self.lat)

    @cached_property
    def strands(self) -> list[Strand]:
        """The roll's strands; each photograph stands in one, or in none where nothing tells its order."""
        key = self._keys()
        order = np.argsort(key, kind="stable")
        edges = np.flatnonzero(np.diff(key[order])) + 1
        found = (self._strand(np.sort(shots)) for shots in np.split(order, edges) if len(shots))
        return [strand for strand in found if len(strand.shots)]

    @cached_property
    def _place(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For each photograph the strand it stands in (-1: none) and its place there."""
        strand, place = (np.full(len(self.names), -1, np.int32) for _ in range(2))
        for index, found in enumerate(self.strands):
            strand[found.shots], place[found.shots] = index, np.arange(len(found.shots), dtype=np.int32)
        return strand, place

    def place(self, shot: int) -> tuple[int, int]:
        """The strand a photograph stands in and its place there; (-1, -1) for none."""
        strand, place = self._place
        return int(strand[shot]), int(place[shot])

    def _keys(self) -> NDArray[np.int64]:
        """A number for the strand of each photograph.

        One that names no camera belongs to the camera that most photographs with such names were taken with.
        """
        key = self._camera.astype(np.int64)
        for prefix in np.unique(self._prefix[self._camera == 0]):
            alike = self._prefix == prefix
            known = self._camera[alike & (self._camera > 0)]
            owner = Counter(known.tolist()).most_common(1)[0][0] if len(known) else -1 - int(prefix)
            key[alike & (self._camera == 0)] = owner
        return key

    def _strand(self, shots: Indices) -> Strand:
        when = self.when[shots] - self._zone(shots)
        known = ~np.isnan(when)
        # Many photographs of one moment are what a copy or a scan leaves behind.
        if not known.any() or (np.count_nonzero(known) > 2 and np.ptp(when[known]) == 0):
            return self._numbered(shots)
        at = self._filled(shots, when)
        shots, at = shots[~np.isnan(at)], at[~np.isnan(at)]
        order = np.argsort(at, kind="stable")
        utc = not np.isnan(self.offset[shots]).all()
        return Strand(shots[order], at[order], timed=True, utc=utc)

    def _zone(self, shots: Indices) -> Floats:
        """What a clock is ahead of UTC in seconds, 0 throughout where no photograph says.

        One that does not say is taken to keep the zone of most others.
        """
        offset = self.offset[shots]
        stated = offset[~np.isnan(offset)]
        usual = Counter(stated.tolist()).most_common(1)[0][0] if len(stated) else 0.0
        return np.where(np.isnan(offset), usual, offset)

    def _filled(self, shots: Indices, when: Floats) -> Floats:
        """Times of all photographs: one without stands between those with the numbers next to its own."""
        at = when.copy()
        for prefix in np.unique(self._prefix[shots[np.isnan(when)]]):
            alike = np.flatnonzero((self._prefix[shots] == prefix) & (self.number[shots] >= 0))
            alike = alike[np.argsort(self.number[shots[alike]], kind="stable")]
            known = alike[~np.isnan(when[alike])]
            if len(known) and (np.diff(when[known]) >= -_HOUR).all():
                number = self.number[shots].astype(np.float64)
                at[alike] = np.where(
                    np.isnan(when[alike]), np.interp(number[alike], number[known], when[known]), when[alike]
                )
        return at

    def _numbered(self, shots: Indices) -> Strand:
        """A strand by the numbers of the names that are most among them."""
        counts = Counter(self._prefix[shots[self.number[shots] >= 0]].tolist())
        usual = counts.most_common(1)[0][0] if counts else -1
        shots = shots[(self._prefix[shots] == usual) & (self.number[shots] >= 0)]
        shots = shots[np.argsort(self.number[shots], kind="stable")]
        return Strand(shots, self.number[shots].astype(np.float64), timed=False, utc=False)


def numbered(name: str) -> tuple[str, int]:
    """What stands before the last number in a file's name, and that number; -1 where there is none."""
    stem = name.rpartition(".")[0] or name
    match = _LAST.fullmatch(stem)
    return (match[1].casefold(), int(match[2])) if match else (stem.casefold(), -1)
