"""Every mode a picture may be stored in comes out as RGB, as bright and as coloured as it is."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from geotag.decode import decode
from geotag.types import Recipe
from tests.pictures import (
    BLUE,
    GREEN,
    RED,
    SQUASH,
    YELLOW,
    close,
    corners,
    quarters,
    ramp,
    saved,
    tiff_by_hand,
)


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The one channel of a grey result; fails where the three differ."""
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0]


# --- deep grey -------------------------------------------------------------------------------------------


def png16(values: NDArray[np.uint16]) -> bytes:
    return saved(Image.fromarray(values), "PNG")


def tiff16(values: NDArray[np.uint16], **options: object) -> bytes:
    return saved(Image.fromarray(values), "TIFF", **options)


def uint16(top: int = 65535) -> NDArray[np.uint16]:
    return np.round(ramp() * top).astype(np.uint16)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiff16(uint16()), id="tiff"),
        pytest.param(tiff16(uint16(), compression="tiff_adobe_deflate"), id="tiff deflate"),
        pytest.param(tiff_by_hand(uint16().astype(">u2"), 16, 1), id="tiff big-endian"),
        pytest.param(tiff_by_hand(uint16().astype("<u2"), 16, 1), id="tiff little-endian"),
        pytest.param(tiff_by_hand((65535 - uint16()).astype("<u2"), 16, 0), id="tiff WhiteIsZero"),
        pytest.param(png16(uint16()), id="png"),
        pytest.param(b"P5 64 48 65535\n" + uint16().astype(">u2").tobytes(), id="pgm"),
        pytest.param(saved(Image.fromarray(uint16()), "JPEG2000"), id="jpeg 2000"),
        pytest.param(tiff16(uint16(4095)), id="12 bits in 16"),
        pytest.param(tiff16(uint16(255)), id="8 bits in 16"),
    ],
)
def test_sixteen_bit_grey_keeps_its_brightness(data: bytes) -> None:
    wanted = np.asarray(Image.fromarray(np.uint8(ramp() * 255)).resize((32, 24), Image.Resampling.BILINEAR))
    assert close(grey(decode(data, SQUASH)), wanted, by=2)


def test_dark_sixteen_bit_scan_stays_dark() -> None:
    values = np.full((480, 640), 6000, np.uint16)
    values[0, 0] = 65535
    assert close(decode(tiff16(values), SQUASH)[5:, 5:], 6000 / 257, by=1)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (ramp(), "shares of white"),
        (ramp() * 255, "eight bits"),
        (ramp() * 65535, "sixteen bits"),
        (ramp() * 1e6 - 5e5, "its own range"),
    ],
)
def test_float_tiff_keeps_its_brightness(values: NDArray[np.float64], name: str) -> None:
    pixels = grey(decode(saved(Image.fromarray(values.astype(np.float32)), "TIFF"), SQUASH))
    assert close(pixels[10], np.linspace(0, 255, 32), by=4), name


def test_holes_in_a_float_picture_turn_black_and_spoil_nothing() -> None:
    values = np.full((48, 64), 0.5, np.float32)
    values[:12, :16] = np.nan
    pixels = grey(decode(saved(Image.fromarray(values), "TIFF"), SQUASH))
    assert (pixels[:4, :6] == 0).all()
    assert (pixels[12:, 12:] == 128).all()


def test_float_picture_of_holes_only_is_black() -> None:
    data = saved(Image.fromarray(np.full((48, 64), np.nan, np.float32)), "TIFF")
    assert (decode(data, SQUASH) == 0).all()


@pytest.mark.parametrize("top", [65535, 2_000_000_000])
def test_thirty_two_bit_grey_keeps_its_brightness(top: int) -> None:
    data = saved(Image.fromarray(np.round(ramp() * top).astype(np.int32)), "TIFF")
    assert close(grey(decode(data, SQUASH))[10], np.linspace(0, 255, 32), by=4)


# --- other modes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["PNG", "GIF", "TIFF", "BMP"])
def test_palette_gives_its_colours(format_: str) -> None:
    data = saved(quarters().quantize(8), format_)
    assert close(corners(decode(data, SQUASH)), [RED, GREEN, BLUE, YELLOW])


def test_clear_palette_colour_becomes_white() -> None:
    image = quarters().quantize(8)
    clear = int(np.asarray(image)[0, 0])
    for data in (saved(image, "PNG", transparency=clear), saved(image, "GIF", transparency=clear)):
        assert close(corners(decode(data, SQUASH)), [(255, 255, 255), GREEN, BLUE, YELLOW])


def test_clear_grey_and_clear_colour_become_white() -> None:
    dark = Image.new("L", (64, 48), 10)
    dark.paste(100, (32, 0, 64, 48))
    assert close(grey(decode(saved(dark, "PNG", transparency=10), SQUASH))[10, [4, 28]], [255, 100])
    data = saved(quarters(), "PNG", transparency=RED)
    assert close(corners(decode(data, SQUASH)), [(255, 255, 255), GREEN, BLUE, YELLOW])


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP"])
def test_transparent_parts_are_laid_on_white(mode: str, format_: str) -> None:
    image = Image.new("L", (320, 240), 40).convert(mode)
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (160, 0, 320, 120))
    alpha.paste(128, (0, 120, 160, 240))
    image.putalpha(alpha)
    options = {"lossless": True} if format_ == "WEBP" else {}
    half = round(255 - (255 - 40) * 128 / 255)
    wanted = [(40,) * 3, (255,) * 3, (half,) * 3, (40,) * 3]
    assert close(corners(decode(saved(image, format_, **options), SQUASH)), wanted, by=2)


def test_colour_under_clear_pixels_does_not_bleed() -> None:
    image = quarters().convert("RGBA")
    image.paste((255, 0, 255, 0), (160, 0, 320, 120))
    pixels = decode(saved(image, "PNG"), Recipe("squash", 30, 40))
    edge = pixels[2:13, 19:22].astype(int)
    assert (edge[..., 2] <= edge.max(axis=-1)).all()
    assert close(pixels[5, 30], (255, 255, 255))
    # Between red and white there is no magenta: green and blue rise together.
    assert close(edge[..., 1], edge[..., 2], by=4)


def test_cmyk_jpeg_of_adobe_is_not_a_negative() -> None:
    data = saved(quarters().convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    assert close(corners(decode(data, SQUASH)), [RED, GREEN, BLUE, YELLOW], by=12)


def test_cmyk_tiff_is_not_a_negative() -> None:
    data = saved(quarters().convert("CMYK"), "TIFF")
    assert close(corners(decode(data, SQUASH)), [RED, GREEN, BLUE, YELLOW], by=12)


def test_lab_tiff_gives_its_colours() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(quarters(), srgb, lab, outputMode="LAB")
    assert image is not None
    assert close(corners(decode(saved(image, "TIFF"), SQUASH)), [RED, GREEN, BLUE, YELLOW], by=12)


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "BMP", "GIF"])
def test_bilevel_is_averaged_to_grey(format_: str) -> None:
    checks = np.indices((240, 320)).sum(axis=0) % 2 == 0
    checks[:, :160] = True
    pixels = grey(decode(saved(Image.fromarray(checks), format_), SQUASH))
    assert close(pixels[:, :14], 255)
    assert close(pixels[:, 18:], 127, by=16)


@pytest.mark.parametrize("compression", [None, "group3", "group4"])
def test_bilevel_counting_from_white_is_not_a_negative(compression: str | None) -> None:
    negative = Image.new("1", (320, 240), 0)
    negative.paste(1, (0, 0, 160, 240))
    black_is_zero, white_is_zero = (struct.pack("<HHIHH", 262, 3, 1, value, 0) for value in (1, 0))
    data = saved(negative, "TIFF", compression=compression)
    assert data.count(black_is_zero) == 1
    pixels = grey(decode(data.replace(black_is_zero, white_is_zero), SQUASH))
    assert close(pixels[10, [4, 28]], [0, 255])


def test_eight_bit_counting_from_white_is_not_a_negative() -> None:
    values = np.round(ramp() * 255).astype(np.uint8)
    assert close(
        grey(decode(tiff_by_hand(255 - values, 8, 0), SQUASH)),
        grey(decode(saved(Image.fromarray(values), "PNG"), SQUASH)),
    )


def test_only_the_first_frame_counts() -> None:
    other = Image.new("RGB", (320, 240), "white")
    for format_ in ("TIFF", "GIF", "WEBP", "MPO", "PNG"):
        options = {"lossless": True} if format_ == "WEBP" else {}
        data = saved(quarters(), format_, save_all=True, append_images=[other], **options)
        assert close(corners(decode(data, SQUASH)), [RED, GREEN, BLUE, YELLOW], by=12), format_


@pytest.mark.parametrize("format_", ["AVIF", "WEBP", "JPEG", "JPEG2000", "PPM", "TGA", "PCX"])
def test_other_formats_give_their_colours(format_: str) -> None:
    assert close(corners(decode(saved(quarters(), format_), SQUASH)), [RED, GREEN, BLUE, YELLOW], by=16)
