"""JPEG 2000 and JPEG XL: an Exif box at the end; what counts from the start of the file stays alone."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import jp2
from geotag.metadata.boxes import C2PA_UUID, XMP_UUID
from tests.blocks import MAKER_NOTE, camera_gps, exif
from tests.codec_checks import PARIS, check, check_camera, check_xmp, embedded, mutants
from tests.jp2_files import EXIF_UUID, GEO_UUID, JXLC, PHOTOSHOP_UUID, SOUND, box, jp2_file, jxl_file
from tests.pixels import frames, unharmed
from tests.xmp_packets import LOCATED


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND.keys())
def test_sound_files_are_embedded(data: bytes) -> None:
    assert check(data)


@pytest.mark.parametrize("name", [name for name in SOUND if "xl" not in name])
def test_the_picture_shows_the_same_pixels(name: str) -> None:
    assert frames(SOUND[name]) is not None
    assert unharmed(SOUND[name], embedded(SOUND[name]))


@pytest.mark.parametrize(("name", "head"), [("plain", b"uuid" + EXIF_UUID), ("jpeg xl", b"Exif\0\0\0\0")])
def test_a_new_box_goes_to_the_end(name: str, head: bytes) -> None:
    (splice,) = jp2.embed(SOUND[name], PARIS, False)
    assert (splice.offset, splice.length) == (len(SOUND[name]), 0)
    assert splice.data[4:].startswith(head + b"MM\0*")
    assert struct.unpack(">I", splice.data[:4])[0] == len(splice.data)


def test_an_existing_box_grows_where_it_is() -> None:
    data = SOUND["exif before the picture"]
    out = embedded(data)
    start = data.index(b"uuid" + EXIF_UUID) - 4
    length = struct.unpack_from(">I", out, start)[0]
    assert out[:start] == data[:start]
    assert out[start + length :] == data[data.index(b"jp2c") - 4 :]
    assert out.index(MAKER_NOTE) == data.index(MAKER_NOTE)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda block: jp2_file(box(b"uuid", EXIF_UUID, block)),
        lambda block: jxl_file(box(b"Exif", bytes(4), block), JXLC),
    ],
)
def test_a_camera_position_stands(wrap: Callable[[bytes], bytes]) -> None:
    data = wrap(exif("<", gps=camera_gps("<")))
    check_camera(data)


def test_a_camera_position_in_photoshop_s_box_is_seen() -> None:
    position = metadata.read(jp2_file(box(b"uuid", PHOTOSHOP_UUID, exif("<", gps=camera_gps("<")))))
    assert position is not None
    assert position.machine is None


@pytest.mark.parametrize(
    "data", [jp2_file(box(b"uuid", XMP_UUID, LOCATED)), jxl_file(JXLC, box(b"xml ", LOCATED))]
)
def test_a_position_in_xmp_counts_and_is_left_alone(data: bytes) -> None:
    check_xmp(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "bare codestream"),
        (b"\xff\x4f\xff\x51\0\x29", "bare codestream"),
        (b"\xff\x0a\0\0", "bare codestream"),
        (jp2_file()[:-1], "cut off"),
        (jp2_file() + b"junk", "no box"),
        (jp2_file().replace(b"jp2c", b"jp2x"), "no picture"),
        (jp2_file().replace(b"ftyp", b"ftyq", 1), "no picture"),
        (jp2_file(b"\0\0\0\0free"), "without a length"),
        (jp2_file(box(b"uuid", EXIF_UUID, exif()), box(b"uuid", PHOTOSHOP_UUID, exif())), "two Exif"),
        (jp2_file(box(b"uuid", EXIF_UUID)), "TIFF header"),
        (jp2_file(box(b"uuid", PHOTOSHOP_UUID, exif())), "box of Photoshop's"),
        (jp2_file(box(b"uuid", C2PA_UUID)), "signed"),
        (jp2_file(box(b"jumb")), "signed"),
        (jp2_file(box(b"uuid", XMP_UUID, b"<x dcterms:provenance='self#jumbf=c2pa'/>")), "signed"),
        (jp2_file(box(b"uuid", GEO_UUID, exif())), "georeferenced"),
        (jp2_file(box(b"asoc", box(b"lbl ", b"gml.data"))), "georeferenced"),
        (jp2_file(box(b"ftbl", b"")), "from its start"),
        (jp2_file(box(b"chck", b"")), "checksum"),
        (jxl_file(box(b"jbrd", b""), JXLC), "packed JPEG"),
        (jxl_file(JXLC, box(b"brob", b"Exif")), "compressed"),
        (jxl_file(JXLC, box(b"Exif", b"\0\0")), "TIFF header"),
        (jxl_file(JXLC, box(b"Exif", b"\xff\xff\xff\xff", exif())), "TIFF header"),
        (jxl_file(), "no picture"),
    ],
)
def test_what_is_not_sound_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        jp2.embed(data, PARIS, True)
    assert not check(data)


@given(mutants(SOUND.values()))
def test_mutations_only_ever_refuse(mutant: bytes) -> None:
    assert not check(mutant) or unharmed(mutant, embedded(mutant))
