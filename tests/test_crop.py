"""Boxes: the middle part, and the part that whole-pixel preprocessing leaves, to the value."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from geotag.decode import decode
from geotag.pixels import crop
from geotag.types import Recipe
from tests.pictures import close, corners, photograph, quarters, ramp, saved

SIDE = 56
CLIP = Recipe("shorter", SIDE, SIDE, "bicubic")


def preprocessed(image: Image.Image) -> NDArray[np.uint8]:
    """What CLIP's own preprocessing makes of an upright RGB picture before it normalises."""
    width, height = image.size
    short = min(width, height)
    small = image.resize((SIDE * width // short, SIDE * height // short), Image.Resampling.BICUBIC)
    left, top = (small.width - SIDE) // 2, (small.height - SIDE) // 2
    return np.asarray(small.crop((left, top, left + SIDE, top + SIDE)))


@pytest.mark.parametrize(
    "size", [(300, 200), (200, 301), (997, 331), (56, 56), (57, 111), (40, 9), (5, 33), (1, 1), (640, 120)]
)
def test_whole_pixel_preprocessing_is_met_to_the_value(size: tuple[int, int]) -> None:
    image = photograph(*size)
    assert np.array_equal(decode(saved(image, "PNG"), CLIP), preprocessed(image))


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK"])
def test_whole_pixel_preprocessing_in_other_modes(mode: str) -> None:
    image = photograph(311, 200).convert(mode)
    found = decode(saved(image, "TIFF"), CLIP).astype(int)
    assert np.abs(found - preprocessed(image.convert("RGB"))).max() <= (3 if mode == "CMYK" else 0)


def test_a_jpeg_is_decoded_whole_for_it() -> None:
    data = saved(photograph(900, 700), "JPEG", quality=90)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(decode(data, CLIP), preprocessed(image))
    fast = decode(data, Recipe("shorter", SIDE, SIDE))
    assert 0 < np.abs(fast.astype(int) - decode(data, CLIP)).mean() < 6


def test_a_picture_turned_by_exif_is_that_picture_upright() -> None:
    # An even number of pixels is cut off, so that both ends lose as much whichever way it lies.
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(photograph(300, 200), "JPEG", exif=exif, quality=90)
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
    assert upright.size == (200, 300)
    assert np.abs(decode(data, CLIP).astype(int) - preprocessed(upright)).max() <= 1


def test_deep_and_clear_pictures_go_the_same_way() -> None:
    deep = Image.fromarray((ramp(300, 200) * 65535).astype(np.uint16))
    found = decode(saved(deep, "PNG"), CLIP)
    grey = Image.fromarray((ramp(300, 200) * 255).astype(np.uint8)).convert("RGB")
    assert close(found, preprocessed(grey), by=2)
    clear = quarters(300, 200)
    clear.putalpha(0)
    assert corners(decode(saved(clear, "PNG"), CLIP)) == [(255, 255, 255)] * 4


@pytest.mark.parametrize("resize", ["squash", "pad"])
def test_the_other_ways_of_resizing_know_the_filter(resize: str) -> None:
    data = saved(photograph(320, 240), "PNG")
    smooth = decode(data, Recipe(resize, 40, 40, "bicubic")).astype(int)
    assert smooth.shape == (40, 40, 3)
    assert 0 < np.abs(smooth - decode(data, Recipe(resize, 40, 40))).mean() < 4


def test_a_box_lies_in_its_picture() -> None:
    rng = np.random.default_rng(0)
    for across, down, width, height in rng.integers(1, 5000, (2000, 4)).tolist():
        left, top, right, bottom = crop.middle(across, down, width, height)
        assert 0 <= left < right <= across
        assert 0 <= top < bottom <= down
        (wide, tall), (left, top, right, bottom) = crop.in_whole_pixels(across, down, width, height)
        assert 0 <= left < right <= wide
        assert 0 <= top < bottom <= tall
        assert (right - left, bottom - top) == (width, height)


def test_of_a_long_strip_the_middle_is_looked_at() -> None:
    strip = Image.new("RGB", (3, 60_000), "red")
    strip.paste("blue", (0, 29_900, 3, 30_100))
    pixels = decode(saved(strip, "PNG"), CLIP)
    assert pixels.shape == (SIDE, SIDE, 3)
    assert close(corners(pixels), [(0, 0, 255)] * 4)
    assert crop.of_strip(3, 60_000) == (0, 29_976, 3, 30_024)
    assert crop.of_strip(640, 41) == (0, 0, 640, 41)
