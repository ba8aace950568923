"""Camera raw files, by the preview that the camera put into them. Only this module knows rawpy (LibRaw)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from geotag.errors import PhotoError

if TYPE_CHECKING:
    import rawpy

    from geotag.types import Pixels

# TIFF and its makers' variants, Canon's and Minolta's own, Fujifilm, Sigma (offset in the file, bytes).
_SIGNATURES = (
    *((0, magic) for magic in (b"II*\0", b"MM\0*", b"IIRO", b"IIRS", b"IIU\0", b"MMOR", b"\0MRM", b"FOVb")),
    (0, b"FUJIFILMCCD-RAW"[:12]),
    (4, b"ftypcrx "),
    (6, b"HEAPCC"),
)

# LibRaw counts quarter turns its own way (LibRaw documentation, `flip`); Exif 2.32, 4.6.4 is ours.
_ORIENTATION = {0: 1, 3: 3, 5: 8, 6: 6}


class NotRawError(PhotoError):
    """LibRaw knows nothing of such files; what other readers said of this one tells more."""


@cache
def available() -> bool:
    """Whether rawpy is installed."""
    try:
        import rawpy  # noqa: F401
    except ImportError:
        return False
    return True


def handles(head: bytes) -> bool:
    """Whether a file with these first bytes (12 or more) may be a raw file."""
    return any(head[at : at + len(magic)] == magic for at, magic in _SIGNATURES)


def read(file: BinaryIO, most_bytes: int) -> tuple[bytes | Pixels, int]:
    """The preview of a raw file, a JPEG as bytes or pixels uint8 [height, width, 3], and the Exif orientation
    to be used where the preview has none of its own.

    A file without a preview is developed at half its size. Raises NotRawError when LibRaw does not know such
    files, PhotoError when it cannot read this one or developing would take more than `most_bytes`.
    """
    import rawpy

    file.seek(0)
    try:
        with rawpy.imread(file) as raw:
            orientation = _ORIENTATION.get(raw.sizes.flip, 1)
            try:
                return _preview(raw), orientation
            except rawpy.LibRawError:
                if 8 * raw.sizes.raw_width * raw.sizes.raw_height > most_bytes:
                    raise PhotoError(f"takes over {most_bytes >> 20} MiB of memory to develop") from None
                return raw.postprocess(half_size=True, use_camera_wb=True, user_flip=0), orientation
    except rawpy.LibRawFileUnsupportedError as error:
        raise NotRawError("not a raw file that is known here") from error
    except rawpy.LibRawError as error:
        said = b"".join(part for part in error.args if isinstance(part, bytes)).decode("latin-1") or error
        raise PhotoError(f"not a picture that can be opened here (LibRaw: {said})") from error


def _preview(raw: rawpy.RawPy) -> bytes | Pixels:
    from rawpy import ThumbFormat

    thumb = raw.extract_thumb()
    return thumb.data if thumb.format is ThumbFormat.JPEG else np.ascontiguousarray(thumb.data)
