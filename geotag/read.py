"""What a file and its sidecars already say about where it was taken."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from geotag import metadata
from geotag.errors import PhotoError, unread
from geotag.files import regular, storage
from geotag.metadata import captions, capture, xmp
from geotag.metadata.capture import Capture
from geotag.metadata.identity import matches
from geotag.metadata.patch import Pages
from geotag.texts import Text
from geotag.types import SIDECAR_SUFFIX, Photo, Position

CHANGED = "was changed since; run `geotag run` again, which looks at it anew"
"""What is said of a file that is not the one that is known any more."""

_LARGEST_SIDECAR = 1 << 24
_HEAD_PAGE = 1 << 14
_PNG_HEAD = 1 << 18
# Some programs shout.
_SUFFIXES = (SIDECAR_SUFFIX, SIDECAR_SUFFIX.upper())


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was read, once: its position, what is written in it and in its sidecars, and its content
    (of a large file the path, of a large object a file to read it by) for the decoder.
    """

    position: Position | None
    texts: tuple[Text, ...]
    source: str | bytes | BinaryIO


def look(base: str, photo: Photo, sidecar_dir: str | None) -> Look:
    """Read a file and its sidecars; a position that we guessed ourselves comes last.

    Raises PhotoError when the file cannot be read, or is no longer the one that was scanned.
    """
    path = os.path.join(base, photo.path)
    place = storage.of(path)
    try:
        with place.opened(path) as (now, data):
            if Photo.seen(photo.path, now) != photo:
                raise PhotoError("changed while the run was at it; run the same command again")
            blocks = metadata.blocks(data)
            found = [metadata.position(blocks)]
            texts = captions.told(blocks)
            source = place.source(path, data)
    except OSError as error:
        raise PhotoError(unread(error)) from error
    packets = _packets(base, photo, sidecar_dir)
    found += map(xmp.read, packets)
    texts += tuple(text for packet in packets for text in captions.sidecar(packet))
    return Look(_first(found), texts, source)


def beside(base: str, photo: Photo, sidecar_dir: str | None) -> Position | None:
    """The position in a photo's sidecars; one that we guessed comes last."""
    return _first([xmp.read(packet) for packet in _packets(base, photo, sidecar_dir)])


def picture(base: str, photo: Photo, after: bytes | None = None) -> bytes:
    """BLAKE3 digest of a photo's coded picture data: the same whatever is said about the picture.

    Raises PhotoError when the file cannot be read, or is not the one that is known: of this size and time
    and, where it is given, of the identity `after` that a write of ours left.
    """
    path = os.path.join(base, photo.path)
    try:
        with storage.of(path).opened(path) as (now, data):
            if Photo.seen(photo.path, now) != photo or (after is not None and not matches(data, after)):
                raise PhotoError(CHANGED)
            return metadata.picture_digest(data)
    except FileNotFoundError:
        raise PhotoError("is no longer there") from None
    except OSError as error:
        raise PhotoError(unread(error)) from error


def stated(base: str, path: str) -> tuple[float, float] | None:
    """What a file's EXIF states, latitude and longitude in degrees, even where there is no such place."""
    whole = os.path.join(base, path)
    with suppress(OSError), storage.of(whole).opened(whole) as (_, data):
        return metadata.stated(data)
    return None


@dataclass(frozen=True, slots=True)
class Glance:
    """What a neighbour needs to know of a photo: its position, whether that lies in a sidecar (`beside`), and
    when and by what it was taken.
    """

    position: Position | None
    beside: bool
    capture: Capture


def glance(base: str, path: str, sidecar_dir: str | None) -> Glance:
    """Read what a photo says of its place and time, a few pages of the file; nothing where it cannot be read.

    `path` is relative to `base`, a folder of this machine.
    """
    position, taken = None, Capture()
    with suppress(OSError), open(os.path.join(base, path), "rb", 0, opener=regular.opener) as raw:
        data = Pages(raw, _HEAD_PAGE)
        # A PNG is a chain of pieces down to its end; what it says of itself stands before the picture.
        head = data[:_PNG_HEAD] if metadata.sniff(data) == "png" else data
        found = metadata.blocks(head)
        position = metadata.position(found)
        taken = next(map(capture.read, found.exif), taken)
    if position is not None and position.machine is None:
        return Glance(position, False, taken)
    aside = beside(base, Photo(path, 0, 0), sidecar_dir)
    return Glance(_first([position, aside]), aside is not None, taken)


def _first(found: list[Position | None]) -> Position | None:
    known = [position for position in found if position is not None]
    return min(known, key=lambda position: (position.machine is not None, not position.stands), default=None)


def _packets(base: str, photo: Photo, sidecar_dir: str | None) -> list[bytes]:
    """What lies in the sidecars NAME.EXT.xmp and NAME.xmp, beside the photo or below `sidecar_dir`."""
    places = [os.path.join(base, photo.path)]
    if sidecar_dir:
        places.append(os.path.join(os.path.abspath(sidecar_dir), photo.path))
    packets = []
    for path in places:
        place, names = storage.of(path), (path, os.path.splitext(path)[0])
        with suppress(OSError):
            for sidecar in place.existing(name + suffix for name in names for suffix in _SUFFIXES):
                with suppress(OSError), place.opened(sidecar) as (_, data):
                    packets.append(data[:_LARGEST_SIDECAR])
    return packets
