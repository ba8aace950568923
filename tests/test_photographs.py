"""The archive of `make demo` holds what it promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import piexif
import pytest
from PIL import Image

from tests.photographs import KEPT, LAUNCH_PAD, TRUNCATED, build


def formats(folder: Path) -> dict[str, str | None]:
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with Image.open(path) as image:
            found[path.relative_to(folder).as_posix()] = image.format
    return found


def test_archive_holds_every_promised_format(photographs: Path) -> None:
    assert set(formats(photographs).values()) == {"JPEG", "TIFF", "PNG", "WEBP", "JPEG2000"}


def test_returns_its_files_in_path_order(tmp_path: Path) -> None:
    made = build(tmp_path / "new" / "archive")
    assert made == sorted(p for p in tmp_path.rglob("*") if p.is_file())


def test_same_bytes_every_time(photographs: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    for path in build(again):
        assert path.read_bytes() == (photographs / path.relative_to(again)).read_bytes(), path.name


def test_lying_photograph_stands_up_by_its_orientation(photographs: Path) -> None:
    (lying,) = photographs.rglob("*lying*.jpg")
    (standing,) = photographs.rglob("palace.jpg")
    assert piexif.load(str(lying))["0th"][piexif.ImageIFD.Orientation] == 6
    with Image.open(lying) as image, Image.open(standing) as upright:
        assert image.size == upright.size[::-1]
        turned = np.asarray(image.transpose(Image.Transpose.ROTATE_270), np.int16)
        assert np.abs(turned - np.asarray(upright, np.int16)).mean() < 6


def test_grey_scan_is_really_16_bit(photographs: Path) -> None:
    (scan,) = photographs.rglob("*16 bit.tif")
    with Image.open(scan) as image:
        values = np.asarray(image)
        assert image.mode == "I;16"
    assert values.min() >= 8192
    assert 256 < values.max() < 65535
    assert len(np.unique(values)) > 200


def test_one_photograph_knows_its_place(photographs: Path) -> None:
    gps = piexif.load(str(photographs / KEPT))["GPS"]
    degrees = [sum(n / d / 60**i for i, (n, d) in enumerate(gps[tag])) for tag in (2, 4)]
    assert (gps[1], gps[3]) == (b"N", b"W")
    assert (degrees[0], -degrees[1]) == pytest.approx(LAUNCH_PAD)


def test_one_photograph_is_cut_short(photographs: Path) -> None:
    with Image.open(photographs / TRUNCATED) as image, pytest.raises(OSError, match="truncated"):
        image.load()
