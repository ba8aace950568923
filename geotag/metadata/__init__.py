"""Positions in image files: bytes in, values and patches out. No file is opened here.

Every format is a module with the same functions over bytes or a mapped file:

* `blocks(data) -> Blocks`: the metadata it carries, as they stand; never raises;
* `embed(data, tag, replace) -> Patch`: the edits that put one in; raises RefusedError with the reason;
* `picture(data) -> Iterator[Range]`: where the coded picture data lie; raises RefusedError.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from typing import Protocol, cast

from geotag.errors import RefusedError
from geotag.metadata.identity import digest
from geotag.metadata.patch import Blocks, Buffer, Edit, Range
from geotag.metadata.signatures import FORMATS
from geotag.types import Patch, Position, Tag


class Codec(Protocol):
    """What the module of a format offers."""

    def blocks(self, data: Buffer) -> Blocks: ...
    def embed(self, data: Buffer, tag: Tag, replace: bool) -> Patch: ...
    def picture(self, data: Buffer) -> Iterator[Range]: ...


_MODULES = {"heif": "bmff", "jpeg2000": "jp2"}
"""The modules of formats that are called otherwise."""


def _codec(name: str) -> Codec:
    """The module of a format, loaded when a file of that format comes."""
    return cast("Codec", import_module(f"{__name__}.{_MODULES.get(name, name)}"))


def sniff(data: Buffer) -> str | None:
    """The format by its first bytes (never by a name): a codec's name, or None."""
    head = bytes(data[:16])
    return next((name for at, magic, name in FORMATS if head[at : at + len(magic)] == magic), None)


def read(data: Buffer) -> Position | None:
    """The position in a file, in its EXIF or else in its XMP; None when there is none that can be read."""
    return position(blocks(data))


def position(found: Blocks) -> Position | None:
    """The position in metadata that were found, in the EXIF or else in the XMP; None when there is none."""
    from geotag.metadata import tiff, xmp

    positions = chain(
        map(tiff.read_gps, found.exif), map(tiff.read_first, found.gps), map(xmp.read, found.xmp)
    )
    return next(filter(None, positions), None)


def stated(data: Buffer) -> tuple[float, float] | None:
    """Latitude and longitude as a file's EXIF states them, in degrees, even where there is no such place."""
    from geotag.metadata import tiff

    return next(filter(None, map(tiff.read_stated, blocks(data).exif)), None)


def blocks(data: Buffer) -> Blocks:
    """The metadata that a file carries, as they stand; none where nothing can be read."""
    name = sniff(data)
    return _codec(name).blocks(data) if name else Blocks()


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into a file.

    Without `replace` a position that is not our own earlier answer stands. Raises RefusedError with the
    reason when the format is not known, the file is not sound or a position stands.
    """
    return _codec(_known(data)).embed(data, tag, replace)


def edit(data: Buffer, tag: Tag, replace: bool) -> Edit:
    """The edits of `embed`, and where the coded picture data lie that they must leave alone."""
    name = _known(data)
    if name == "jpeg":
        from geotag.metadata import jpeg

        return jpeg.edit(data, tag, replace)
    return Edit(_codec(name).embed(data, tag, replace), tuple(_codec(name).picture(data)))


def keeps(data: Buffer, picture: tuple[Range, ...]) -> bool:
    """Whether an edited file, read anew, has its coded picture data where they were moved to.

    The bytes of those ranges must be known to be the old ones.
    """
    name = _known(data)
    try:
        if name == "jpeg":
            from geotag.metadata import jpeg

            found = tuple(jpeg.picture(data, sum(picture[-1])))
        else:
            found = tuple(_codec(name).picture(data))
    except RefusedError:
        return False
    return found == picture or digest(data, found) == digest(data, picture)


def _known(data: Buffer) -> str:
    name = sniff(data)
    if name is None:
        raise RefusedError("is in a format that positions are not embedded in")
    return name


def picture_digest(data: Buffer) -> bytes:
    """BLAKE3 digest of the coded picture data: what stays the same whatever is said about the picture.

    A file in another format, or one whose picture data cannot be found, is hashed whole.
    """
    name = sniff(data)
    try:
        ranges = list(_codec(name).picture(data)) if name else [(0, len(data))]
    except RefusedError:
        ranges = [(0, len(data))]
    return digest(data, ranges)
