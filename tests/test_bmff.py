"""HEIC and AVIF: one simple Exif item is carried to the end of the file, all else stays."""

from __future__ import annotations

import io
import mmap
import struct
from pathlib import Path

import pytest
from hypothesis import given
from PIL import Image

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import bmff
from geotag.metadata.boxes import C2PA_UUID, XMP_UUID
from tests.blocks import camera_gps, exif
from tests.codec_checks import PARIS, QUITO, check, check_camera, check_xmp, embedded, mutants
from tests.heif_files import EXIF_ITEM, PIXELS, SOUND, avif, box, full, heif, iloc, infe
from tests.pixels import frames, unharmed
from tests.xmp_packets import LOCATED


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND.keys())
def test_sound_files_are_embedded(data: bytes) -> None:
    assert check(data)


def test_only_the_place_of_the_exif_item_changes_and_the_end_grows() -> None:
    data = SOUND["plain"]
    place, appended = bmff.embed(data, PARIS, False)
    start = data.index(EXIF_ITEM)
    assert data[place.offset : place.offset + 8] == struct.pack(">II", start, len(EXIF_ITEM + exif()))
    assert place.data == struct.pack(">II", len(data) + 8, len(appended.data) - 8)
    assert (appended.offset, appended.length) == (len(data), 0)
    assert appended.data[4:8] == b"mdat"
    assert appended.data[8:].startswith(EXIF_ITEM)


def test_our_own_media_data_are_written_again_and_do_not_pile_up() -> None:
    first = embedded(SOUND["plain"])
    renewed = embedded(first, QUITO)
    assert renewed.count(b"mdat") == first.count(b"mdat") == 2
    assert renewed[: len(SOUND["plain"])].count(b"geotag") == 0


def test_a_picture_that_lies_in_the_list_of_places_is_refused() -> None:
    data = SOUND["plain"]
    picture = struct.pack(">II", data.index(PIXELS), len(PIXELS))
    with pytest.raises(RefusedError, match="its own list"):
        bmff.embed(data.replace(picture, struct.pack(">II", data.index(b"iloc"), 60)), PARIS, False)
    with pytest.raises(RefusedError, match="outside"):
        bmff.embed(data.replace(picture, struct.pack(">II", len(data), 60)), PARIS, False)


def test_media_data_that_a_picture_shares_are_left_where_they_are() -> None:
    first = embedded(SOUND["plain"])
    own = first.rindex(b"mdat") + 4
    picture = struct.pack(">II", SOUND["plain"].index(PIXELS), len(PIXELS))
    shared = first.replace(picture, struct.pack(">II", own, 100))
    assert embedded(shared, QUITO).count(b"mdat") == 3
    assert check(shared)


def test_an_avif_shows_the_same_pixels_and_pillow_reads_the_position() -> None:
    data = avif(quality=90)
    assert frames(data) is not None
    assert unharmed(data, embedded(data))
    with Image.open(io.BytesIO(embedded(data))) as image:
        assert image.getexif()[0x010F] == "Test"
        assert image.getexif().get_ifd(0x8825)[18] == "WGS-84"


def test_a_camera_position_stands() -> None:
    data = heif(exif("<", gps=camera_gps("<")))
    check_camera(data)


@pytest.mark.parametrize("data", [heif(packet=LOCATED), heif(after=box(b"uuid", XMP_UUID, LOCATED))])
def test_a_position_in_xmp_is_left_alone(data: bytes) -> None:
    check_xmp(data)


def test_an_item_kept_inside_the_list_is_read() -> None:
    block = EXIF_ITEM + exif("<", gps=camera_gps("<"))
    places = iloc([(2, 1, [(0, 10), (10, len(block) - 10)])])
    data = box(b"ftyp", b"mif1\0\0\0\0") + full(
        b"meta",
        0,
        full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
        full(b"pitm", 0, b"\0\1"),
        full(b"iinf", 0, b"\0\1", infe(2, b"Exif")),
        box(b"idat", block),
        places,
    )
    assert metadata.read(data) is not None
    with pytest.raises(RefusedError, match="in pieces"):
        bmff.embed(data, PARIS, True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (box(b"ftyp", b"mif1\0\0\0\0"), "no single list"),
        (heif() + heif()[24:], "no single list"),
        (heif(after=box(b"moov")), "image sequence"),
        (heif(after=box(b"jumb")), "signed"),
        (heif(after=box(b"uuid", C2PA_UUID)), "signed"),
        (heif(after=box(b"sefd")), "'sefd' box"),
        (heif(after=box(b"mpvd")), "'mpvd' box"),
        (heif(after=b"\0\0\0\0free"), "without a length"),
        (heif(after=b"\0\0\0\x07free"), "no box"),
        (heif()[:-1], "cut off"),
        (heif().replace(b"heic\0", b"crx \0", 1), "raw file"),
        (heif(handler=b"vide"), "no HEIF picture"),
        (heif(kinds=(b"hvc1", b"uri ", b"mime")), "no Exif item"),
        (heif(kinds=(b"hvc1", b"Exif", b"Exif")), "two Exif items"),
        (heif(methods=(0, 1, 0)), "unusual place"),
        (heif(methods=(0, 2, 0)), "unusual place"),
        (heif(cdsc=struct.pack(">HHH", 2, 1, 3)), "does not describe"),
        (heif(cdsc=struct.pack(">HHH", 2, 2, 3)), "cut off"),
        (heif(sizes=0x4000), "ends with the file"),
        (heif(sizes=0x2200), "odd size"),
        (heif(sizes=0x0000), "odd size"),
        (heif(version=3), "unknown version"),
        (heif(meta=full(b"pitm", 0, b"\0\1")), "twice"),
        (heif(packet=b"<x GCamera:MotionPhoto='1'/>"), "motion photo"),
        (heif(packet=b"<x dcterms:provenance='self#jumbf=c2pa'/>"), "signed"),
        (heif(b"no TIFF"), "TIFF header"),
        (heif().replace(EXIF_ITEM, b"\xff\xff\xff\xffExif\0\0"), "TIFF header"),
    ],
)
def test_what_is_not_simple_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        bmff.embed(data, PARIS, True)
    assert not check(data)


def test_a_place_that_has_no_room_for_an_offset_over_4_gib_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.heic"
    with path.open("w+b") as file:
        file.write(heif(after=struct.pack(">I4sQ", 1, b"free", 16 + (1 << 32))))
        file.truncate(file.tell() + (1 << 32))
        with (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            pytest.raises(RefusedError, match="no room"),
        ):
            bmff.embed(data, PARIS, False)


def test_overlapping_items_are_not_hashed_a_million_times() -> None:
    data = heif()
    start = data.index(PIXELS)
    lots = iloc([(1, 0, [(0, len(data) - 40)] * 5000), (2, 0, [(start, 9)])])
    big = data[:24] + data[24:].replace(data[data.index(b"iloc") - 4 : data.index(b"mdat") - 4], lots)
    size = struct.unpack_from(">I", big, 24)[0] + len(big) - len(data)
    big = big[:24] + struct.pack(">I", size) + big[28:]
    with pytest.raises(RefusedError, match="overlap"):
        list(bmff.picture(big))
    assert len(metadata.picture_digest(big)) == 32


@given(mutants(SOUND.values()))
def test_mutations_only_ever_refuse(mutant: bytes) -> None:
    assert not check(mutant) or unharmed(mutant, embedded(mutant))
