"""Pictures come out upright and in the asked shape; every broken one is a PhotoError and nothing worse."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import piexif
import pytest
from PIL import Image

from geotag.decode import MAX_DECODED_BYTES, decode
from geotag.errors import PhotoError
from geotag.types import Recipe
from tests.pictures import BLUE, GREEN, RED, SQUASH, YELLOW, close, corners, photograph, quarters, saved

# --- upright ---------------------------------------------------------------------------------------------

STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera stores an upright picture under each Exif orientation."""


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("format_", ["JPEG", "TIFF", "PNG", "WEBP", "AVIF"])
def test_eight_orientations_are_turned_upright(format_: str, orientation: int) -> None:
    turn = STORED[orientation]
    image = quarters() if turn is None else quarters().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"compression": "tiff_lzw"} if format_ == "TIFF" else {"quality": 95}
    pixels = decode(saved(image, format_, exif=exif, **options), SQUASH)
    assert pixels.shape == (24, 32, 3)
    assert pixels.dtype == np.uint8
    assert close(corners(pixels), [RED, GREEN, BLUE, YELLOW], by=12)


def test_exif_block_of_another_writer_turns_a_jpeg() -> None:
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: 8}})
    data = saved(quarters().transpose(Image.Transpose.ROTATE_270), "JPEG", exif=exif, quality=95)
    assert close(corners(decode(data, SQUASH)), [RED, GREEN, BLUE, YELLOW], by=12)


@pytest.mark.parametrize("orientation", [0, 9, 40_000])
def test_orientation_out_of_range_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert close(corners(decode(saved(quarters(), "PNG", exif=exif), SQUASH)), [RED, GREEN, BLUE, YELLOW])


def test_damaged_exif_does_not_cost_the_picture() -> None:
    data = saved(quarters(), "JPEG", exif=b"Exif\0\0XX\xff\xff damaged", quality=95)
    assert close(corners(decode(data, SQUASH)), [RED, GREEN, BLUE, YELLOW], by=12)


# --- shortcuts in decoding -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1600, 1200), (1201, 1599), (1605, 1203), (2400, 600)])
@pytest.mark.parametrize("format_", ["JPEG", "JPEG2000"])
def test_decoding_at_reduced_size_looks_like_full_decoding(format_: str, size: tuple[int, int]) -> None:
    recipe = Recipe("shorter", 128, 128)
    data = saved(photograph(*size), format_)
    with Image.open(io.BytesIO(data)) as image:
        full = saved(image, "PNG")
    difference = np.abs(decode(data, recipe).astype(int) - decode(full, recipe).astype(int))
    assert difference.mean() < 2
    assert difference.max() < 24


def test_a_large_scan_costs_no_float_copy(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    path.write_bytes(saved(Image.fromarray(np.full((4000, 5000), 30_000, np.uint16)), "TIFF"))
    tracemalloc.start()
    pixels = decode(str(path), SQUASH)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert close(pixels, 30_000 / 257, by=1)
    assert peak < 2 * path.stat().st_size


# --- recipes ---------------------------------------------------------------------------------------------


def test_squash_shows_the_whole_picture() -> None:
    pixels = decode(saved(quarters(400, 100), "PNG"), Recipe("squash", 40, 40))
    assert close(corners(pixels), [RED, GREEN, BLUE, YELLOW])


def test_shorter_cuts_the_middle_out() -> None:
    image = Image.new("RGB", (400, 100), "white")
    image.paste(RED, (150, 0, 250, 100))
    pixels = decode(saved(image, "PNG"), Recipe("shorter", 40, 40))
    assert close(pixels[:, 1:-1], RED)


def test_pad_keeps_the_shape_and_fills_with_grey() -> None:
    pixels = decode(saved(Image.new("RGB", (400, 100), RED), "PNG"), Recipe("pad", 40, 40))
    assert close(pixels[15:25], RED)
    assert close(pixels[:15], 124)
    assert close(pixels[25:], 124)


@pytest.mark.parametrize("resize", ["squash", "shorter", "pad"])
def test_turned_picture_fits_a_recipe_that_is_not_square(resize: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    recipe = Recipe(resize, 30, 50)
    stored = quarters(500, 300).transpose(Image.Transpose.ROTATE_90)
    pixels = decode(saved(stored, "PNG", exif=exif), recipe)
    assert pixels.shape == (30, 50, 3)
    assert close(pixels, decode(saved(quarters(500, 300), "PNG"), recipe), by=2)


@pytest.mark.parametrize("resize", ["squash", "shorter", "pad"])
def test_every_shape_of_picture_fits_every_recipe(resize: str) -> None:
    for width, height in [(1, 1), (1, 3000), (3000, 1), (227, 227), (333, 1000), (997, 331), (7, 5)]:
        data = saved(Image.new("RGB", (width, height), RED), "PNG")
        for recipe in (Recipe(resize, 227, 227), Recipe(resize, 13, 31), Recipe(resize, 97, 3)):
            pixels = decode(data, recipe)
            assert pixels.shape == (recipe.height, recipe.width, 3)
            assert close(pixels[recipe.height // 2, recipe.width // 2], RED), (width, height, recipe)


# --- sources ---------------------------------------------------------------------------------------------


def test_path_bytes_and_open_file_give_the_same(tmp_path: Path) -> None:
    data = saved(quarters(), "PNG")
    path = os.fsdecode(os.fsencode(tmp_path) + b"/photo \xff\xfe.png")
    Path(path).write_bytes(data)
    with open(path, "rb") as file:
        assert (decode(path, SQUASH) == decode(file, SQUASH)).all()
        assert not file.closed
    assert (decode(path, SQUASH) == decode(data, SQUASH)).all()


# --- trouble ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF"])
def test_cut_short_is_called_truncated(format_: str) -> None:
    data = saved(photograph(320, 240), format_)
    cut = data[: len(data) // 2]
    if format_ == "TIFF":
        cut = data[:-40_000]
    with pytest.raises(PhotoError, match="truncated"):
        decode(cut, SQUASH)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "JPEG2000", "AVIF", "GIF", "BMP"])
def test_cut_anywhere_settles_the_photo_and_nothing_else(format_: str) -> None:
    data = saved(photograph(200, 150), format_)
    failures = 0
    for share in range(0, 90, 9):
        try:
            decode(data[: len(data) * share // 100], SQUASH)
        except PhotoError:
            failures += 1
    assert failures >= 5


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP"])
def test_flipped_bytes_settle_the_photo_and_nothing_else(format_: str) -> None:
    random = np.random.default_rng(3)
    original = saved(photograph(120, 90), format_)
    outcomes = set()
    for _ in range(60):
        data = bytearray(original)
        for at in random.integers(0, min(len(data), 400), 4):
            data[at] = random.integers(0, 256)
        try:
            outcomes.add(decode(bytes(data), SQUASH).shape)
        except PhotoError:
            outcomes.add(())
    assert () in outcomes
    assert outcomes <= {(), (24, 32, 3)}


def test_text_with_the_name_of_a_photograph(tmp_path: Path) -> None:
    path = tmp_path / "list.jpg"
    path.write_text("The photographs are in the other box.\n" * 50)
    with pytest.raises(PhotoError, match="not a picture") as caught:
        decode(str(path), SQUASH)
    assert "heif" not in str(caught.value)


def test_no_bytes_at_all(tmp_path: Path) -> None:
    path = tmp_path / "nothing.jpg"
    path.touch()
    with pytest.raises(PhotoError, match="empty file"):
        decode(str(path), SQUASH)


def test_missing_file_and_folder_say_why(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="no such file"):
        decode(str(tmp_path / "gone.jpg"), SQUASH)
    with pytest.raises(PhotoError, match="is a directory"):
        decode(str(tmp_path), SQUASH)


def test_postscript_is_never_run() -> None:
    data = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n"
    with pytest.raises(PhotoError, match="not a picture"):
        decode(data, SQUASH)


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes whose header promises a huge RGB picture (PNG 1.2, section 11.2)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_bomb_is_refused_before_it_takes_memory() -> None:
    data = png_that_claims(100_000, 100_000)
    assert MAX_DECODED_BYTES < 100_000 * 100_000 * 4
    with pytest.raises(PhotoError, match=r"100000 x 100000 pixels .* MiB allowed"):
        decode(data, SQUASH)


def test_large_scan_under_the_limit_is_no_bomb() -> None:
    data = saved(Image.new("1", (20_000, 12_000), 1), "TIFF", compression="group4")
    assert (decode(data, SQUASH) == 255).all()
