"""A large scan, made smaller while it is read, looks as if read whole, and takes little memory."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from geotag import decode as decoding
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.types import Recipe
from tests import giants
from tests.pictures import photograph, saved

RECIPE = Recipe("shorter", 32, 32)
WIDTH, HEIGHT = 627, 517


def picture() -> Image.Image:
    return photograph(WIDTH, HEIGHT)


def pillows(mode: str, **options: object) -> bytes:
    return saved(picture().convert(mode), "TIFF", **options)


def tifffiles(values: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def rgb() -> np.ndarray:
    return np.asarray(picture())


def grey16(top: int = 65535) -> np.ndarray:
    return (np.asarray(picture().convert("L")) / 255 * top).astype(np.uint16)


def faded() -> Image.Image:
    """Clear on the left, opaque on the right."""
    image = picture().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").rotate(90).resize(image.size))
    return image


SCANS = {
    "grey": pillows("L"),
    "grey, counting from white": tifffiles(np.asarray(picture().convert("L")), photometric="miniswhite"),
    "bilevel, plain": pillows("1"),
    "bilevel, PackBits": pillows("1", compression="packbits"),
    "bilevel, Group 4": pillows("1", compression="group4"),
    "palette": saved(picture().quantize(64), "TIFF", compression="tiff_lzw"),
    "RGB, plain": pillows("RGB"),
    "RGB, LZW": pillows("RGB", compression="tiff_lzw"),
    "RGB, deflate": pillows("RGB", compression="tiff_adobe_deflate"),
    "RGB, JPEG": pillows("RGB", compression="jpeg", quality=95),
    "RGB, differences": tifffiles(rgb(), photometric="rgb", compression="lzw", predictor=2, rowsperstrip=13),
    "RGB, one strip": tifffiles(rgb(), photometric="rgb", compression="zlib", rowsperstrip=HEIGHT),
    "RGB, tiles": tifffiles(rgb(), photometric="rgb", tile=(48, 80)),
    "RGB, JPEG tiles": tifffiles(rgb(), photometric="ycbcr", tile=(64, 48), compression="jpeg"),
    "RGB, planes apart": tifffiles(rgb().transpose(2, 0, 1), photometric="rgb", planarconfig="separate"),
    "RGB, big-endian": tifffiles(rgb(), photometric="rgb", byteorder=">"),
    "RGB, BigTIFF": tifffiles(rgb(), photometric="rgb", bigtiff=True),
    "RGB, 16 bits": tifffiles(rgb().astype(np.uint16) * 257, photometric="rgb", compression="zlib"),
    "RGB, upright after a quarter turn": tifffiles(
        rgb(), photometric="rgb", extratags=[(274, 3, 1, 6, True)]
    ),
    "CMYK": pillows("CMYK", compression="tiff_lzw"),
    "RGB on clear": saved(faded(), "TIFF"),
    "grey on clear": saved(faded().convert("LA"), "TIFF"),
    "RGB on clear, 16 bits": tifffiles(
        np.asarray(faded()).astype(np.uint16) * 257, photometric="rgb", extrasamples=["unassalpha"]
    ),
    "grey, 16 bits": tifffiles(grey16(), photometric="minisblack"),
    "grey, 16 bits, big-endian": tifffiles(grey16(), photometric="minisblack", byteorder=">"),
    "grey, 16 bits, from white": tifffiles(grey16(), photometric="miniswhite"),
    "grey, 12 bits in 16": tifffiles(grey16(4095), photometric="minisblack", compression="lzw"),
}


@pytest.mark.parametrize("kind", SCANS)
def test_read_in_pieces_looks_like_read_whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = decode(SCANS[kind], RECIPE).astype(int)
    monkeypatch.setattr(decoding, "PIECES_BYTES", 0)
    monkeypatch.setattr("PIL.TiffImagePlugin.TiffImageFile.load", None)
    pieces = decode(SCANS[kind], RECIPE).astype(int)
    off = np.abs(pieces - whole)
    assert (off.max() <= 6, off.mean() <= 0.75) == (True, True), (off.max(), off.mean())


# --- in bounded memory -----------------------------------------------------------------------------------

BOUND = 128 << 20
UNDER_A_LIMIT = """
import resource, sys
import imagecodecs, tifffile
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.types import Recipe
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    print("mean", decode(sys.argv[2], Recipe("squash", 224, 224)).mean())
except PhotoError as error:
    print("refused:", error)
"""


def decoded_under_a_limit(path: Path) -> str:
    """What becomes of a picture where the process may take BOUND bytes more than it has."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("needs Linux: memory limits of a process and /proc")
    command = [sys.executable, "-c", UNDER_A_LIMIT, str(BOUND), str(path)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("size", "dtype", "samples", "layout"),
    [
        pytest.param(giants.HUNDRED, "uint8", 3, {"rowsperstrip": 8, "compression": "lzw"}, id="100 MP RGB"),
        pytest.param(
            giants.HUNDRED, "uint16", 1, {"rowsperstrip": 8704}, id="100 MP grey, 16 bits, one strip"
        ),
        pytest.param(
            giants.GIGAPIXEL,
            "uint8",
            1,
            {"tile": (1024, 1024), "compression": "zlib", "bigtiff": True},
            id="1 GP grey, tiles",
        ),
    ],
)
def test_a_large_scan_is_decoded_in_little_memory(
    size: tuple[int, int], dtype: str, samples: int, layout: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "scan.tif"
    giants.tiff(path, size, dtype, samples, **layout)
    assert size[0] * size[1] * samples * np.dtype(dtype).itemsize > BOUND
    assert decoded_under_a_limit(path).startswith("mean")


def huge_strip() -> bytes:
    file = io.BytesIO()
    shape = giants.GIGAPIXEL
    tifffile.imwrite(
        file, iter([b"\x80\x80\x80"]), shape=shape, dtype="uint8", compression="lzw", rowsperstrip=shape[0]
    )
    return file.getvalue()


GIANTS: dict[str, Callable[[], bytes]] = {
    "TIFF, one compressed strip": huge_strip,
    "progressive JPEG": lambda: giants.claims(
        saved(Image.new("RGB", (64, 64)), "JPEG", progressive=True),
        b"\xff\xc2",
        struct.pack(">HH", 25_600, 40_960),
        5,
    ),
    "JPEG 2000 of one resolution": lambda: giants.claims(
        saved(Image.new("RGB", (64, 64)), "JPEG2000", num_resolutions=1, no_jp2=True),
        b"\xff\x4f\xff\x51",
        struct.pack(">II", 40_960, 25_600),
        8,
    ),
    "JPEG XL": lambda: (
        b"\xff\x0a" + (0b11 << 1 | 25_599 << 3 | 0b11 << 36 | 40_959 << 38).to_bytes(12, "little")
    ),
}


@pytest.mark.parametrize("kind", GIANTS)
def test_a_gigapixel_that_would_take_too_much_memory_is_refused(kind: str) -> None:
    with pytest.raises(PhotoError, match=r"40960 x 25600 pixels.* MiB.*make a smaller copy"):
        decode(GIANTS[kind](), RECIPE)
