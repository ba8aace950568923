"""Raw files in containers of their own: their positions are seen, and nothing is put into them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import captions
from geotag.metadata.gps import block
from geotag.metadata.ifd import Stream, written
from geotag.texts import Origin, Text
from tests.blocks import JFIF, XMP, camera_gps, exif, exif_segment, jpeg, text
from tests.codec_checks import PARIS, check
from tests.heif_files import box

CAPTION = "Harbour at dawn"
LOCATED = exif("<", gps=camera_gps("<"), extra=[text(270, CAPTION)])
PREVIEW = jpeg(JFIF, exif_segment(LOCATED))
CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")


def raf(preview: bytes) -> bytes:
    """A Fujifilm file: a header that says where the JPEG lies, the JPEG, something behind it."""
    head = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0")
    return head + struct.pack(">II", 160, len(preview)) + bytes(68) + preview + b"mosaic"


def mrw(stream: bytes) -> bytes:
    """A Minolta file: a header of blocks, the second of them a TIFF stream."""
    blocks = b"".join(
        name + struct.pack(">I", len(body)) + body
        for name, body in ((b"\0PRD", bytes(24)), (b"\0TTW", stream), (b"\0WBG", bytes(12)))
    )
    return b"\0MRM" + struct.pack(">I", len(blocks)) + blocks + b"mosaic"


def x3f(preview: bytes) -> bytes:
    """A Sigma file: a header, a mosaic, a JPEG, a directory of both and its place."""
    head = b"FOVb".ljust(40, b"\0")
    mosaic = b"SECi" + struct.pack("<6I", 0x20000, 1, 30, 0, 0, 0) + b"mosaic"
    picture = b"SECi" + struct.pack("<6I", 0x20000, 2, 18, 8, 8, 0) + preview
    places = ((len(head), mosaic), (len(head) + len(mosaic), picture))
    listed = b"".join(struct.pack("<II", at, len(part)) + b"IMA2" for at, part in places)
    directory = b"SECd" + struct.pack("<II", 0x20000, 2) + listed
    body = head + mosaic + picture
    return body + directory + struct.pack("<I", len(body))


def cr3(*inner: bytes) -> bytes:
    """A Canon file: boxes, one of them Canon's own with TIFF streams in it."""
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", CANON, *inner), box(b"mvhd"))


def gps_stream(order: str = "<") -> bytes:
    """A TIFF stream whose first directory is the GPS directory."""
    whole = exif(order, gps=camera_gps(order))
    stream = Stream(whole)
    pointer = stream.numbers(stream.directory(stream.first, "IFD0").find(34853))[0]
    fields = [stream.field(entry) for entry in stream.directory(pointer, "GPS").entries]
    return b"II*\0\x08\0\0\0" + written(order, fields, 8)


FILES = {
    "Fujifilm": raf(PREVIEW),
    "Minolta": mrw(LOCATED),
    "Sigma": x3f(PREVIEW),
    "Canon": cr3(box(b"CMT1", exif("<", extra=[text(270, CAPTION)])), box(b"CMT4", gps_stream())),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_position_of_the_camera_is_seen(data: bytes) -> None:
    position = metadata.read(data)
    assert position is not None
    assert position.machine is None
    assert position.location.lat == pytest.approx(48 + 51 / 60 + 30.14 / 3600)
    assert Text(Origin.CAPTION, CAPTION) in captions.read(data)


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
@pytest.mark.parametrize("replace", [False, True])
def test_nothing_is_embedded(data: bytes, replace: bool) -> None:
    with pytest.raises(RefusedError, match="raw file"):
        metadata.embed(data, PARIS, replace)
    assert not check(data)
    assert metadata.picture_digest(data) != metadata.picture_digest(data + b"x"), "it is hashed whole"


@pytest.mark.parametrize("data", [raf(jpeg(JFIF, XMP)), mrw(exif()), x3f(jpeg(JFIF)), cr3()])
def test_without_a_position_there_is_none(data: bytes) -> None:
    assert metadata.read(data) is None


def test_our_own_block_in_a_preview_is_known_as_ours() -> None:
    position = metadata.read(raf(jpeg(exif_segment(block(PARIS)))))
    assert position is not None
    assert position.machine == f"geotag {PARIS.model}"


@given(
    name=st.sampled_from(sorted(FILES)),
    at=st.integers(0, 2000),
    value=st.binary(min_size=1, max_size=8),
    cut=st.integers(0, 2000),
)
def test_damage_is_only_ever_silence_or_a_refusal(name: str, at: int, value: bytes, cut: int) -> None:
    data = FILES[name]
    at %= len(data)
    damaged = data[:at] + value + data[at + len(value) :]
    assert not check(damaged)
    check(damaged[: cut % len(data)])


def test_a_long_directory_is_read_only_so_far() -> None:
    data = bytearray(x3f(PREVIEW))
    at = struct.unpack("<I", data[-4:])[0]
    data[at + 8 : at + 12] = b"\xff\xff\xff\xff"
    assert metadata.read(bytes(data)) is not None
