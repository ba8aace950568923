"""PNG: the eXIf chunk and nothing else; old raw profiles, signatures and broken chunks stay alone."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import png
from tests.blocks import MAKER_NOTE, camera_gps, exif
from tests.codec_checks import PARIS, check, check_camera, check_xmp, embedded, mutants
from tests.pixels import frames, unharmed
from tests.png_files import HEADER, PICTURE, ROWS, SIGNATURE, SOUND, chunk, file, itxt, mended, raw_profile
from tests.xmp_packets import LOCATED


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND.keys())
def test_sound_files_are_embedded_and_show_the_same_pixels(data: bytes) -> None:
    assert check(data)
    assert frames(data) is not None
    assert unharmed(data, embedded(data))
    with Image.open(io.BytesIO(embedded(data))) as image:
        assert image.getexif().get_ifd(0x8825)[18] == "WGS-84"


def test_a_new_chunk_stands_before_the_picture_and_nothing_else_changes() -> None:
    data = file(chunk(b"gAMA", struct.pack(">I", 45455)))
    (splice,) = png.embed(data, PARIS, False)
    assert (splice.offset, splice.length) == (data.index(PICTURE), 0)
    assert splice.data[4:8] == b"eXIf"
    assert splice.data == chunk(b"eXIf", splice.data[8:-4])


def test_an_existing_block_grows_where_it_is() -> None:
    data = file(chunk(b"eXIf", exif("<")))
    out = embedded(data)
    body = out[out.index(b"eXIf") + 4 :].split(struct.pack(">I", len(ROWS[:5])) + b"IDAT")[0][:-4]
    assert out == data.replace(chunk(b"eXIf", exif("<")), chunk(b"eXIf", body))
    assert body.index(MAKER_NOTE) == exif("<").index(MAKER_NOTE)


def test_a_camera_position_stands() -> None:
    data = file(chunk(b"eXIf", exif(">", gps=camera_gps(">"))))
    check_camera(data)


@pytest.mark.parametrize(
    "data",
    [
        file(itxt(LOCATED)),
        file(after=itxt(LOCATED, packed=True)),
        file(raw_profile(b"xmp", LOCATED)),
        file(raw_profile(b"APP1", b"http://ns.adobe.com/xap/1.0/\0" + LOCATED, packed=False)),
    ],
)
def test_a_position_in_xmp_counts_and_is_left_alone(data: bytes) -> None:
    check_xmp(data)


@pytest.mark.parametrize("kind", [b"exif", b"APP1"])
def test_an_old_raw_profile_is_read_and_left_alone(kind: bytes) -> None:
    data = file(raw_profile(kind, b"Exif\0\0" + exif("<", gps=camera_gps("<"))))
    position = metadata.read(data)
    assert position is not None
    assert position.location.lat == pytest.approx(48 + 51 / 60 + 30.14 / 3600)
    with pytest.raises(RefusedError, match="raw profile"):
        png.embed(data, PARIS, True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no PNG"),
        (SIGNATURE, "cut off"),
        (file()[:-1], "cut off"),
        (file()[:-12], "cut off"),
        (file() + b"trailer", "behind its end"),
        (file(chunk(b"eXIf", exif()), chunk(b"eXIf", exif())), "two Exif"),
        (file(chunk(b"eXIf", b"")), "TIFF header"),
        (file(chunk(b"caBX", b"jumb")), "signed"),
        (file(itxt(b"<x dcterms:provenance='https://example.org/m.c2pa'/>")), "signed"),
        (file(chunk(b"tEXt", b"a\0b")[:-1] + b"\0"), "damaged tEXt"),
        (file(picture=PICTURE[:-1] + b"\0"), "damaged IDAT"),
        (file(picture=b""), "no picture"),
        (file(HEADER), "header is not where"),
        (SIGNATURE + chunk(b"CgBI", bytes(4)) + file()[8:], "header is not where"),
        (file(chunk(b"ABCD", b"")), "critical chunk ABCD"),
        (file(after=chunk(b"tEXt", b"a\0b") + PICTURE), "between those of its picture"),
        (file(*[itxt(b"<a/>")] * 17), "more profiles"),
        (file(struct.pack(">I", 0x80000000) + b"tEXt" + bytes(8)), "cut off"),
        (file(chunk(b"t3Xt", b"")), "no chunk"),
    ],
)
def test_what_is_not_sound_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        png.embed(data, PARIS, True)
    assert not check(data)


def test_a_compressed_bomb_is_inflated_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_MOST_TEXT", 200)
    assert metadata.read(file(itxt(LOCATED, packed=True))) is None
    monkeypatch.setattr(png, "_MOST_TEXT", len(LOCATED))
    assert metadata.read(file(itxt(LOCATED + bytes(1 << 20), packed=True))) is not None


@given(mutants(SOUND.values()))
def test_mutations_only_ever_refuse(mutant: bytes) -> None:
    damaged = mended(mutant)
    assert not check(damaged) or unharmed(damaged, embedded(damaged))


@given(at=st.integers(0, 2000), value=st.binary(min_size=1, max_size=4), order=st.sampled_from("<>"))
def test_a_damaged_block_in_a_sound_chunk_is_refused_or_kept_whole(at: int, value: bytes, order: str) -> None:
    block = exif(order)
    at %= len(block)
    check(file(chunk(b"eXIf", block[:at] + value + block[at + len(value) :])))
