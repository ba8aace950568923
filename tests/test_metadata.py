"""All codecs together: other programs read what we wrote, hostile files change nothing, nothing is lost."""

from __future__ import annotations

import io
import json
import mmap
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import piexif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import tiff as tiff_codec
from geotag.metadata.patch import apply, growth, ordered
from geotag.types import Location, Splice, Tag
from tests.blocks import JFIF, camera_gps, exif, exif_segment, jpeg, mpo, short, text, tiff
from tests.codec_checks import PARIS, QUITO, check, embedded
from tests.codec_seeds import SEEDS

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

Witness = Callable[[Path], tuple[float, float]]


def exiftool(path: Path) -> tuple[float, float]:
    out = run("exiftool", "-j", "-n", "-GPSLatitude", "-GPSLongitude", str(path))
    found = json.loads(out)[0]
    return found["GPSLatitude"], found["GPSLongitude"]


def exiv2(path: Path) -> tuple[float, float]:
    out = run("exiv2", "-K", "Exif.GPSInfo.GPSLatitude", "-K", "Exif.GPSInfo.GPSLongitude", "-Pv", str(path))
    refs = run(
        "exiv2", "-K", "Exif.GPSInfo.GPSLatitudeRef", "-K", "Exif.GPSInfo.GPSLongitudeRef", "-Pv", str(path)
    )
    lat, lon = (degrees(*(fraction(part) for part in line.split())) for line in out.splitlines())
    north, east = refs.split()
    return signed(lat, north), signed(lon, east)


def gdal(path: Path) -> tuple[float, float]:
    found = json.loads(run("gdalinfo", "-json", "-mdd", "EXIF", str(path)))["metadata"]
    found = {key: value for domain in found.values() for key, value in domain.items()}
    lat, lon = (
        degrees(*(float(part) for part in re.findall(r"\(([^)]*)\)", found[f"EXIF_GPS{name}"])))
        for name in ("Latitude", "Longitude")
    )
    return signed(lat, found["EXIF_GPSLatitudeRef"]), signed(lon, found["EXIF_GPSLongitudeRef"])


def pillow(path: Path) -> tuple[float, float]:
    with Image.open(path) as image:
        found = image.getexif().get_ifd(0x8825)
    lat, lon = (degrees(*(float(part) for part in found[tag])) for tag in (2, 4))
    return signed(lat, found[1]), signed(lon, found[3])


def piexif_(path: Path) -> tuple[float, float]:
    found = piexif.load(str(path))["GPS"]
    lat, lon = (degrees(*(top / bottom for top, bottom in found[tag])) for tag in (2, 4))
    return signed(lat, found[1].decode()), signed(lon, found[3].decode())


PROGRAMS: dict[str, tuple[str | None, Witness]] = {
    "ExifTool": ("exiftool", exiftool),
    "exiv2": ("exiv2", exiv2),
    "GDAL": ("gdalinfo", gdal),
    "Pillow": (None, pillow),
    "piexif": (None, piexif_),
}


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout


def fraction(words: str) -> float:
    top, bottom = words.split("/")
    return int(top) / int(bottom)


def degrees(whole: float, minutes: float, seconds: float) -> float:
    return whole + minutes / 60 + seconds / 3600


def signed(value: float, letter: str) -> float:
    return -value if letter[0] in "SW" else value


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_other_programs_read_the_same_position(program: str, name: str, tmp_path: Path) -> None:
    command, witness = PROGRAMS[program]
    if command and not shutil.which(command):
        pytest.skip(f"{command} is not installed")
    path = tmp_path / name
    for tag in (PARIS, SOUTH_WEST):
        path.write_bytes(embedded(SHAPES[name], tag))
        assert witness(path) == pytest.approx((tag.location.lat, tag.location.lon), abs=1e-7)


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
    assert metadata.picture_digest(b"abc").startswith("ba7816bf8f01cfea")
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
