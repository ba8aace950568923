"""WebP: the EXIF chunk and its flag and nothing else; simple files get a header that says what they are."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from PIL import Image

from geotag.errors import RefusedError
from geotag.metadata import webp
from tests.blocks import MAKER_NOTE, camera_gps, exif
from tests.codec_checks import PARIS, check, check_camera, check_xmp, embedded, mutants
from tests.pixels import frames, unharmed
from tests.webp_files import CLEAR, LOSSLESS, LOSSY, SOUND, chunk, header, mended, riff
from tests.xmp_packets import LOCATED, PLACELESS


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND.keys())
def test_sound_files_are_embedded_and_show_the_same_pixels(data: bytes) -> None:
    assert check(data)
    assert frames(data) is not None
    assert unharmed(data, embedded(data))
    with Image.open(io.BytesIO(embedded(data))) as image:
        assert image.getexif().get_ifd(0x8825)[18] == "WGS-84"


@pytest.mark.parametrize(("picture", "flags"), [(LOSSY, 0x08), (LOSSLESS, 0x08), (CLEAR, 0x18)])
def test_a_simple_file_gets_the_header_its_picture_has(picture: bytes, flags: int) -> None:
    out = embedded(riff(picture))
    assert out[12:30] == header(flags)
    assert out[30 : 30 + len(picture)] == picture
    assert out[30 + len(picture) :][:4] == b"EXIF"


def test_only_a_flag_changes_before_the_picture() -> None:
    size, flag, exif_chunk = webp.embed(SOUND["xmp"], PARIS, False)
    assert (size.offset, size.length) == (4, 4)
    assert (flag.offset, flag.length, flag.data) == (20, 1, b"\x0c")
    assert SOUND["xmp"][exif_chunk.offset :].startswith(b"XMP ")
    assert exif_chunk.length == 0


def test_an_existing_block_grows_where_it_is() -> None:
    block = exif(">") + b"\0"
    before, out = SOUND["odd exif"], embedded(SOUND["odd exif"])
    start = before.index(b"EXIF")
    length = struct.unpack_from("<I", out, start + 4)[0]
    assert out[12:start] == before[12:start]
    assert out[start + 8 :].index(MAKER_NOTE) == block.index(MAKER_NOTE)
    assert out[start + 8 + length + length % 2 :] == chunk(b"XMP ", PLACELESS)


def test_a_camera_position_stands() -> None:
    data = riff(header(0x08), LOSSY, chunk(b"EXIF", exif("<", gps=camera_gps("<"))))
    check_camera(data)


def test_a_position_in_xmp_counts_and_is_left_alone() -> None:
    data = riff(header(0x04), LOSSY, chunk(b"XMP ", LOCATED))
    check_xmp(data)


def longer(data: bytes, extra: bytes) -> bytes:
    """A file whose RIFF header counts `extra` bytes at its end, chunk or not."""
    return data[:4] + struct.pack("<I", len(data) - 8 + len(extra)) + data[8:] + extra


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF\0\0\0\0WAVE", "no WebP"),
        (riff(), "begin with its header"),
        (riff(LOSSY)[:-2], "cut off"),
        (riff(LOSSY) + b"\0\0", "as long as its header says"),
        (longer(riff(LOSSY), b"\0"), "cut off"),
        (longer(riff(LOSSY), b"abcd\xff\xff\xff\xff"), "cut off"),
        (riff(LOSSY, chunk(b"XMP ", PLACELESS)), "simple header"),
        (riff(LOSSY, chunk(b"EXIF", exif())), "simple header"),
        (riff(header(0), LOSSY, chunk(b"EXIF", exif())), "does not announce"),
        (riff(header(8), LOSSY, chunk(b"EXIF", exif()), chunk(b"EXIF", exif())), "two Exif"),
        (riff(header(8), LOSSY, chunk(b"EXIF", b"")), "TIFF header"),
        (riff(header(0), header(0), LOSSY), "begin with its header"),
        (riff(chunk(b"VP8X", bytes(12)), LOSSY), "wrong length"),
        (riff(header(0)), "no picture"),
        (riff(header(0), LOSSY, chunk(b"C2PA", b"jumb")), "signed"),
        (riff(chunk(b"VP8 ", b"\1" + LOSSY[9:])), "key frame"),
        (riff(chunk(b"VP8 ", bytes(3))), "key frame"),
        (riff(chunk(b"VP8 ", LOSSY[8:14] + bytes(4))), "without a size"),
        (riff(chunk(b"VP8L", b"\x2f\0\0\0\xe0")), "unknown"),
        (riff(chunk(b"VP8L", b"")), "unknown"),
    ],
)
def test_what_is_not_sound_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        webp.embed(data, PARIS, True)
    assert not check(data)


@given(mutants(SOUND.values()))
def test_mutations_only_ever_refuse(mutant: bytes) -> None:
    damaged = mended(mutant)
    assert not check(damaged) or unharmed(damaged, embedded(damaged))
