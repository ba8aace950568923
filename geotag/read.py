"""What a file and its sidecars already say about where it was taken."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass

from geotag import atomic, metadata
from geotag.errors import PhotoError
from geotag.metadata import captions, xmp
from geotag.texts import Text
from geotag.types import SIDECAR_SUFFIX, Photo, Position

_LARGEST_SIDECAR = 1 << 24


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was read, once: its position, what is written in it and in its sidecars, and its content
    (of a large file the path) for the decoder.
    """

    position: Position | None
    texts: tuple[Text, ...]
    source: str | bytes


def look(base: str, photo: Photo, sidecar_dir: str | None) -> Look:
    """Read a file and its sidecars; a position that we guessed ourselves comes last.

    Raises PhotoError when the file cannot be read.
    """
    path = os.path.join(base, photo.path)
    try:
        with atomic.opened(path) as (_, data):
            found = [metadata.read(data)]
            texts = captions.read(data)
            source = data if isinstance(data, bytes) else path
    except OSError as error:
        raise PhotoError(f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    packets = _packets(base, photo, sidecar_dir)
    found += map(xmp.read, packets)
    texts += tuple(text for packet in packets for text in captions.sidecar(packet))
    return Look(_first(found), texts, source)


def beside(base: str, photo: Photo, sidecar_dir: str | None) -> Position | None:
    """The position in a photo's sidecars; one that we guessed comes last."""
    return _first([xmp.read(packet) for packet in _packets(base, photo, sidecar_dir)])


def _first(found: list[Position | None]) -> Position | None:
    known = [position for position in found if position is not None]
    return min(known, key=lambda position: position.machine is not None, default=None)


def sidecars(path: str, photo: Photo, sidecar_dir: str | None) -> list[str]:
    """Where a sidecar may lie: NAME.EXT.xmp or NAME.xmp, beside the photo or below `sidecar_dir`."""
    places = [path]
    if sidecar_dir:
        places.append(os.path.join(os.path.abspath(sidecar_dir), photo.path))
    return [name + SIDECAR_SUFFIX for place in places for name in (place, os.path.splitext(place)[0])]


def _packets(base: str, photo: Photo, sidecar_dir: str | None) -> list[bytes]:
    packets = []
    for path in sidecars(os.path.join(base, photo.path), photo, sidecar_dir):
        with suppress(OSError), open(path, "rb") as file:
            packets.append(file.read(_LARGEST_SIDECAR))
    return packets
