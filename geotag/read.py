"""What a file and its sidecars already say about where it was taken."""

from __future__ import annotations

import os

from geotag import atomic, metadata
from geotag.errors import PhotoError
from geotag.metadata import xmp
from geotag.types import SIDECAR_SUFFIX, Photo, Position

_LARGEST_SIDECAR = 1 << 24


def look(base: str, photo: Photo, sidecar_dir: str | None) -> tuple[Position | None, str | bytes]:
    """The position a photo has, and its content (or, of a large file, its path) for the decoder.

    The position may lie in its own metadata or in a sidecar; one that we guessed comes last. Raises
    PhotoError when the file cannot be read.
    """
    path = os.path.join(base, photo.path)
    try:
        with atomic.opened(path) as (_, data):
            found = [metadata.read(data)]
            source = data if isinstance(data, bytes) else path
    except OSError as error:
        raise PhotoError(f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    return _first([*found, beside(base, photo, sidecar_dir)]), source


def beside(base: str, photo: Photo, sidecar_dir: str | None) -> Position | None:
    """The position in a photo's sidecars; one that we guessed comes last."""
    path = os.path.join(base, photo.path)
    return _first([_sidecar(sidecar) for sidecar in sidecars(path, photo, sidecar_dir)])


def _first(found: list[Position | None]) -> Position | None:
    known = [position for position in found if position is not None]
    return min(known, key=lambda position: position.machine is not None, default=None)


def sidecars(path: str, photo: Photo, sidecar_dir: str | None) -> list[str]:
    """Where a sidecar may lie: NAME.EXT.xmp or NAME.xmp, beside the photo or below `sidecar_dir`."""
    places = [path]
    if sidecar_dir:
        places.append(os.path.join(os.path.abspath(sidecar_dir), photo.path))
    return [name + SIDECAR_SUFFIX for place in places for name in (place, os.path.splitext(place)[0])]


def _sidecar(path: str) -> Position | None:
    try:
        with open(path, "rb") as file:
            return xmp.read(file.read(_LARGEST_SIDECAR))
    except OSError:
        return None
