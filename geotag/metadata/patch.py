"""What codecs read, and patches: a file before and after, told apart by a few splices."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Protocol, overload

from geotag.types import Patch, Splice

_PAGE = 1 << 18


class Buffer(Protocol):
    """What codecs read: bytes, or anything that is sliced like bytes and never copied whole."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...
    def find(self, sub: bytes, start: int = ..., end: int = ..., /) -> int: ...


class Pages:
    """A large open file as a Buffer, read piece by piece.

    A file mapped into memory would end the whole process where the disk has a bad block or the file shrinks;
    this raises OSError instead. `page` is how many bytes are read at once, where no more are asked for.
    """

    def __init__(self, file: BinaryIO, page: int = _PAGE) -> None:
        self._file, self._least = file, page
        self._size = file.seek(0, os.SEEK_END)
        self._at, self._page = 0, b""

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...
    def __getitem__(self, key: int | slice, /) -> int | bytes:
        if isinstance(key, slice):
            start, stop, step = key.indices(self._size)
            return self._read(start, max(0, stop - start))[::step]
        place = range(self._size)[key]
        return self._read(place, 1)[0]

    def find(self, sub: bytes, start: int = 0, end: int | None = None, /) -> int:
        """Where `sub` first lies whole between `start` and `end`; -1 if nowhere."""
        start, end, _ = slice(start, end).indices(self._size)
        for at in range(start, max(start, end - len(sub) + 1), _PAGE):
            found = self._read(at, min(end - at, _PAGE + len(sub) - 1)).find(sub)
            if found >= 0:
                return at + found
        return -1

    def _read(self, at: int, length: int) -> bytes:
        if at < self._at or at + length > self._at + len(self._page):
            self._file.seek(at)
            self._at, self._page = at, self._file.read(min(max(length, self._least), self._size - at))
        piece = self._page[at - self._at : at - self._at + length]
        if len(piece) < length:
            raise OSError(errno.EIO, "the file became shorter while it was read")
        return piece


@dataclass(frozen=True, slots=True)
class Blocks:
    """What a file says about its picture: Exif blocks (TIFF streams), TIFF streams that begin with their
    GPS directory, XMP packets, Photoshop's image resources, and plain texts in which nothing tells the
    character set.
    """

    exif: tuple[Buffer, ...] = ()
    gps: tuple[Buffer, ...] = ()
    xmp: tuple[bytes, ...] = ()
    resources: tuple[bytes, ...] = ()
    texts: tuple[bytes, ...] = ()


Range = tuple[int, int]
"""A stretch of a file: offset and length in bytes."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What puts a position into a file, and where its coded picture lies before that."""

    patch: Patch
    picture: tuple[Range, ...]


def apply(data: bytes, patch: Patch) -> bytes:
    """`data` with every splice of `patch` done: for small files and for tests."""
    parts: list[bytes] = []
    at = 0
    for splice in patch:
        parts += [data[at : splice.offset], splice.data]
        at = splice.offset + splice.length
    return b"".join([*parts, data[at:]])


def growth(patch: Patch) -> int:
    """By how many bytes `patch` makes a file longer."""
    return sum(len(splice.data) - splice.length for splice in patch)


def shifted(patch: Patch, offset: int) -> Patch:
    """`patch` of a block as a patch of the file in which the block starts at `offset`."""
    return tuple(Splice(splice.offset + offset, splice.length, splice.data) for splice in patch)


def ordered(*patches: Patch) -> Patch:
    """Several patches of one file as one; raises ValueError when two of them touch the same bytes."""
    merged = sorted((splice for patch in patches for splice in patch), key=lambda splice: splice.offset)
    for before, after in pairwise(merged):
        if before.offset + before.length > after.offset:
            raise ValueError(f"two edits meet at byte {after.offset}")
    return tuple(merged)


def kept(size: int, patch: Patch) -> Iterator[tuple[int, int, int]]:
    """What a patch leaves alone in a file of `size` bytes: (offset before, offset after, length)."""
    at = shift = 0
    for splice in patch:
        if splice.offset > at:
            yield at, at + shift, splice.offset - at
        at = splice.offset + splice.length
        shift += len(splice.data) - splice.length
    if size > at:
        yield at, at + shift, size - at
