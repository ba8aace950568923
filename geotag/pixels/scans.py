"""Pictures that Pillow cannot open, or not in little memory: TIFF of any depth, layout, size and compression,
and JPEG XL.

Scanners write 10, 12 and 14 bits to a sample, floats, planes apart, and a gigapixel to a picture. A TIFF is
made smaller while its strips or tiles are read one by one: that takes a few times the memory of the largest
of them, however many there are (uncompressed strips are cut). The only module that knows tifffile and
imagecodecs; both are imported when a file needs them.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from geotag.errors import PhotoError
from geotag.pixels import depth
from geotag.pixels.shrink import Shrunk

if TYPE_CHECKING:
    from tifffile import TiffPage

    from geotag.types import Pixels

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# The bare codestream and the box file (ISO/IEC 18181-1, 7; 18181-2, 9).
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")

# Photometric interpretations (TIFF 6.0, sections 8 and 16 to 23), and the samples that make their colours.
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _MASK, _CMYK, _YCBCR = range(7)
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _PALETTE: 1, _MASK: 1, _CMYK: 4}
_RAW = (32803, 34892)
_UNCOMPRESSED, _JPEG = 1, (6, 7)
_ASSOCIATED, _UNASSOCIATED = 1, 2
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_MODES_WITH_ALPHA = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

MOST_PIXELS = 1 << 32
"""A TIFF with more is refused: it is a bomb, for a tiny file can name the same strip a million times."""
_COPIES = 8
"""A strip or tile lives as it came, unpacked, its differences undone, and as colours, maybe as floats."""
_LARGE, _CUT, _READ_AHEAD = 1 << 26, 1 << 20, 1 << 20
_one_large_at_a_time = threading.Lock()

_JPEG_XL_RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_JPEG_XL_BYTES = 16
"""What libjxl takes for a pixel of a lossless picture."""


def handles(head: bytes) -> bool:
    """Whether a file with these first bytes (12 or more) is one of ours to try."""
    return head.startswith(_TIFF + _JPEG_XL)


def read(file: BinaryIO, most_bytes: int, side: int) -> tuple[Pixels, str, int]:
    """The first picture of a file: uint8 [height, width] or [height, width, 2 to 4], its mode ("L", "LA",
    "RGB", "RGBA", "CMYK") and its Exif orientation (1 to 8).

    A TIFF comes on white, and smaller, with `side` or more pixels on its shorter side where it has them.
    Raises PhotoError when reading would take more than `most_bytes`, or the file cannot be decoded.
    """
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    try:
        return _tiff(file, most_bytes, side) if head.startswith(_TIFF) else _jpeg_xl(file, most_bytes)
    except PhotoError:
        raise
    except MemoryError as error:
        raise PhotoError("not enough memory to decode this picture") from error
    except Exception as error:
        # Hostile files make the decoders raise nearly anything; whatever it is, it is this photo's trouble.
        raise PhotoError(f"not a picture that can be opened here ({error})") from error


def _tiff(file: BinaryIO, most_bytes: int, side: int) -> tuple[Pixels, str, int]:
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        _check_kind(page)
        small = _blank(page, side)
        largest = _largest_piece(page)
        if (
            _COPIES * (largest + small.nbytes) > most_bytes
            or page.imagewidth * page.imagelength > MOST_PIXELS
        ):
            raise PhotoError(
                f"{page.imagewidth} x {page.imagelength} pixels in pieces of {largest >> 20} MiB would take "
                f"more than the {most_bytes >> 20} MiB of memory allowed; make a smaller copy to locate it"
            )
        places = zip(page.dataoffsets, page.databytecounts, strict=False)
        if any(offset + length > end for offset, length in places):
            raise PhotoError("truncated picture: its strips or tiles lie beyond the end of the file")
        with _one_large_at_a_time if largest > _LARGE else nullcontext():
            for plane, top, left, piece in _pieces(page, file):
                if plane < small.channels:
                    small.add(piece, top, left, plane)
        orientation = page.tags.valueof(274, default=1)
        pixels = depth.to_bytes(small.mean(), *_range(page, small))
        if page.photometric == _WHITE_IS_ZERO:
            pixels = 255 - pixels
    pixels = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    mode = _MODES[small.channels]
    return pixels, mode, orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _check_kind(page: TiffPage) -> None:
    if page.photometric in _RAW:
        raise PhotoError("a camera raw file; for these: pip install rawpy")
    if page.dtype is None or page.shaped[1] != 1:
        raise PhotoError("its first picture has samples of a kind, or dimensions, that are not known here")
    if 0 in page.shaped:
        raise PhotoError("damaged picture: it has no rows, or rows without pixels")
    if page.photometric == _YCBCR and page.compression not in _JPEG:
        raise PhotoError("its colours (YCbCr without JPEG) are not known here")


def _colours(page: TiffPage) -> int:
    """How many samples of a pixel are its colour; others are alpha, infrared and the like."""
    wanted = _COLOURS.get(int(page.photometric), 3)
    return wanted if page.samplesperpixel >= wanted else 1


def _blank(page: TiffPage, side: int) -> Shrunk:
    channels = 3 if page.photometric == _PALETTE else _colours(page)
    return Shrunk(page.shaped[2], page.shaped[3], channels, side)


def _cuttable(page: TiffPage) -> bool:
    """Whether strips are plain rows, which can be read a few at a time."""
    plain = page.compression == _UNCOMPRESSED and page.predictor == 1 and page.fillorder == 1
    return plain and not page.is_tiled and isinstance(page.bitspersample, int)


def _piece_shape(page: TiffPage) -> tuple[int, int]:
    """Height and width of a strip or tile."""
    if page.is_tiled:
        return page.tilelength, page.tilewidth
    return min(page.rowsperstrip, page.shaped[2]), page.shaped[3]


def _row_bytes(page: TiffPage) -> int:
    """Bytes of a row of a plain strip, in the file and unpacked, whichever is more."""
    return int(page.shaped[3] * page.shaped[4] * max(page.bitspersample / 8, page.dtype.itemsize))


def _largest_piece(page: TiffPage) -> int:
    """Bytes of the largest piece that gets unpacked at once."""
    height, width = _piece_shape(page)
    size = int(height * width * page.shaped[4] * page.dtype.itemsize)
    return min(size, max(_CUT, _row_bytes(page))) if _cuttable(page) else size


def _pieces(page: TiffPage, file: BinaryIO) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    """A page's pieces as colours [height, width, channels], each with its plane, first row and column."""
    found = _cut(page, file) if _cuttable(page) else page.segments(maxworkers=1, buffersize=_READ_AHEAD)
    for piece, (plane, _, top, left, _), _ in found:
        if piece is not None:
            yield plane, top, left, _coloured(page, piece[0])


def _cut(page: TiffPage, file: BinaryIO) -> Iterator[tuple[NDArray[Any], tuple[int, ...], None]]:
    """Plain strips, a few rows at a time, as `segments` gives whole ones (TIFF 6.0, sections 3 and 8)."""
    import imagecodecs

    bits, samples = page.bitspersample, page.shaped[3] * page.shaped[4]
    dtype = page.dtype.newbyteorder(page.parent.byteorder)
    stride, step = -(-samples * bits // 8), max(1, _CUT // _row_bytes(page))
    strips = -(-page.shaped[2] // page.rowsperstrip)
    for index, (offset, length) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=False)):
        plane, top = index // strips, index % strips * page.rowsperstrip
        height = min(page.rowsperstrip, page.shaped[2] - top) if offset and length else 0
        if height * stride > length > 0:
            raise PhotoError("truncated picture: its strips are shorter than their rows")
        for row in range(0, height, step):
            here = min(step, height - row)
            file.seek(offset + row * stride)
            data = file.read(here * stride)
            if bits == 8 * dtype.itemsize:
                values = np.frombuffer(data, dtype)
            else:
                values = imagecodecs.packints_decode(data, page.dtype, bits, runlen=samples)
            piece = values.reshape(1, here, page.shaped[3], page.shaped[4])
            yield piece, (plane, 0, top + row, 0, 0), None


def _coloured(page: TiffPage, piece: NDArray[Any]) -> NDArray[Any]:
    """Samples [height, width, samples] without palette, clear parts, holes, and what is no colour."""
    if page.photometric == _PALETTE and page.colormap is not None:
        return np.asarray(np.moveaxis(page.colormap, 0, -1)[piece[..., 0]])
    if piece.dtype.kind == "f":
        seen = np.isfinite(piece)
        piece = np.where(seen, piece, piece[seen].min() if seen.any() else 0)
    colours = _colours(page)
    clear = page.extrasamples[:1] in ((_ASSOCIATED,), (_UNASSOCIATED,))
    if not clear or colours == 4 or piece.shape[2] <= colours or piece.dtype.kind != "u":
        return piece[..., :colours]
    top = np.float32((1 << page.bitspersample) - 1)
    share, colour = piece[..., colours, None] / top, piece[..., :colours].astype(np.float32)
    if page.extrasamples[0] == _UNASSOCIATED:
        colour *= share
    return colour if page.photometric == _WHITE_IS_ZERO else colour + top * (1 - share)


def _range(page: TiffPage, small: Shrunk) -> tuple[float, float]:
    """Which values stand for black and white: by the depth in bits, of floats by their own range."""
    bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
    if page.photometric == _PALETTE:
        return 0.0, 65535.0
    if page.dtype.kind == "f":
        unit = small.low >= 0 and small.high <= 1
        return (0.0, 1.0) if unit else (small.low, max(small.high, small.low + 1e-12))
    if page.dtype.kind == "i":
        return -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1
    # Cameras put 10, 12 or 14 bits into 16.
    return 0.0, depth.white(small.high) if bits == 16 and small.channels == 1 else 2.0**bits - 1


def _jpeg_xl(file: BinaryIO, most_bytes: int) -> tuple[Pixels, str, int]:
    import imagecodecs

    data = file.read()
    width, height = _jpeg_xl_size(data)
    if _JPEG_XL_BYTES * width * height > most_bytes:
        raise PhotoError(
            f"{width} x {height} pixels would take more than the {most_bytes >> 20} MiB of memory allowed; "
            "make a smaller copy to locate it"
        )
    values = imagecodecs.jpegxl_decode(data, index=0)
    if values.dtype == np.uint16:
        values = (values >> 8).astype(np.uint8)
    elif values.dtype != np.uint8:
        values = depth.to_bytes(values, 0.0, 1.0)
    # The decoder has turned the picture already (ISO/IEC 18181-1, E.3).
    return values, _MODES_WITH_ALPHA[values.shape[2] if values.ndim == 3 else 1], 1


def _jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels (ISO/IEC 18181-1, D.2, SizeHeader; 18181-2, 9, jxlc and jxlp boxes)."""
    at = 0
    while not data.startswith(_JPEG_XL[0], at):
        size, kind, head = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        if kind in (b"jxlc", b"jxlp"):
            at += head + 4 * (kind == b"jxlp")
        elif size < head:
            raise PhotoError("damaged picture: a JPEG XL file without a codestream")
        else:
            at += size
    bits = int.from_bytes(data[at + 2 : at + 18], "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    eighths = take(1)

    def side() -> int:
        return 8 * (1 + take(5)) if eighths else 1 + take((9, 13, 18, 30)[take(2)])

    height, ratio = side(), take(3)
    across, down = _JPEG_XL_RATIOS[ratio]
    return (height * across // down if ratio else side()), height
