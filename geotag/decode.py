"""Image files to upright uint8 RGB pixels, the same for training and for a run.

The only module that knows Pillow. It never writes an image.
"""

from __future__ import annotations

import io
import os
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from geotag.errors import PhotoError
from geotag.types import Recipe

if TYPE_CHECKING:
    from geotag.types import Pixels

try:
    import pillow_heif
except ImportError:
    HEIF = False
else:
    pillow_heif.register_heif_opener()
    HEIF = True

# Scans of several hundred megapixels are normal in an archive, so Pillow's own limit, in pixels of the
# whole picture, gives way to ours, in bytes of what really gets decoded (JPEG and JPEG 2000 decode reduced).
Image.MAX_IMAGE_PIXELS = None
MAX_DECODED_BYTES = 3 << 29
"""A picture that takes more memory than this (1.5 GiB) is refused: it is a bomb or needs another tool."""

LARGE_BYTES = 1 << 28
_one_large_at_a_time = threading.Lock()

_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "LA": 4, "PA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
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
_DEPTHS = (8, 10, 12, 14, 16)
_GREY = 124


def decode(source: str | bytes | BinaryIO, recipe: Recipe) -> Pixels:
    """Read a picture upright as RGB in the shape the model wants.

    `source` is a path (surrogate escapes allowed), a file's whole content, or a binary file.
    Returns uint8 [recipe.height, recipe.width, 3]. Raises PhotoError when the file is no picture, is damaged
    or would take more than MAX_DECODED_BYTES of memory.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            return _decode(image, recipe)
    except PhotoError:
        raise
    except MemoryError as error:
        raise PhotoError("not enough memory to decode this picture") from error
    except OSError as error:
        raise PhotoError(_reason(error)) from error
    except Exception as error:
        # Hostile files make the decoders raise nearly anything; whatever it is, it is this photo's trouble.
        raise PhotoError(f"damaged picture: {type(error).__name__}: {error}") from error


def _reason(error: OSError) -> str:
    if error.errno is not None:
        return f"cannot be read: {os.strerror(error.errno).lower()}"
    text = str(error)
    if isinstance(error, UnidentifiedImageError):
        hint = "" if HEIF else " (HEIC needs the extra: pip install 'geovision-geotag[heif]')"
        return "not a picture that can be opened here" + hint
    if "truncated" in text or "Truncated" in text:
        return f"truncated picture: {text}"
    return f"damaged picture: {text}"


def _decode(image: Image.Image, recipe: Recipe) -> Pixels:
    orientation = _orientation(image)
    height, width = recipe.height, recipe.width
    if orientation >= 5:
        height, width = width, height
    _reduce(image, 2 * max(width, height))
    needed = image.width * image.height * _BYTES_PER_PIXEL.get(image.mode, 4)
    if needed > MAX_DECODED_BYTES:
        raise PhotoError(
            f"{image.width} x {image.height} pixels would take {needed >> 20} MiB of memory to decode, "
            f"more than the {MAX_DECODED_BYTES >> 20} MiB allowed; make a smaller copy to locate it"
        )
    guard: AbstractContextManager[object] = _one_large_at_a_time if needed > LARGE_BYTES else nullcontext()
    with guard:
        image.load()
        small = _fit(image, recipe.resize, width, height)
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    return np.asarray(small)


def _orientation(image: Image.Image) -> int:
    # pillow-heif and Pillow's AVIF reader turn the picture themselves and say so by clearing the tag.
    value = image.getexif().get(_ORIENTATION, 1)
    return value if value in _UPRIGHT else 1


def _reduce(image: Image.Image, side: int) -> None:
    """Ask the decoder for a smaller picture that keeps at least `side` pixels on its shorter side."""
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (side, side))
    elif image.format == "JPEG2000":
        levels = 0
        while levels < _jpeg2000_levels(image) and min(image.size) >> (levels + 1) >= side:
            levels += 1
        image.reduce = levels  # type: ignore[assignment,method-assign]


def _jpeg2000_levels(image: Image.Image) -> int:
    """Decomposition levels in the COD marker of the main header (ISO/IEC 15444-1, A.6.1); 0 if not found."""
    file = getattr(image, "fp", None)
    if file is None:
        return 0
    at = file.tell()
    file.seek(0)
    head = file.read(1 << 16)
    file.seek(at)
    start = head.find(b"\xff\x4f\xff\x51")
    cod = head.find(b"\xff\x52\x00", start)
    return head[cod + 9] if start >= 0 and 0 <= cod < len(head) - 9 else 0


def _fit(image: Image.Image, resize: str, width: int, height: int) -> Image.Image:
    """Resize to width x height pixels and bring to RGB; 16-bit and float pictures are resized as they are."""
    image = _plain(image)
    if resize == "pad":
        scale = min(width / image.width, height / image.height)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = _rgb(image.resize(inner, Image.Resampling.BILINEAR))
        padded = Image.new("RGB", (width, height), (_GREY, _GREY, _GREY))
        padded.paste(small, ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return padded
    box = (0.0, 0.0, float(image.width), float(image.height))
    if resize == "shorter":
        scale = min(image.width / width, image.height / height)
        left, top = (image.width - width * scale) / 2, (image.height - height * scale) / 2
        box = (left, top, left + width * scale, top + height * scale)
    return _rgb(image.resize((width, height), Image.Resampling.BILINEAR, box=box))


def _plain(image: Image.Image) -> Image.Image:
    """Bring modes that cannot be averaged (bilevel, palette, alpha, Lab) to ones that can."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA", "LA", "La", "RGBA", "RGBa") or (
        image.mode in ("L", "RGB") and "transparency" in image.info
    ):
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
        assert converted is not None
        return converted
    if image.mode.startswith("I;16") and _inverted(image):
        values = np.asarray(image).astype(np.uint16)
        return Image.fromarray(np.uint16(65535) - values)
    return image


def _inverted(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", None)
    return tags is not None and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_bytes(np.asarray(image, np.float64))).convert("RGB")
    return image.convert("RGB")


def _to_bytes(values: NDArray[np.float64]) -> Pixels:
    """Deep grey values to 0..255: by the smallest usual bit depth that holds them, or by their own range."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    top = next((2.0**depth - 1 for depth in _DEPTHS if high <= 2**depth - 1), 0.0)
    if low >= 0 and 0 < high <= 1:
        top = 1.0
    if low < 0 or not top:
        values, top = values - low, max(high - low, 1e-12)
    scaled = np.nan_to_num(values, nan=0.0, posinf=top, neginf=0.0) * (255 / top)
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8)
