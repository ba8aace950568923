"""Camera raw files: the mosaic is developed, the preview is found, rubbish is refused."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.metadata import xmp
from geotag.pixels import raws
from geotag.types import RAW_SUFFIXES, Recipe
from tests.archives import fill, picture, run, snapshot
from tests.blocks import camera_gps, exif
from tests.test_raw import FILES

needs_rawpy = pytest.mark.skipif(not raws.available(), reason="rawpy is not installed on this platform")
RECIPE = Recipe("squash", 32, 48)


def dng(orientation: int = 1) -> bytes:
    """A small DNG without a preview (DNG 1.4, chapter 4): red on the left, blue on the right."""
    mosaic = np.full((128, 192), 2000, np.uint16)
    mosaic[0::2, 0:96:2] = 40000
    mosaic[1::2, 97::2] = 40000
    tags = [
        (50706, 1, 4, (1, 4, 0, 0), True),
        (50708, 2, 5, "none", True),
        (33421, 3, 2, (2, 2), True),
        (33422, 1, 4, (0, 1, 1, 2), True),
        (50721, 10, 9, (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1), True),
        (50778, 3, 1, 21, True),
        (274, 3, 1, orientation, True),
    ]
    file = io.BytesIO()
    tifffile.imwrite(file, mosaic, photometric="cfa", extratags=tags)
    return file.getvalue()


@needs_rawpy
def test_mosaic_is_developed() -> None:
    pixels = decode(dng(), RECIPE).astype(int)
    left, right = pixels[:, 4:20].mean(axis=(0, 1)), pixels[:, 28:44].mean(axis=(0, 1))
    assert left[0] > left[2] + 30
    assert right[2] > right[0] + 30


@needs_rawpy
def test_orientation() -> None:
    # 3: upside down and back to front (Exif 2.32, 4.6.4).
    turned = decode(dng(3), RECIPE).astype(int)[::-1, ::-1]
    assert np.abs(turned - decode(dng(), RECIPE)).mean() < 8


def test_cut_off() -> None:
    with pytest.raises(PhotoError):
        decode(dng()[:300], RECIPE)


@pytest.mark.parametrize("head", [b"FUJIFILMCCD-RAW 0201", b"\0\0\0\x18ftypcrx \0\0\0\1", b"IIU\0\x08\0\0\0"])
def test_rubbish(head: bytes) -> None:
    assert raws.handles(head)
    with pytest.raises(PhotoError, match="be opened here"):
        decode(head + b"rubbish" * 99, RECIPE)


@needs_rawpy
def test_of_a_damaged_tiff_its_own_reader_speaks() -> None:
    """LibRaw is asked too, as many a raw file is a TIFF; that it knows of none here is no news."""
    data = picture(1, "TIFF")
    with pytest.raises(PhotoError) as caught:
        decode(data[:4] + b"\xf0\xff\xff\xff" + data[8:], RECIPE)
    assert "LibRaw" not in str(caught.value)


def test_other_files_are_not_ours() -> None:
    assert not raws.handles(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1")
    assert not raws.handles(b"\x89PNG\r\n\x1a\n\0\0\0\r")


UNKNOWN = b"II*\0\x10\0\0\0CR\x02\0" + bytes(60)
"""The head of a raw file that no decoder can open."""


def run_raws(folder: Path, tiny: str, **chosen: object) -> dict[str, dict[str, str]]:
    return run(folder, tiny, write_exif=True, max_error_km=20100.0, **chosen).rows


@pytest.mark.parametrize("suffix", sorted(RAW_SUFFIXES))
def test_what_is_called_raw_gets_a_sidecar_whatever_it_is(suffix: str, tmp_path: Path, tiny: str) -> None:
    (tmp_path / "a").mkdir()
    for name, content in {f"photo{suffix}": picture(1, "TIFF"), f"PHOTO{suffix.upper()}": picture(2)}.items():
        (tmp_path / "a" / name).write_bytes(content)
    old = snapshot(tmp_path / "a")
    rows = run_raws(tmp_path / "a", tiny)
    assert {row["written"] for row in rows.values()} == {"sidecar"}
    assert all("is a raw file" in row["message"] for row in rows.values())
    assert {name: content for name, content in snapshot(tmp_path / "a").items() if name in old} == old


@needs_rawpy
@pytest.mark.parametrize("name", ["photo.dng", "photo.tif"])
def test_a_raw_file_gets_a_sidecar_by_its_content_too(name: str, tmp_path: Path, tiny: str) -> None:
    folder = fill(tmp_path / "a", ())
    (folder / name).write_bytes(dng())
    row = run_raws(folder, tiny)[name]
    assert row["written"] == "sidecar"
    assert "is a raw file" in row["message"]
    assert xmp.read((folder / f"{name}.xmp").read_bytes()) is not None
    assert (folder / name).read_bytes() == dng()


def test_of_a_raw_file_that_nothing_can_open_the_words_speak_alone(tmp_path: Path, tiny: str) -> None:
    folder = fill(tmp_path / "a", ["Constantinople/jpeg.jpg"])
    for path in ("Constantinople/photo.cr2", "photo.cr2", "Constantinople/photo.jpg"):
        (folder / path).write_bytes(UNKNOWN)
    rows = run_raws(folder, tiny)
    row = rows["Constantinople/photo.cr2"]
    assert (row["status"], row["source"], row["written"]) == ("located", "text", "sidecar")
    assert "picture not seen: " in row["evidence"]
    assert rows["photo.cr2"]["status"] == rows["Constantinople/photo.jpg"]["status"] == "failed"
    ran = run(folder, tiny, write_exif=True, max_error_km=20100.0)
    assert set(ran.ears.fresh) == {"photo.cr2", "Constantinople/photo.jpg"}, "only failures are tried again"


def test_words_alone_need_no_decoder(tmp_path: Path, tiny: str) -> None:
    folder = fill(tmp_path / "a", ())
    (folder / "Constantinople.nef").write_bytes(UNKNOWN)
    row = run_raws(folder, tiny, evidence=("words",))["Constantinople.nef"]
    assert (row["status"], row["written"]) == ("located", "sidecar")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.nef", exif(">", gps=camera_gps(">"))),
        ("photo.orf", b"IIRO" + struct.pack("<I", 8) + exif("<", gps=camera_gps("<"))[8:]),
        ("photo.raf", FILES["Fujifilm"]),
        ("photo.mrw", FILES["Minolta"]),
        ("photo.x3f", FILES["Sigma"]),
        ("photo.cr3", FILES["Canon"]),
    ],
)
def test_a_position_of_the_camera_is_kept_without_the_picture(
    name: str, content: bytes, tmp_path: Path, tiny: str
) -> None:
    folder = fill(tmp_path / "a", ())
    (folder / name).write_bytes(content)
    row = run_raws(folder, tiny)[name]
    assert (row["status"], row["source"], row["written"]) == ("kept", "camera", "none")
    assert set(snapshot(folder)) == {name}
