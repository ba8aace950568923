"""The TIFF stream: its directories (IFDs) read in place, and new directories written.

A TIFF file and an Exif block are the same thing here: an 8-byte header, then directories of 12-byte
entries that point to values by offset from the header (TIFF 6.0, section 2; Exif 2.32, 4.6). BigTIFF
(16-byte header, 20-byte entries) is read, never written.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from geotag.errors import RefusedError
from geotag.metadata.patch import Buffer
from geotag.metadata.signatures import BIG_TIFF, TIFF

BYTE, ASCII, LONG, RATIONAL, UNDEFINED, SIGNED_LONG, IFD = 1, 2, 4, 5, 7, 9, 13

# Bytes of one value by type: TIFF 6.0 section 2, 13 = IFD (TIFF technical note 1), 16..18 = BigTIFF,
# 129 = UTF-8 (Exif 3.0).
CLASSIC_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_SIZES = CLASSIC_SIZES | {16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}

EXIF, GPS, INTEROP, SUB_IFDS, GLOBAL = 34665, 34853, 40965, 330, 400
POINTERS = {EXIF: "Exif", GPS: "GPS", INTEROP: "Interop", SUB_IFDS: "SubIFD", GLOBAL: "Global"}

_MOST_ENTRIES = 2_000_000
_MOST_OVERLAP = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its tag, type and count, where the entry lies, and where its value lies (bytes)."""

    tag: int
    type: int
    count: int
    at: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Field:
    """An entry with its value, ready to be written: `data` is in the byte order of the stream."""

    tag: int
    type: int
    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory: where it starts, its entries as they stand, the next one's offset (0: none).

    `end` is the offset behind the pointer to the next directory; `whole` is False when the stream ends
    before the entries do.
    """

    name: str
    offset: int
    entries: tuple[Entry, ...]
    next: int
    end: int
    whole: bool

    def find(self, tag: int) -> Entry | None:
        """The first entry with this tag."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


class Stream:
    """A TIFF stream over a buffer; raises RefusedError when it does not begin with a TIFF header.

    `order` is the byte order as `struct` writes it; `inline` is how many bytes of a value fit in its entry.
    """

    def __init__(self, data: Buffer) -> None:
        head = bytes(data[:16])
        self.data = data
        self.big = head[:4] in BIG_TIFF
        order = BIG_TIFF.get(head[:4]) or TIFF.get(head[:4])
        if order is None or len(head) < (16 if self.big else 8):
            raise RefusedError("its TIFF or Exif block does not begin with a TIFF header")
        self.order = order
        self.classic = head[:4] in (b"II*\0", b"MM\0*")
        count, entry, offset = ("Q", "HHQQ", "Q") if self.big else ("H", "HHII", "I")
        self._count, self._entry, self._offset = (struct.Struct(order + f) for f in (count, entry, offset))
        self.inline = self._offset.size
        self.first: int = self._offset.unpack_from(head, 8 if self.big else 4)[0]

    def directory(self, offset: int, name: str) -> Directory:
        """The directory at `offset`; raises RefusedError when there is none inside the stream."""
        begin = offset + self._count.size
        if offset < 8 or begin > len(self.data):
            raise RefusedError(f"the pointer to its {name} directory leads outside")
        declared: int = self._count.unpack(self.data[offset:begin])[0]
        count = min(declared, (len(self.data) - begin) // self._entry.size)
        entries = tuple(self._entry_at(begin + index * self._entry.size) for index in range(count))
        tail = begin + count * self._entry.size
        following = 0
        if count == declared and tail + self._offset.size <= len(self.data):
            following = self._offset.unpack(self.data[tail : tail + self._offset.size])[0]
        return Directory(name, offset, entries, following, tail + self._offset.size, count == declared)

    def _entry_at(self, at: int) -> Entry:
        tag, kind, count, offset = self._entry.unpack(self.data[at : at + self._entry.size])
        size = _SIZES.get(kind, 0) * count
        if size <= self.inline:
            offset = at + self._entry.size - self.inline
        return Entry(tag, kind, count, at, offset, size)

    def value(self, entry: Entry) -> bytes:
        """The bytes of a value; empty when it reaches outside the stream or its type is unknown."""
        end = entry.offset + entry.size
        return bytes(self.data[entry.offset : end]) if end <= len(self.data) else b""

    def numbers(self, entry: Entry | None) -> tuple[int, ...]:
        """The whole numbers of a value; empty when there is no entry or it holds something else."""
        if entry is None or entry.type not in _NUMBERS:
            return ()
        value = self.value(entry)
        return struct.unpack(f"{self.order}{entry.count}{_NUMBERS[entry.type]}", value) if value else ()

    def field(self, entry: Entry) -> Field:
        """An entry with its value, to be written elsewhere; a value inside the entry with its padding."""
        size = max(entry.size, self.inline)
        return Field(entry.tag, entry.type, entry.count, bytes(self.data[entry.offset : entry.offset + size]))


def walk(stream: Stream) -> list[Directory]:
    """Every directory: IFD0 first, each page followed by its own directories.

    Raises RefusedError when a pointer leads outside, a directory is cut off or names a tag twice, or
    two pointers lead to the same directory (a loop, or a shared one).
    """
    found: list[Directory] = []
    seen: set[int] = set()
    entries = size = 0

    def visit(offset: int, name: str) -> Directory:
        nonlocal entries, size
        if offset in seen:
            raise RefusedError("its directories run in a loop")
        seen.add(offset)
        directory = stream.directory(offset, name)
        if not directory.whole:
            raise RefusedError(f"its {name} directory is cut off")
        # Only a hostile file has values that overlap this much: following them could take for ever.
        entries += 1 + len(directory.entries)
        size += sum(entry.size for entry in directory.entries if entry.size <= len(stream.data))
        if entries > _MOST_ENTRIES or size > _MOST_OVERLAP * (len(stream.data) + 1024):
            raise RefusedError("its directories hold more than the file")
        tags = [entry.tag for entry in directory.entries]
        if len(set(tags)) < len(tags):
            raise RefusedError(f"its {name} directory names a tag twice")
        found.append(directory)
        children = [
            (at, label) for tag, label in POINTERS.items() for at in stream.numbers(directory.find(tag))
        ]
        for at, label in children:
            if name.count("/") > 4:
                raise RefusedError("its directories are nested too deep")
            visit(at, f"{name}/{label}")
        return directory

    following, page = stream.first, 0
    while following:
        following = visit(following, f"IFD{page}").next
        page += 1
    if not found:
        raise RefusedError("its TIFF or Exif block has no directory")
    return found


def written(order: str, fields: Sequence[Field], offset: int) -> bytes:
    """A classic directory as bytes, to stand at the even `offset`: entries in ascending order of tag, no
    next directory, values behind it on even offsets (TIFF 6.0, section 2). Raises RefusedError for more
    entries than a directory can count.
    """
    at = offset + 2 + 12 * len(fields) + 4
    entries, values = b"", b""
    for field in sorted(fields, key=lambda field: field.tag):
        inline = len(field.data) <= 4
        where = field.data.ljust(4, b"\0") if inline else struct.pack(order + "I", at + len(values))
        entries += struct.pack(order + "HHI", field.tag, field.type, field.count) + where
        if not inline:
            values += field.data + bytes(len(field.data) % 2)
    return counted(order, len(fields)) + entries + bytes(4) + values


def counted(order: str, entries: int) -> bytes:
    """The first two bytes of a directory; raises RefusedError when they cannot hold the number."""
    if entries > 0xFFFF:
        raise RefusedError("has no room for another entry in a directory")
    return struct.pack(order + "H", entries)
