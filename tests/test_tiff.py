"""TIFF files and Exif blocks: appended to, never moved; refused where appending could harm."""

from __future__ import annotations

import mmap
import os
import struct
import tracemalloc
from contextlib import nullcontext
from pathlib import Path

import pytest

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import tiff as codec
from geotag.metadata.patch import apply
from geotag.types import Location, Position
from tests.blocks import (
    THUMBNAIL,
    Value,
    camera_gps,
    directory,
    exif,
    header,
    long,
    short,
    text,
    tiff,
)
from tests.codec_checks import PARIS, QUITO, check, embedded

XMP_PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,30N"'
    b' exif:GPSLongitude="2,15E"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("pages", "tiled"), [(1, False), (3, False), (1, True), (4, True)])
def test_only_the_header_changes_and_the_end_grows(order: str, pages: int, tiled: bool) -> None:
    data = tiff(order, pages, tiled)
    patch = codec.embed(data, PARIS, False)
    assert [(s.offset, s.length) for s in patch] == [(4, 4), (len(data), 0)]
    assert check(data)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_pointer_that_is_there_is_patched(order: str) -> None:
    block = exif(order, gps=[(0, 1, 4, bytes((2, 2, 0, 0))), text(29, "2019:07:14")])
    patch = codec.add_gps(block, PARIS, False)
    assert [s.length for s in patch] == [4, 0]
    pointer = block.index(struct.pack(order + "HHI", 34853, 4, 1)) + 8
    assert patch[0].offset == pointer
    out = apply(block, patch)
    assert codec.read_gps(out) == Position(PARIS.location, "geotag geovision-1")
    assert out.count(b"2019:07:14") == 2, "the old directory stays where it was, its date is carried over"


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_copied_directory_keeps_entries_order_and_chain(order: str) -> None:
    block = exif(order)
    out = apply(block, codec.add_gps(block, PARIS, False))
    start = struct.unpack_from(order + "I", out, 4)[0]
    assert start >= len(block)
    assert start % 2 == 0
    count = struct.unpack_from(order + "H", block, 8)[0]
    assert struct.unpack_from(order + "H", out, start)[0] == count + 1
    assert out[start + 2 : start + 2 + 12 * count] == block[10 : 10 + 12 * count]
    behind = struct.unpack_from(order + "I", out, start + 2 + 12 * (count + 1))
    assert behind == struct.unpack_from(order + "I", block, 10 + 12 * count), "the thumbnail's directory"
    assert out[:4] + out[8 : len(block)] == block[:4] + block[8:]


def test_entries_stay_sorted_where_they_were() -> None:
    data = tiff("<", extra=[(50_000, 1, 1, b"\x07"), (65_000, 1, 1, b"\x08")])
    out = embedded(data)
    (start,) = struct.unpack_from("<I", out, 4)
    (count,) = struct.unpack_from("<H", out, start)
    tags = [struct.unpack_from("<H", out, start + 2 + 12 * i)[0] for i in range(count)]
    assert tags == sorted(tags)
    assert 34853 in tags


def test_our_own_tail_is_replaced_not_grown() -> None:
    first = embedded(tiff(">"))
    patch = codec.embed(first, QUITO, False)
    assert len(patch) == 1
    assert patch[0].offset + patch[0].length == len(first)
    assert embedded(apply(first, patch)) == first


def test_our_answer_that_is_not_the_tail_any_more_is_left_in_place() -> None:
    first = embedded(tiff("<")) + b"someone else's bytes"
    second = embedded(first, QUITO)
    assert len(second) > len(first)
    assert b"someone else's bytes" in second
    assert metadata.read(second) == Position(QUITO.location, f"geotag {QUITO.model}")


def test_a_tail_that_others_point_into_is_left_in_place() -> None:
    """A value of someone's else directory inside our tail: replacing the tail would change that value."""
    first = embedded(tiff("<", extra=[(60_000, 7, 8, b"12345678")]))
    (start,) = struct.unpack_from("<I", first, 4)
    entry = first.index(struct.pack("<HHI", 60_000, 7, 8), start) + 8
    shared = first[:entry] + struct.pack("<I", len(first) - 8) + first[entry + 4 :]
    patch = codec.embed(shared, QUITO, False)
    assert all(s.length in (0, 4) for s in patch), "nothing but a pointer gives way"


def test_an_entry_without_a_type_among_others_is_passed_over() -> None:
    assert check(tiff("<", extra=[(60_000, 0, 1, bytes(4))]))
    assert check(exif(">", gps=[text(29, "2019:07:14"), (99, 0, 1, b"abcd")]))


def test_pieces_that_are_not_there_lie_nowhere() -> None:
    """Sparse files, as GDAL writes them, have tiles of no bytes at offset 0."""
    data = tiff("<", tiled=True)
    for tag in (324, 325):
        at = data.index(struct.pack("<HHI", tag, 4, 1)) + 8
        data = data[:at] + bytes(4) + data[at + 4 :]
    assert check(data)


def test_an_odd_end_is_evened_out() -> None:
    data = tiff("<") + b"\x55"
    out = embedded(data)
    assert out[len(data)] == 0
    assert struct.unpack_from("<I", out, 4)[0] == len(data) + 1


def test_a_last_directory_without_a_next_pointer_gets_its_zeros() -> None:
    """Some writers end the file with the last entry; what we append must not read as the next page."""
    data = tiff("<")
    values = [short("<", tag, 1) for tag in (256, 257, 258)]
    cut = header("<", len(data)) + data[8:] + directory("<", len(data), values)[:-4]
    out = apply(cut, codec.add_gps(cut, PARIS, False))
    assert out[len(cut) : len(cut) + 4] == bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_camera_position_stands_unless_asked(order: str) -> None:
    block = exif(order, gps=camera_gps(order))
    found = codec.read_gps(block)
    assert found is not None
    assert found.machine is None
    with pytest.raises(RefusedError, match="already has a position"):
        codec.add_gps(block, PARIS, False)
    out = apply(block, codec.add_gps(block, PARIS, True))
    assert codec.read_gps(out) == Position(PARIS.location, "geotag geovision-1")
    assert THUMBNAIL in out


def gps_in_second_page() -> bytes:
    size = len(tiff("<", pages=2, extra=[long("<", 60_000, 0)]))
    data = tiff("<", pages=2, extra=[long("<", 60_000, size)]) + directory("<", size, [])
    second = data.rindex(struct.pack("<HHI", 60_000, 4, 1))
    return data[:second] + struct.pack("<H", 34853) + data[second + 2 :]


def value_at(offset: int) -> bytes:
    data = tiff("<", extra=[(60_000, 7, 6, b"value!")])
    entry = data.index(struct.pack("<HHI", 60_000, 7, 6))
    return data[: entry + 8] + struct.pack("<I", offset) + data[entry + 12 :]


def broken() -> dict[str, tuple[bytes, str]]:
    plain = tiff("<")
    loop = bytearray(plain)
    (count,) = struct.unpack_from("<H", plain, 8)
    struct.pack_into("<I", loop, 10 + 12 * count, 8)
    away = bytearray(plain)
    struct.pack_into("<I", away, 10 + 12 * count, len(plain))
    return {
        "empty": (b"", "TIFF header"),
        "header only": (header("<", 8), "leads outside"),
        "no directory": (header("<", 0) + bytes(16), "no directory"),
        "directory in the header": (header("<", 4) + bytes(16), "leads outside"),
        "loop": (bytes(loop), "loop"),
        "next page outside": (bytes(away), "leads outside"),
        "cut off directory": (plain[:60], "cut off"),
        "cut off strips": (plain[:-1], "outside"),
        "named twice": (tiff("<", extra=[short("<", 256, 16)]), "twice"),
        "value outside": (tiff("<", extra=[(60_000, 7, 1 << 31, bytes(4))]), "outside"),
        "strips before the start": (
            tiff("<", extra=[(324, 9, 1, b"\xff" * 4), long("<", 325, 4)]),
            "outside",
        ),
        "thumbnail of no place": (tiff("<", extra=[(513, 4, 0, bytes(4)), long("<", 514, 4)]), "how long"),
        "strips without lengths": (tiff("<", extra=[long("<", 324, 8)]), "how long"),
        "exif pointer outside": (tiff("<", extra=[long("<", 34665, 1 << 30)]), "leads outside"),
        "two pointers to one": (tiff("<", extra=[long("<", 330, 8)]), "loop"),
        "unknown type": (tiff("<", extra=[(60_000, 77, 1, bytes(4))]), "unknown type"),
        "first entry without a type": (tiff("<", extra=[(1, 0, 1, bytes(4))]), "unknown type"),
        "value in the header": (value_at(0), "in its header"),
        "value in the first directory": (value_at(8), "in its header or its first"),
        "strip in the header": (tiff("<", extra=[long("<", 324, 4), long("<", 325, 4)]), "in its header"),
        "directory in the first directory": (
            tiff("<", extra=[long("<", 34665, 22)]),
            "cut off|in its header",
        ),
        "gps pointer of text": (tiff("<", extra=[text(34853, "8")]), "wrong type"),
        "gps pointer of two": (tiff("<", extra=[long("<", 34853, 8, 8)]), "loop"),
        "gps in the second page": (gps_in_second_page(), "unusual place"),
        "xmp position": (tiff("<", extra=[(700, 1, len(XMP_PACKET), XMP_PACKET)]), "in its XMP"),
    }


@pytest.mark.parametrize("name", broken())
def test_refused_with_its_reason(name: str) -> None:
    data, reason = broken()[name]
    with pytest.raises(RefusedError, match=reason):
        codec.embed(data, PARIS, True)


def test_smaller_pictures_underneath_stay() -> None:
    size = len(tiff("<", extra=[long("<", 330, 0)]))
    assert check(tiff("<", extra=[long("<", 330, size)]) + directory("<", size, [short("<", 254, 1)]))


def test_a_pointer_of_a_signed_type_is_followed_and_patched() -> None:
    block = exif(">", gps=camera_gps(">"))
    signed = block.replace(struct.pack(">HHI", 34853, 4, 1), struct.pack(">HHI", 34853, 9, 1))
    assert codec.read_gps(signed) == codec.read_gps(block)
    out = apply(signed, codec.add_gps(signed, PARIS, True))
    assert codec.read_gps(out) == Position(PARIS.location, "geotag geovision-1")


def bigtiff(order: str) -> bytes:
    """A BigTIFF with nothing but a position: entries of 20 bytes, offsets of 8."""

    def big(at: int, values: list[Value]) -> bytes:
        heap, entries = b"", b""
        for tag, kind, count, data in values:
            where = data.ljust(8, b"\0")
            if len(data) > 8:
                where = struct.pack(order + "Q", at + 8 + 20 * len(values) + 8 + len(heap))
                heap += data
            entries += struct.pack(order + "HHQ", tag, kind, count) + where
        return struct.pack(order + "Q", len(values)) + entries + bytes(8) + heap

    start = (b"II+\0" if order == "<" else b"MM\0+") + struct.pack(order + "HHQ", 8, 0, 16)
    gps_at = 16 + len(big(16, [long(order, 34853, 0)]))
    return start + big(16, [long(order, 34853, gps_at)]) + big(gps_at, camera_gps(order))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_bigtiff_is_read_and_left_alone(order: str) -> None:
    data = bigtiff(order)
    found = metadata.read(data)
    assert found is not None
    assert (round(found.location.lat, 4), round(found.location.lon, 4)) == (48.8584, 2.2945)
    with pytest.raises(RefusedError, match="BigTIFF"):
        codec.embed(data, PARIS, True)


def test_a_position_in_the_files_own_xmp_is_read() -> None:
    data = tiff(">", extra=[(700, 1, len(XMP_PACKET), XMP_PACKET)])
    assert codec.read_xmp(data) == XMP_PACKET
    assert metadata.read(data) == Position(Location(48.5, 2.25), None)


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_prefix_and_rubbish_reads_as_nothing(order: str) -> None:
    data = exif(order, gps=camera_gps(order))
    whole = metadata.read(data)
    for end in range(len(data)):
        assert metadata.read(data[:end]) in (None, whole)
        assert codec.read_xmp(data[:end]) == b""
    assert metadata.read(b"rubbish") is None


def test_picture_data_are_found_page_by_page() -> None:
    data = tiff("<", pages=2)
    ranges = list(codec.picture(data))
    pixels = b"".join(data[at : at + length] for at, length in ranges)
    assert pixels == bytes((i * 7 + page) % 256 for page in range(2) for i in range(256))
    assert len(ranges) == 4
    out = embedded(data)
    assert list(codec.picture(out)) == ranges


def test_values_shared_over_and_over_are_refused_not_followed() -> None:
    """A few bytes can claim gigabytes of values: thousands of directories that share one array."""
    count, shared = 3000, bytes(60_000)
    at = 8 + len(shared)
    pages = b""
    for page in range(count):
        here = at + len(pages)
        entry = struct.pack("<HHHII", 1, 273, 4, len(shared) // 4, 8)
        pages += entry + struct.pack("<I", here + 18 if page + 1 < count else 0)
    data = header("<", at) + shared + pages
    with pytest.raises(RefusedError, match="more than the file"):
        codec.embed(data, PARIS, False)


def test_four_gib_is_the_end_and_a_refusal_lets_go_of_a_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "large.tif"
    path.write_bytes(tiff("<"))
    for room in (64, 160, 4096):
        os.truncate(path, (1 << 32) - room)
        refused = pytest.raises(RefusedError, match="4 GiB") if room < 4096 else nullcontext()
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view, refused:
            assert codec.embed(view, PARIS, False)[1].offset == (1 << 32) - room


def test_a_huge_file_is_never_copied(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    for block in (exif("<", gps=camera_gps("<")), tiff(">", pages=3)):
        path.write_bytes(block)
        os.truncate(path, 1 << 30)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            tracemalloc.start()
            try:
                assert codec.embed(view, PARIS, True)[-1].offset == 1 << 30
                assert metadata.read(view) == metadata.read(block)
                assert sum(length for _, length in codec.picture(view)) < 1000
                assert tracemalloc.get_traced_memory()[1] < 1 << 22
            finally:
                tracemalloc.stop()


def test_two_pictures_underneath_count_both() -> None:
    size = len(tiff("<", extra=[long("<", 330, 0, 0)]))
    first = directory("<", size, [(60_000, 7, 6, struct.pack("<6B", *range(6)))])
    data = (
        tiff("<", extra=[long("<", 330, size, size + len(first))])
        + first
        + directory("<", size + len(first), [])
    )
    assert check(data)
    at = data.index(struct.pack("<HHI", 60_000, 7, 6)) + 8
    with pytest.raises(RefusedError, match="in its header"):
        codec.embed(data[:at] + struct.pack("<I", 2) + data[at + 4 :], PARIS, False)
