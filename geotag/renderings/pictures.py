"""Small pictures of our own for pages that people look at, as WebP and PNG; never a photograph's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geotag.types import Pixels

_QUALITY = 60


def webp(pixels: Pixels) -> bytes:
    """Pixels, uint8 [height, width, 3], as a lossy WebP picture."""
    import imagecodecs

    return bytes(imagecodecs.webp_encode(pixels, level=_QUALITY, lossless=False))


def png(pixels: Pixels) -> bytes:
    """Pixels, uint8 [height, width, 3], as a PNG picture."""
    import imagecodecs

    return bytes(imagecodecs.png_encode(pixels))
