"""Where the photographs with known places are: an index of a million rows in plain arrays.

A row is a place, a group that must never be split between training and test, and where the bytes lie.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geotag.score import cells

WHOLE_FILE = -1


@dataclass(frozen=True, slots=True)
class Tagged:
    """One photograph with a place in degrees, as a reader found it.

    `file` is a picture, or an archive of pictures when `size` is not WHOLE_FILE: then the picture is the
    `size` bytes at `offset`. `sequence` names the walk, panorama or album it belongs to ("" when none does),
    `source` the collection it comes from, `key` the photograph within it.
    """

    file: Path
    key: str
    lat: float
    lon: float
    source: str
    sequence: str = ""
    offset: int = 0
    size: int = WHOLE_FILE


class _Names:
    """Strings stored once each and named by number: a shard's path is kept once, not a million times."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))


@dataclass(frozen=True, slots=True)
class Index:
    """Photographs by number: `lat` and `lon` float64 [n] in degrees, and their bytes.

    `cell` and `group`, int64 [n], say which photographs share a vote, and which must stay together.

    Loose files share their folders' names; a row costs about a hundred bytes.
    """

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    cell: NDArray[np.int64]
    group: NDArray[np.int64]
    source: NDArray[np.int64]
    sources: tuple[str, ...]
    _folders: tuple[str, ...]
    _folder: NDArray[np.int64]
    _text: bytes
    _ends: NDArray[np.int64]
    _offset: NDArray[np.int64]
    _size: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lat)

    @property
    def groups(self) -> int:
        """How many groups of photographs there are that must stay together."""
        return int(self.group.max()) + 1 if len(self) else 0

    def key(self, row: int) -> str:
        """The photograph's own name: what its reader called `key`."""
        return self._strings(row)[1]

    def read(self, row: int) -> bytes:
        """The coded picture of one row; raises OSError when its file is gone or too short."""
        name, _ = self._strings(row)
        size = int(self._size[row])
        with Path(self._folders[self._folder[row]], name).open("rb") as file:
            file.seek(int(self._offset[row]))
            data = file.read(size) if size != WHOLE_FILE else file.read()
        if size != WHOLE_FILE and len(data) != size:
            raise OSError(
                f"{name}: {size} bytes were expected at {int(self._offset[row])}, {len(data)} found"
            )
        return data

    def _strings(self, row: int) -> tuple[str, str]:
        start = int(self._ends[row - 1]) if row else 0
        name, key = self._text[start : int(self._ends[row])].split(b"\0")
        return name.decode(errors="surrogateescape"), key.decode(errors="surrogateescape")

    def fingerprint(self) -> str:
        """SHA-256 over names, places and groups: the same photographs in the same order have the same one."""
        digest = hashlib.sha256(self._text)
        for values in (self.lat, self.lon, self.group, self._offset, self._size):
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()


def build(photos: Iterable[Tagged], degrees: float = 1.0) -> Index:
    """Pack photographs into an index, in the order they come; rows outside the range of degrees are left out.

    Photographs that share a cell of so many degrees or a sequence, directly or through others, share a
    `group`. Raises ValueError when such cells do not fill the half turn.
    """
    folders, sources, sequences = _Names(), _Names(), _Names()
    lat, lon = array("d"), array("d")
    folder, source, sequence = array("q"), array("q"), array("q")
    ends, offset, size, text = array("q"), array("q"), array("q"), bytearray()
    for photo in _in_range(photos):
        lat.append(photo.lat)
        lon.append(photo.lon)
        folder.append(folders(str(photo.file.parent)))
        source.append(sources(photo.source))
        sequence.append(sequences(photo.sequence) if photo.sequence else -1)
        text += photo.file.name.encode(errors="surrogateescape") + b"\0"
        text += photo.key.encode(errors="surrogateescape")
        ends.append(len(text))
        offset.append(photo.offset)
        size.append(photo.size)
    places = np.asarray(lat), np.asarray(lon)
    cell = cells(*places, degrees)
    return Index(
        *places,
        cell=cell,
        group=_groups(cell, np.asarray(sequence, np.int64)),
        source=np.asarray(source, np.int64),
        sources=tuple(sources.numbers),
        _folders=tuple(folders.numbers),
        _folder=np.asarray(folder, np.int64),
        _text=bytes(text),
        _ends=np.asarray(ends, np.int64),
        _offset=np.asarray(offset, np.int64),
        _size=np.asarray(size, np.int64),
    )


def _in_range(photos: Iterable[Tagged]) -> Iterator[Tagged]:
    for photo in photos:
        if abs(photo.lat) <= 90 and abs(photo.lon) <= 180 and (photo.lat, photo.lon) != (0.0, 0.0):
            yield photo


def _groups(cell: NDArray[np.int64], sequence: NDArray[np.int64]) -> NDArray[np.int64]:
    """Connected components of "same cell or same sequence" (-1: none), by spreading the smallest label."""
    _, label = np.unique(cell, return_inverse=True)
    label = np.asarray(label, np.int64)
    _, cell = np.unique(cell, return_inverse=True)
    in_one = sequence >= 0
    while True:
        before = label.copy()
        for names, rows in ((sequence[in_one], in_one), (cell, slice(None))):
            if len(names):
                least = np.full(int(names.max()) + 1, np.iinfo(np.int64).max)
                np.minimum.at(least, names, label[rows])
                label[rows] = least[names]
        if np.array_equal(before, label):
            return np.asarray(np.unique(label, return_inverse=True)[1], np.int64)


def folds(index: Index, count: int, seed: int) -> NDArray[np.int64]:
    """Assign every group to one of `count` folds at random: int64 [n], the fold in which a photo is tested.

    Raises ValueError when there are fewer groups than folds.
    """
    if index.groups < count:
        raise ValueError(
            f"{index.groups} groups of photographs cannot be split into {count} folds; give more places"
        )
    order = np.random.default_rng(seed).permutation(np.arange(index.groups) % count)
    return np.asarray(order[index.group])
