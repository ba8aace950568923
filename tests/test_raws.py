"""Camera raw files: the mosaic is developed, the preview is found, rubbish is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile

from geotag import raws
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.types import Recipe

needs_rawpy = pytest.mark.skipif(not raws.RAW, reason="rawpy is not installed (extra: raw)")
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


def test_other_files_are_not_ours() -> None:
    assert not raws.handles(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1")
    assert not raws.handles(b"\x89PNG\r\n\x1a\n\0\0\0\r")
