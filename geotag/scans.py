"""Pictures that Pillow cannot open: TIFF of any depth, layout and compression, and JPEG XL.

Scanners write 10, 12 and 14 bits to a sample, floats, planes apart. The only module that knows tifffile and
imagecodecs; both are imported when a file needs them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from geotag.errors import PhotoError

if TYPE_CHECKING:
    from geotag.types import Pixels

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# The bare codestream and the box file (ISO/IEC 18181-1, 7; 18181-2, 9).
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")

_WHITE_IS_ZERO, _RGB, _PALETTE, _CMYK = 0, 2, 3, 5
_RAW = (32803, 34892)
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}


def handles(head: bytes) -> bool:
    """Whether a file with these first bytes (12 or more) is one of ours to try."""
    return head.startswith(_TIFF + _JPEG_XL)


def read(file: BinaryIO, most_bytes: int) -> tuple[Pixels, str, int]:
    """The first picture of a file: uint8 [height, width] or [height, width, 3 or 4], its mode ("L", "RGB",
    "CMYK") and its Exif orientation (1 to 8).

    Raises PhotoError when it would take more than `most_bytes`, or cannot be decoded.
    """
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    try:
        return _tiff(file, most_bytes) if head.startswith(_TIFF) else _jpeg_xl(file, most_bytes)
    except PhotoError:
        raise
    except MemoryError as error:
        raise PhotoError("not enough memory to decode this picture") from error
    except Exception as error:
        # Hostile files make the decoders raise nearly anything; whatever it is, it is this photo's trouble.
        raise PhotoError(f"not a picture that can be opened here ({error})") from error


def _tiff(file: BinaryIO, most_bytes: int) -> tuple[Pixels, str, int]:
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        if page.photometric in _RAW:
            raise PhotoError("a camera raw file; for these: pip install rawpy")
        # One more copy lives while the samples are brought to 8 bits.
        if 2 * page.size * max(page.dtype.itemsize if page.dtype else 1, 1) > most_bytes:
            raise PhotoError(
                f"{page.imagewidth} x {page.imagelength} pixels would take more than the "
                f"{most_bytes >> 20} MiB of memory allowed; make a smaller copy to locate it"
            )
        values = page.asarray()
        bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
        photometric, colours = int(page.photometric), page.colormap
        orientation = page.tags.valueof(274, default=1)
        planes_apart = page.planarconfig is not None and int(page.planarconfig) == 2 and values.ndim == 3
    values = np.moveaxis(values, 0, -1) if planes_apart else values
    if photometric == _PALETTE and colours is not None:
        values, bits = np.moveaxis(colours, 0, -1)[values], 16
    pixels, mode = _channels(to_bytes(values, bits), photometric)
    return pixels, mode, orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _jpeg_xl(file: BinaryIO, most_bytes: int) -> tuple[Pixels, str, int]:
    import imagecodecs

    data = file.read()
    values = imagecodecs.jpegxl_decode(data, index=0)
    if values.nbytes > most_bytes:
        raise PhotoError(f"takes more than the {most_bytes >> 20} MiB of memory allowed")
    # The decoder has turned the picture already (ISO/IEC 18181-1, E.3).
    return *_channels(to_bytes(values, values.dtype.itemsize * 8), _RGB), 1


def _channels(pixels: Pixels, photometric: int) -> tuple[Pixels, str]:
    """Pixels without samples beyond the colours (alpha, infrared), and the mode that is left."""
    if photometric == _WHITE_IS_ZERO:
        pixels = 255 - pixels
    if pixels.ndim == 2:
        return pixels, "L"
    if pixels.ndim != 3:
        raise PhotoError(f"its first picture has {pixels.ndim} dimensions")
    colours = 4 if photometric == _CMYK else 3
    keep = colours if pixels.shape[2] >= colours else 1
    pixels = pixels[..., 0] if keep == 1 else pixels[..., :keep]
    return np.ascontiguousarray(pixels), _MODES[keep]


def to_bytes(values: NDArray[Any], bits: int) -> Pixels:
    """Samples of any type to 0..255: integers by their depth in bits, floats by their own range."""
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "u":
        return _by_depth(values, bits)
    if values.dtype.kind == "i":
        return _by_depth(values.astype(np.int64) + (1 << (bits - 1)), bits)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    scaled = (np.nan_to_num(values.astype(np.float32), nan=low, posinf=high, neginf=low) - low) * (
        255 / max(high - low, 1e-12)
    )
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8)


def _by_depth(values: NDArray[Any], bits: int) -> Pixels:
    if bits > 8:
        return np.asarray(values >> np.array(bits - 8, values.dtype), np.uint8)
    return np.asarray(values.astype(np.uint16) * 255 // ((1 << bits) - 1), np.uint8)
