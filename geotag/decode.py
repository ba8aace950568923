"""Image files to upright uint8 RGB pixels, the same for training and for a run.

Only this module and `pixels.readers` know Pillow. It never writes an image.
"""

from __future__ import annotations

import io
import math
import os
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from geotag.errors import PhotoError
from geotag.files import regular
from geotag.pixels import crop, raws, readers, scans, turbo
from geotag.pixels.depth import grey_to_bytes
from geotag.types import Recipe

if TYPE_CHECKING:
    from geotag.types import Pixels

MAX_DECODED_BYTES = 3 << 29
"""A picture that takes more memory than this (1.5 GiB) is refused: it is a bomb or needs another tool."""

LARGE_BYTES = 1 << 28
_one_large_at_a_time = threading.Lock()

PIECES_BYTES = 1 << 26
"""A TIFF that takes more than this (64 MiB) is made smaller while its strips or tiles are read one by one."""
_IN_PIECES = frozenset(("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I;16B"))

# While a picture is made small it and one copy in another mode exist at once; other modes need no copy.
_BYTES_PER_PIXEL = {"1": 2, "L": 1, "P": 9, "PA": 12, "LA": 8, "RGBA": 8, "I;16": 2, "I;16B": 6}
# Decoders with buffers of their own (JPEG 2000: for a picture that is one tile).
_BYTES_PER_BAND = {"WEBP": 6, "AVIF": 4, "HEIF": 4, "JPEG2000": 7}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0
_BITS, _PLANAR, _SAMPLE_FORMAT = 258, 284, 339
_APART = 2
_GREY = 124

_BOXES = 3
"""Averaging over boxes leaves this many times what is needed, for a good last resize."""
_SPARE = 1.5
"""A decoder that makes pictures smaller leaves this much more than is needed, for a good last resize."""


def decode(source: str | bytes | BinaryIO, recipe: Recipe) -> Pixels:
    """Read a picture upright as RGB in the shape the model wants.

    `source` is a path (surrogate escapes allowed), a file's whole content, or a binary file.
    Returns uint8 [recipe.height, recipe.width, 3]. Raises PhotoError when the file is no picture, is damaged
    or would take more than MAX_DECODED_BYTES of memory.
    """
    return views(source, (recipe,))[0]


def views(source: str | bytes | BinaryIO, recipes: tuple[Recipe, ...]) -> tuple[Pixels, ...]:
    """The same for several models, each in its own shape, from decoding once: as fine as the finest needs."""
    side = max(max(recipe.height, recipe.width) for recipe in recipes)
    try:
        with _opened(source) as file:
            try:
                with readers.opened(file) as image:
                    if _misread(image):
                        raise UnidentifiedImageError("a TIFF that Pillow opens, but reads wrongly")
                    content = source if isinstance(source, bytes) else b""
                    return _decode(_in_pieces(file, image, side) or image, recipes, side, content)
            except OSError as error:
                with _other_image(file, error, side) as image:
                    return _decode(image, recipes, side)
    except PhotoError:
        raise
    except MemoryError as error:
        raise PhotoError("not enough memory to decode this picture") from error
    except OSError as error:
        raise PhotoError(_reason(error)) from error
    except Exception as error:
        # Hostile files make the decoders raise nearly anything; whatever it is, it is this photo's trouble.
        raise PhotoError(f"damaged picture: {type(error).__name__}: {error}") from error


def _opened(source: str | bytes | BinaryIO) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return open(source, "rb", opener=regular.opener) if isinstance(source, str) else nullcontext(source)


def _in_pieces(file: BinaryIO, image: Image.Image, side: int) -> Image.Image | None:
    """A large TIFF made smaller while it is read; None where it may as well be read whole.

    Raises PhotoError for one that can be read neither way.
    """
    needed = _bytes_needed(image)
    too_large = needed > MAX_DECODED_BYTES
    if image.format != "TIFF" or not (too_large or (needed > PIECES_BYTES and image.mode in _IN_PIECES)):
        return None
    try:
        return _scan(file, side)
    except PhotoError:
        if too_large:
            raise
        return None


def _scan(file: BinaryIO, side: int) -> Image.Image:
    pixels, mode, orientation = scans.read(file, MAX_DECODED_BYTES, _BOXES * side)
    return _turned(Image.fromarray(pixels, mode), orientation)


def _other_image(file: BinaryIO, error: OSError, side: int) -> Image.Image:
    """What Pillow could not open (or has no decompressor for), by other means; raises PhotoError."""
    file.seek(0)
    head = file.read(12)
    unknown = isinstance(error, UnidentifiedImageError)
    trouble = PhotoError("not a picture that can be opened here" + _hint(head)) if unknown else error
    if scans.handles(head) and (unknown or str(error).startswith("decoder error")):
        try:
            return _scan(file, side)
        except PhotoError as other:
            trouble = other
    if unknown and raws.handles(head) and raws.available():
        try:
            preview, orientation = raws.read(file, MAX_DECODED_BYTES)
        except raws.NotRawError:
            raise trouble from error
        if not isinstance(preview, bytes):
            return _turned(Image.fromarray(preview), orientation)
        image = Image.open(io.BytesIO(preview))
        return image if _ORIENTATION in image.getexif() else _turned(image, orientation)
    raise trouble from error


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[_ORIENTATION] = orientation
    return image


def _hint(head: bytes) -> str:
    # ISO base media files start with a "ftyp" box (ISO/IEC 14496-12, 4.3); HEIC is the usual one.
    if head[4:8] == b"ftyp" and not readers.reads_heif():
        return "; for HEIC: pip install 'geovision-geotag[heif]'"
    return "; for camera raw: pip install rawpy" if raws.handles(head) and not raws.available() else ""


def _misread(image: Image.Image) -> bool:
    """Whether a TIFF is one of those that Pillow takes for something else without a word: 16-bit samples in
    planes apart, 32-bit samples without a sign (TIFF 6.0, sections 7 and 19).
    """
    tags = getattr(image, "tag_v2", {})
    deep_planes = tags.get(_PLANAR) == _APART and max(tags.get(_BITS, (1,))) > 8
    return bool(deep_planes) or (image.mode == "I" and tags.get(_SAMPLE_FORMAT, (1,))[0] == 1 and bool(tags))


def _reason(error: OSError) -> str:
    if error.errno is not None:
        return f"cannot be read: {os.strerror(error.errno).lower()}"
    text = str(error)
    return f"{'truncated' if 'truncated' in text.lower() else 'damaged'} picture: {text}"


def _decode(
    image: Image.Image, recipes: tuple[Recipe, ...], side: int, content: bytes = b""
) -> tuple[Pixels, ...]:
    """`content` is the file's, where it lies in memory."""
    (across, down), coefficients = image.size, _coefficients(image)
    large = _bytes_needed(image) + coefficients > LARGE_BYTES
    reducible = large or all(recipe.filter == "bilinear" for recipe in recipes)
    divisor = _reduce(image, math.ceil(_SPARE * side)) if reducible else 1
    needed = _bytes_needed(image) // divisor**2 + coefficients
    if needed > MAX_DECODED_BYTES:
        raise PhotoError(
            f"{across} x {down} pixels would take {needed >> 20} MiB of memory to decode, "
            f"more than the {MAX_DECODED_BYTES >> 20} MiB allowed; make a smaller copy to locate it"
        )
    guard: AbstractContextManager[object] = _one_large_at_a_time if needed > LARGE_BYTES else nullcontext()
    with guard:
        quick = _quick(image, content)
        if quick is None:
            image.load()
        orientation = _orientation(image)
        ready, lying = _averageable(quick or image), orientation >= 5
        small = [_fit(ready, recipe, lying=lying) for recipe in recipes]
    if orientation in _UPRIGHT:
        small = [view.transpose(_UPRIGHT[orientation]) for view in small]
    return tuple(map(np.asarray, small))


def _quick(image: Image.Image, content: bytes) -> Image.Image | None:
    """A colour JPEG, not loaded yet, by a faster decoder; None where that is better left to Pillow."""
    plain = image.format in ("JPEG", "MPO") and image.mode == "RGB" and not image.info.get("progressive")
    if not (content and plain and _bytes_needed(image) <= PIECES_BYTES):
        return None
    pixels = turbo.decode(content, *image.size)
    return None if pixels is None else Image.fromarray(pixels)


def _bytes_needed(image: Image.Image) -> int:
    per_band = _BYTES_PER_BAND.get(image.format or "", 0) * len(image.getbands())
    return image.width * image.height * max(_BYTES_PER_PIXEL.get(image.mode, 4), per_band)


def _coefficients(image: Image.Image) -> int:
    """Bytes that a progressive JPEG takes at any scale: all it was made of (ITU-T T.81, G.1.1)."""
    bands = len(image.getbands()) if image.info.get("progressive") else 0
    return 2 * image.width * image.height * bands


def _orientation(image: Image.Image) -> int:
    """How a loaded picture must be turned: Exif orientation 1 to 8 (Exif 2.32, 4.6.4).

    Only once loaded: the readers of TIFF, AVIF and HEIF turn the picture themselves and clear the tag,
    and a PNG may carry its Exif after the pixels.
    """
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001
        # A damaged Exif block makes Pillow raise nearly anything, but the pixels may be sound.
        return 1
    return value if value in _UPRIGHT else 1


def _reduce(image: Image.Image, side: int) -> int:
    """Ask the decoder for a smaller picture that keeps at least `side` pixels on its shorter side.

    Returns by how much the sides will still shrink on loading (JPEG 2000 tells its new size only then).
    """
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (side, side))
        # In Pillow's blocks of 64 KiB a large JPEG takes a tenth longer.
        image.decodermaxblock = 1 << 24  # type: ignore[attr-defined]
    elif image.format == "JPEG2000":
        sides = [min(image.size) >> level for level in range(_jpeg2000_levels(image) + 1)]
        levels = max(0, sum(left >= side for left in sides) - 1)
        image.reduce = levels  # type: ignore[assignment,method-assign]
        # Pillow rounds the reduced sides where the standard rounds up (ISO/IEC 15444-1, B.5) and then fails;
        # sides that divide evenly come out the same both ways.
        step = 1 << levels
        image._size = (-(-image.width // step) * step, -(-image.height // step) * step)
        return step
    return 1


def _jpeg2000_levels(image: Image.Image) -> int:
    from geotag.metadata import jp2

    file: BinaryIO = image.fp  # type: ignore[attr-defined]
    at = file.tell()
    file.seek(0)
    head = file.read(1 << 16)
    file.seek(at)
    return jp2.levels(head)


def _fit(image: Image.Image, recipe: Recipe, *, lying: bool) -> Image.Image:
    """Resize in the picture's own mode, then bring to RGB: no large float copies; `lying` swaps the sides."""
    width, height = (recipe.height, recipe.width) if lying else (recipe.width, recipe.height)
    box: crop.Box = (0, 0, *image.size)
    if recipe.resize == "pad":
        scale = min(width / image.width, height / image.height)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = _rgb(_resized(image, inner, box, recipe.filter), image)
        padded = Image.new("RGB", (width, height), (_GREY, _GREY, _GREY))
        padded.paste(small, ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return padded
    if recipe.resize == "shorter" and recipe.filter == "bicubic":
        box = crop.of_strip(*image.size)
        size, part = crop.in_whole_pixels(box[2] - box[0], box[3] - box[1], width, height)
        return _rgb(_resized(image, size, box, recipe.filter).crop(part), image)
    if recipe.resize == "shorter":
        box = crop.middle(*image.size, width, height)
    return _rgb(_resized(image, (width, height), box, recipe.filter), image)


def _resized(image: Image.Image, size: tuple[int, int], box: crop.Box, resampling: str) -> Image.Image:
    if resampling == "bicubic":
        return image.resize(size, Image.Resampling.BICUBIC, box=box)
    # Averaging over boxes first is four times as fast and looks the same; 16 bit cannot.
    gap = None if image.mode.startswith("I;16") else float(_BOXES)
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=gap)


def _averageable(image: Image.Image) -> Image.Image:
    """Bring modes that Pillow cannot average (bilevel, palette, one clear colour) to ones it can."""
    clear = "transparency" in image.info
    if image.mode == "PA" or (clear and image.mode in ("1", "L", "P", "RGB")):
        return image.convert("RGBA")
    if image.mode in ("1", "P"):
        return image.convert("L" if image.mode == "1" else "RGB")
    if image.mode == "I;16B":
        # Pillow resizes big-endian values as if they were not.
        return Image.fromarray(np.asarray(image).astype(np.uint16))
    return image


def _rgb(small: Image.Image, image: Image.Image) -> Image.Image:
    """A small picture as RGB, on white where it is clear; `image` is the one it was made from."""
    if small.mode.startswith("I") or small.mode == "F":
        grey = grey_to_bytes(np.asarray(small, np.float64), *_extremes(image), unit=image.mode == "F")
        return Image.fromarray(255 - grey if _inverted(image) else grey).convert("RGB")
    if small.mode in ("LA", "RGBA", "La", "RGBa"):
        rgba = small.convert("LA" if small.mode == "La" else "RGBA").convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    if small.mode == "LAB":
        from PIL import ImageCms

        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(small, lab, srgb, outputMode="RGB")
        assert converted is not None
        return converted
    return small.convert("RGB")


def _extremes(image: Image.Image) -> tuple[float, float]:
    """Smallest and largest value of a deep grey picture: they tell the depth, which averages hide."""
    low, high = image.getextrema()
    return float(low), float(high)  # type: ignore[arg-type]


def _inverted(image: Image.Image) -> bool:
    """Whether a deep TIFF counts from white, PhotometricInterpretation 0 (TIFF 6.0, section 8)."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
