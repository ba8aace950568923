"""TIFF streams, Exif blocks and JPEG files by hand: small, in both byte orders, sound or broken on purpose.

They share no code with geotag, so that a mistake in its reading or writing cannot hide itself.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

from PIL import Image

Value = tuple[int, int, int, bytes]
"""Tag, type, count, and the value in the byte order of its stream."""

MAKER_NOTE = b"TestMaker\0" + bytes(range(64))
THUMBNAIL = b"\xff\xd8\xff\xdb\0\x03\0thumbnail\xff\xd9"


def directory(order: str, at: int, values: Sequence[Value], following: int = 0) -> bytes:
    """A directory at offset `at`, entries as given, values right behind it on even offsets."""
    behind = at + 2 + 12 * len(values) + 4
    entries = heap = b""
    for tag, kind, count, data in values:
        where = data.ljust(4, b"\0")
        if len(data) > 4:
            where = struct.pack(order + "I", behind + len(heap))
            heap += data + bytes(len(data) % 2)
        entries += struct.pack(order + "HHI", tag, kind, count) + where
    return struct.pack(order + "H", len(values)) + entries + struct.pack(order + "I", following) + heap


def long(order: str, tag: int, *numbers: int) -> Value:
    return tag, 4, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers)


def short(order: str, tag: int, *numbers: int) -> Value:
    return tag, 3, len(numbers), struct.pack(f"{order}{len(numbers)}H", *numbers)


def text(tag: int, words: str) -> Value:
    return tag, 2, len(words) + 1, words.encode() + b"\0"


def rationals(order: str, tag: int, *numbers: int) -> Value:
    return tag, 5, len(numbers) // 2, struct.pack(f"{order}{len(numbers)}I", *numbers)


def camera_gps(order: str) -> list[Value]:
    """What a camera in Paris writes: a position with altitude, time and the direction of the lens."""
    return [
        (0, 1, 4, bytes((2, 2, 0, 0))),
        text(1, "N"),
        rationals(order, 2, 48, 1, 51, 1, 3014, 100),
        text(3, "E"),
        rationals(order, 4, 2, 1, 17, 1, 4006, 100),
        (5, 1, 1, b"\0"),
        rationals(order, 6, 35, 1),
        rationals(order, 7, 12, 1, 30, 1, 5, 1),
        text(16, "M"),
        rationals(order, 17, 18_550, 100),
        text(29, "2019:07:14"),
    ]


def header(order: str, first: int = 8) -> bytes:
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", first)


def exif(
    order: str = "<",
    gps: Sequence[Value] | None = None,
    extra: Sequence[Value] = (),
    note: bytes = MAKER_NOTE,
) -> bytes:
    """An Exif block as cameras write it: IFD0, Exif with a maker's note, GPS where given, a thumbnail."""

    def ifd0(exif_at: int, gps_at: int, next_at: int) -> bytes:
        values = [text(271, "Test"), short(order, 274, 1), long(order, 34665, exif_at), *extra]
        if gps is not None:
            values.append(long(order, 34853, gps_at))
        return directory(order, 8, sorted(values), next_at)

    inner: list[Value] = [(36864, 7, 4, b"0232"), (37500, 7, len(note), note)]
    exif_at = 8 + len(ifd0(0, 0, 0))
    gps_at = exif_at + len(directory(order, exif_at, inner))
    behind = b"" if gps is None else directory(order, gps_at, gps)
    next_at = gps_at + len(behind)
    size = len(directory(order, next_at, [short(order, 259, 6), long(order, 513, 0), long(order, 514, 0)]))
    thumbnail = [short(order, 259, 6), long(order, 513, next_at + size), long(order, 514, len(THUMBNAIL))]
    return b"".join(
        (
            header(order),
            ifd0(exif_at, gps_at, next_at),
            directory(order, exif_at, inner),
            behind,
            directory(order, next_at, thumbnail),
            THUMBNAIL,
        )
    )


def tiff(order: str = "<", pages: int = 1, tiled: bool = False, extra: Sequence[Value] = ()) -> bytes:
    """A grey TIFF of 16 by 16 pixels a page: two strips or one tile, the directories before the data."""
    offsets, lengths, pieces = (324, 325, (256,)) if tiled else (273, 279, (128, 128))
    shape = [(322, 16), (323, 16)] if tiled else [(278, 8)]
    out = b""
    for page in range(pages):
        at = 8 + len(out)

        def page_directory(data_at: int, following: int, at: int = at) -> bytes:
            starts = [data_at + sum(pieces[:i]) for i in range(len(pieces))]
            numbers = [(256, 16), (257, 16), (258, 8), (259, 1), (262, 1), (277, 1), *shape]
            values = [short(order, tag, number) for tag, number in numbers]
            values += [long(order, offsets, *starts), long(order, lengths, *pieces), *extra]
            return directory(order, at, sorted(values), following)

        data_at = at + len(page_directory(0, 0))
        following = data_at + 256 if page + 1 < pages else 0
        out += page_directory(data_at, following) + bytes((i * 7 + page) % 256 for i in range(256))
    return header(order) + out


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


JFIF = segment(0xE0, b"JFIF\0\x01\x02\x01\x02\x58\x02\x58\0\0")
XMP = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def coded(progressive: bool = False) -> bytes:
    """The tables and the coded data of a small picture, up to EOI: a JPEG without SOI and APP0."""
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((48, 32))
    image.save(out, "JPEG", progressive=progressive, quality=90)
    return out.getvalue()[2 + 18 :]


def jpeg(*segments: bytes, trailer: bytes = b"", progressive: bool = False) -> bytes:
    """A JPEG file of these segments, a small picture and what follows EOI."""
    return b"\xff\xd8" + b"".join(segments) + coded(progressive) + trailer


def mpf(order: str, records: Sequence[tuple[int, int]]) -> bytes:
    """An index of pictures as an APP2 segment: size and offset of each (CIPA DC-007, 5.2.3)."""
    entries = b"".join(struct.pack(order + "IIIHH", 0x30000, size, at, 0, 0) for size, at in records)
    values = [(0xB000, 7, 4, b"0100"), long(order, 0xB001, len(records)), (0xB002, 7, len(entries), entries)]
    return segment(0xE2, b"MPF\0" + header(order) + directory(order, 8, values))


def mpo(*before: bytes, after: Sequence[bytes] = (), order: str = "<", seconds: int = 2) -> bytes:
    """A multi-picture file: segments, index, more segments, picture, then `seconds` more pictures."""
    others = [jpeg(JFIF, segment(0xFE, b"picture %d" % number)) for number in range(seconds)]
    index = mpf(order, [(0, 0)] * (1 + seconds))
    primary = len(jpeg(*before, index, *after))
    base = 2 + len(b"".join(before)) + 8
    records, at = [(primary, 0)], primary
    for other in others:
        records.append((len(other), at - base))
        at += len(other)
    return jpeg(*before, mpf(order, records), *after, trailer=b"".join(others))
