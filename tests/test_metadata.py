"""All codecs together: other programs read what we wrote, hostile files change nothing, nothing is lost."""

from __future__ import annotations

import io
import mmap
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import tiff as tiff_codec
from geotag.metadata.patch import apply, growth, ordered
from geotag.types import Location, Splice, Tag
from tests import heif_files, jp2_files, png_files, webp_files
from tests.blocks import JFIF, camera_gps, exif, exif_segment, jpeg, mpo, short, text, tiff
from tests.codec_checks import PARIS, QUITO, check, embedded
from tests.codec_seeds import SEEDS
from tests.witnesses import WITNESSES

SOUTH_WEST = Tag(Location(-22.951916, -43.210487), 0.75, "geovision-1")
SHAPES = {
    "plain.jpg": jpeg(JFIF),
    "camera.jpg": jpeg(JFIF, exif_segment(exif("<"))),
    "big-endian.jpg": jpeg(exif_segment(exif(">", gps=[]))),
    "several.jpg": mpo(JFIF, exif_segment(exif(">"))),
    "strips.tif": tiff("<"),
    "tiles.tif": tiff(">", tiled=True),
    "pages.tif": tiff(">", pages=3),
}

WITNESSED = {
    **SHAPES,
    **{f"{name}.png": data for name, data in png_files.SOUND.items()},
    **{f"{name}.webp": data for name, data in webp_files.SOUND.items()},
    **{f"{name}.heic": data for name, data in heif_files.SOUND.items()},
    **{f"{name}.{'jxl' if 'xl' in name else 'jp2'}": data for name, data in jp2_files.SOUND.items()},
    "photo.avif": heif_files.avif(quality=90),
}
NOT_BY_EXIV2 = {
    "exif with the head of JPEG.png",
    "extended, odd profile.webp",
    "exif in a box with a long length.jp2",
}
"""Files whose Exif this reader does not find, wherever it came from."""


@pytest.mark.parametrize("tag", [PARIS, SOUTH_WEST], ids=["Paris", "Rio"])
@pytest.mark.parametrize("program", WITNESSES)
def test_other_programs_read_the_same_position(program: str, tag: Tag, tmp_path: Path) -> None:
    command, witness, formats = WITNESSES[program]
    if command and not shutil.which(command):
        pytest.skip(f"{command} is not installed")
    names = [name for name in WITNESSED if name.rpartition(".")[2] in formats.split()]
    if program == "exiv2":
        names = [name for name in names if name not in NOT_BY_EXIV2]
    for name in names:
        (tmp_path / name).write_bytes(embedded(WITNESSED[name], tag))
    found = dict(zip(names, witness([tmp_path / name for name in names]), strict=True))
    expected = pytest.approx((tag.location.lat, tag.location.lon), abs=1e-7)
    assert {name: position for name, position in found.items() if position != expected} == {}


@pytest.mark.parametrize("name", SHAPES)
def test_every_frame_decodes_to_the_same_pixels(name: str) -> None:
    assert frames(embedded(SHAPES[name])) == frames(SHAPES[name])


def frames(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        found = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            found.append(np.asarray(image).tobytes())
    return found


@pytest.mark.parametrize("name", SEEDS)
def test_seeds_hold_what_every_file_must(name: str) -> None:
    check(SEEDS[name])


def test_most_seeds_are_embedded_in() -> None:
    """The seeds must reach the code that writes, or mutating them proves little."""
    assert sum(check(data) for data in SEEDS.values()) > len(SEEDS) / 2


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A seed with a few bytes, words or stretches changed, cut out, doubled or cut off."""
    data = bytearray(SEEDS[draw(st.sampled_from(sorted(SEEDS)))])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["byte", "word", "cut", "double", "end", "insert"])):
            case "byte":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "word":
                number = draw(
                    st.one_of(st.integers(0, len(data) + 4), st.sampled_from([0xFFFFFFFF, 1 << 31]))
                )
                data[at : at + 4] = number.to_bytes(4, draw(st.sampled_from(["big", "little"])))
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 40))]
            case "end":
                del data[at:]
            case _:
                data[at:at] = draw(st.binary(max_size=20))
    return bytes(data)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_damaged_files_are_embedded_in_cleanly_or_refused(data: bytes) -> None:
    check(data)


@st.composite
def damaged_blocks(draw: st.DrawFn) -> bytes:
    """An Exif block in which a few bytes of the directories are others."""
    order = draw(st.sampled_from("<>"))
    gps = draw(st.sampled_from([None, [], [text(29, "2019:07:14")], camera_gps(order)]))
    block = bytearray(exif(order, gps=gps, extra=[text(315, "an artist"), short(order, 296, 2)]))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(4, len(block) - 1))
        block[at] = draw(st.one_of(st.integers(0, 255), st.sampled_from([0, 1, 2, 3, 4, 5, 7, 9, 255])))
    return bytes(block)


@settings(max_examples=500, deadline=None)
@given(damaged_blocks())
def test_another_reader_finds_every_other_tag_as_it_was(block: bytes) -> None:
    try:
        out = apply(block, tiff_codec.add_gps(block, PARIS, True))
    except RefusedError:
        return
    assert tags(out) == tags(block)


def tags(block: bytes) -> list[dict[int, str]]:
    """What Pillow reads of a block: IFD0, Exif, Interop and the thumbnail's directory, without GPS."""
    found = Image.Exif()
    found.load(b"Exif\0\0" + block)
    directories = [dict(found), *(found.get_ifd(tag) for tag in (0x8769, 0xA005, 1))]
    return [
        {tag: repr(value) for tag, value in directory.items() if tag != 0x8825} for directory in directories
    ]


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"])
)
def test_rubbish_is_refused(data: bytes, magic: bytes) -> None:
    check(magic + data)


def test_unknown_formats_are_refused_and_hashed_whole() -> None:
    assert metadata.sniff(b"GIF89a and so on") is None
    assert metadata.read(b"GIF89a and so on") is None
    with pytest.raises(RefusedError, match="format"):
        metadata.embed(b"GIF89a and so on", PARIS, True)
    # BLAKE3 of "abc", by its authors' own program.
    assert metadata.picture_digest(b"abc").hex().startswith("6437b3ac38465133ffb63b75273a8db5")
    assert metadata.picture_digest(b"") != metadata.picture_digest(b"abc")


def test_a_broken_file_is_hashed_whole() -> None:
    data = jpeg(JFIF)[:-2]
    assert metadata.picture_digest(data) != metadata.picture_digest(data + b"x")


@pytest.mark.parametrize(
    ("name", "sign", "behind"),
    [
        ("plain.jpg", b"\xff\xda", 30),
        ("big-tiles.tif", b"MM", -30),
        ("plain.png", b"IDAT", 6),
        ("animated.png", b"fdAT", 9),
        ("animated.webp", b"ANMF", 60),
        ("plain.heic", b"mdat", 9),
        ("plain.heic", b"irot", 4),
        ("plain.jp2", b"jp2c", 90),
        ("jpeg-xl.jp2", b"jxlc", 9),
    ],
)
def test_the_digest_sees_the_picture_and_nothing_else(name: str, sign: bytes, behind: int) -> None:
    data = SEEDS[name]
    at = data.index(sign) + behind if behind > 0 else len(data) + behind
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    assert metadata.picture_digest(changed) != metadata.picture_digest(data)
    assert metadata.picture_digest(embedded(data)) == metadata.picture_digest(data)


@pytest.mark.parametrize("name", SEEDS)
def test_a_mapped_file_reads_like_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SEEDS[name])
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        assert metadata.embed(view, PARIS, True) == metadata.embed(SEEDS[name], PARIS, True)
        assert metadata.picture_digest(view) == metadata.picture_digest(SEEDS[name])
        assert metadata.read(view) == metadata.read(SEEDS[name])


def test_replacing_a_camera_position() -> None:
    data = jpeg(JFIF, exif_segment(exif("<", gps=camera_gps("<"))))
    out = embedded(data, QUITO, replace=True)
    assert embedded(out, PARIS) != out, "what replaced it is ours, and may be renewed"


def test_patches_that_meet_are_an_error() -> None:
    one, two = (Splice(2, 4, b"abcd"),), (Splice(5, 1, b"x"),)
    with pytest.raises(ValueError, match="byte 5"):
        ordered(one, two)
    assert growth(ordered(one, (Splice(6, 0, b"zz"),))) == 2
    assert apply(b"0123456789", ordered((Splice(6, 0, b"zz"),), one)) == b"01abcdzz6789"
