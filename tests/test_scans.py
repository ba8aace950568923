"""Pictures that Pillow cannot open, made here and decoded to what they show."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
import pytest
import tifffile

from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.pixels import scans
from geotag.types import Recipe

RECIPE = Recipe("squash", 32, 48)
RAMP = np.linspace(0, 1, 48)[None, :].repeat(32, axis=0)
"""Dark on the left, bright on the right."""


def tiff(values: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def looks_right(pixels: np.ndarray, coarse: float = 6) -> None:
    assert pixels.shape == (32, 48, 3)
    assert np.abs(pixels.astype(float).mean(axis=2) - 255 * RAMP).max() < coarse


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "float16", "float32", "float64"])
@pytest.mark.parametrize("planes", [1, 3])
def test_depths(dtype: str, planes: int) -> None:
    top = 1 if dtype.startswith("f") else np.iinfo(dtype).max
    values = (RAMP * top).astype(dtype)
    if planes == 3:
        values = np.stack([values] * 3, axis=2)
    looks_right(decode(tiff(values, photometric="rgb" if planes == 3 else "minisblack"), RECIPE))


def test_planes_apart() -> None:
    values = np.stack([(RAMP * 65535).astype(np.uint16)] * 3)
    looks_right(decode(tiff(values, photometric="rgb", planarconfig="separate"), RECIPE))


@pytest.mark.parametrize("bits", [4, 10, 12, 14])
def test_packed_bits(bits: int) -> None:
    values = (RAMP * (2**bits - 1)).astype(np.uint16)
    samples = values.astype(">u2").view(np.uint8).reshape(32, 48, 2)
    rows = np.unpackbits(samples, axis=2)[:, :, -bits:].reshape(32, -1)
    looks_right(
        decode(packed_tiff(np.packbits(rows, axis=1).tobytes(), bits), RECIPE),
        coarse=max(6, 255 / (2**bits - 1)),
    )


def packed_tiff(strip: bytes, bits: int) -> bytes:
    """A big-endian TIFF of one strip of packed samples (TIFF 6.0, sections 2 and 3)."""
    tags = {256: 48, 257: 32, 258: bits, 259: 1, 262: 1, 273: 8, 277: 1, 278: 32, 279: len(strip)}
    entries = b"".join(
        tag.to_bytes(2, "big") + b"\0\4\0\0\0\1" + value.to_bytes(4, "big") for tag, value in tags.items()
    )
    strip += b"\0" * (len(strip) % 2)
    start = 8 + len(strip)
    return b"MM\0*" + start.to_bytes(4, "big") + strip + len(tags).to_bytes(2, "big") + entries + bytes(4)


def test_white_is_zero_float() -> None:
    looks_right(decode(tiff((1 - RAMP).astype(np.float64), photometric="miniswhite"), RECIPE))


def test_orientation() -> None:
    values = np.rot90(RAMP).astype(np.float64)
    # 6: the first row is the right-hand side (Exif 2.32, 4.6.4).
    looks_right(decode(tiff(values, photometric="minisblack", extratags=[(274, 3, 1, 6, True)]), RECIPE))


def test_jpeg_xl() -> None:
    looks_right(decode(bytes(imagecodecs.jpegxl_encode((RAMP * 255).astype(np.uint8))), RECIPE))


def test_too_large() -> None:
    with pytest.raises(PhotoError, match=r"48 x 32 pixels .* memory allowed"):
        scans.read(io.BytesIO(tiff(RAMP)), 1000, 64)


@pytest.mark.parametrize("head", [b"II*\0", b"MM\0*", b"II+\0", b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"])
def test_rubbish(head: bytes) -> None:
    assert scans.handles(head + bytes(8))
    with pytest.raises(PhotoError, match=r"cannot be opened|not a picture|without a codestream"):
        decode(head + b"rubbish" * 9, RECIPE)


@pytest.mark.parametrize("tag", [256, 257], ids=["no columns", "no rows"])
def test_nothing_to_see(tag: int) -> None:
    """ImageWidth or ImageLength of 0 (TIFF 6.0, section 3)."""
    data = tiff(RAMP.astype(np.float32))
    with tifffile.TiffFile(io.BytesIO(data)) as opened:
        at = opened.pages.first.tags[tag].valueoffset
    with pytest.raises(PhotoError, match="no rows"):
        scans.read(io.BytesIO(data[:at] + bytes(2) + data[at + 2 :]), 1 << 30, 64)
