"""Pictures that the tests of decoding are made of: small, known to the pixel, always the same."""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geotag.types import Recipe

SQUASH = Recipe("squash", 24, 32)
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 30), (30, 30, 210), (230, 220, 40)


def quarters(width: int = 320, height: int = 240) -> Image.Image:
    """A picture without any symmetry: red and green above, blue and yellow below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def ramp(width: int = 64, height: int = 48) -> NDArray[np.float64]:
    """Grey from 0 at the left to 1 at the right."""
    return np.tile(np.linspace(0, 1, width), (height, 1))


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def corners(pixels: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters: above left and right, below left and right."""
    height, width = pixels.shape[:2]
    return [
        tuple(int(v) for v in pixels[y, x])
        for y in (height // 4, 3 * height // 4)
        for x in (width // 4, 3 * width // 4)
    ]


def close(found: object, wanted: object, by: float = 6) -> bool:
    return bool(np.abs(np.asarray(found, float) - np.asarray(wanted, float)).max() <= by)


def photograph(width: int, height: int) -> Image.Image:
    """Soft shapes of every size, like a photograph: made from noise, always the same."""
    noise = np.random.default_rng(7)
    image = Image.new("RGB", (width, height), "grey")
    for cells in (3, 7, 15):
        small = Image.fromarray(noise.integers(0, 255, (cells, cells, 3), np.uint8))
        image = Image.blend(image, small.resize((width, height), Image.Resampling.BICUBIC), 0.4)
    return image


def tiff_by_hand(values: NDArray[np.generic], bits: int, photometric: int, sample_format: int = 1) -> bytes:
    """A TIFF of one grey strip in the byte order of `values`, as Pillow would not write it."""
    order = ">" if values.dtype.byteorder == ">" else "<"
    height, width = values.shape
    data = values.tobytes()
    entries = [(256, width), (257, height), (258, bits), (259, 1), (262, photometric), (273, 8)]
    entries += [(277, 1), (278, height), (279, len(data)), (339, sample_format)]
    ifd = struct.pack(order + "H", len(entries))
    for tag, value in entries:
        ifd += struct.pack(order + "HHII", tag, 4, 1, value)
    magic = b"MM" if order == ">" else b"II"
    return magic + struct.pack(order + "HI", 42, 8 + len(data)) + data + ifd + bytes(4)
