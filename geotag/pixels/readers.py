"""Pillow's readers of formats, loaded when a file needs them."""

from __future__ import annotations

import logging
import warnings
from contextlib import suppress
from functools import cache
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from geotag.errors import PhotoError
from geotag.metadata.signatures import JPEG

# Scans of several hundred megapixels are normal in an archive, so Pillow's own limit, in pixels of the
# whole picture, gives way to that of `decode`, in bytes of what really gets decoded.
Image.MAX_IMAGE_PIXELS = None

# What Pillow thinks of odd metadata is no news for the owner of the archive.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())


def opened(file: BinaryIO) -> Image.Image:
    """A picture, not decoded yet.

    Raises PhotoError for an empty file, UnidentifiedImageError for one that Pillow knows nothing of, and
    nearly anything for a damaged one.
    """
    file.seek(0)
    head = file.read(len(JPEG))
    if not head:
        raise PhotoError("empty file: it has no bytes; look for another copy")
    if head == JPEG:
        # Many archives hold nothing else, and to load all the other readers takes longer than most pictures.
        with suppress(UnidentifiedImageError):
            return Image.open(file, formats=("JPEG",))
    return Image.open(file, formats=_formats())


@cache
def reads_heif() -> bool:
    """Whether HEIC can be read: pillow-heif is installed, and Pillow knows of it from now on."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


@cache
def _formats() -> tuple[str, ...]:
    """Every format that is read."""
    from PIL import PngImagePlugin

    # Photoshop leaves megabytes of editing history in text chunks: no reason to lose the picture.
    PngImagePlugin.MAX_TEXT_CHUNK = 1 << 26
    reads_heif()
    Image.init()
    # Encapsulated PostScript is a program, and Pillow would have Ghostscript run it.
    return tuple(name for name in Image.ID if name != "EPS")
