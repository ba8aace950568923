"""What must hold for every codec and every file, sound or hostile: for property tests and for fuzzing."""

from __future__ import annotations

from datetime import UTC, datetime

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import xmp
from geotag.metadata.patch import apply, kept
from geotag.types import Location, Patch, Tag

PARIS = Tag(Location(48.858370, 2.294481), 2500.0, "geovision-1")
WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
QUITO = Tag(Location(-0.180653, -78.467834), 12.345, "geovision-alexnet-2")


def embedded(data: bytes, tag: Tag = PARIS, replace: bool = False) -> bytes:
    """`data` with the position of `tag` embedded, checked from every side; raises RefusedError."""
    patch = metadata.embed(data, tag, replace)
    out = apply(data, patch)
    found = metadata.read(out)
    assert found is not None
    assert found.location == tag.location
    assert found.machine == f"geotag {tag.model}"
    assert metadata.sniff(out) == metadata.sniff(data)
    assert metadata.picture_digest(out) == metadata.picture_digest(data)
    _check_rest(data, out, patch)
    return out


def check(data: bytes) -> bool:
    """Whether a position was embedded; AssertionError or any other exception is a fault of a codec."""
    position = metadata.read(data)
    metadata.picture_digest(data)
    try:
        out = embedded(data)
    except RefusedError:
        return False
    assert position is None or position.machine is not None, "a position that stands was overwritten"
    try:
        renewed, again = embedded(out, QUITO), embedded(out)
        assert embedded(renewed) == again, "a renewal leaves traces"
        assert embedded(out, QUITO, replace=True) == renewed, "renewing depends on --replace-gps"
    except RefusedError as error:
        # A number in the Exif block can look like the offset of a picture behind the first one.
        if "preview behind" not in str(error):
            raise AssertionError("our own answer cannot be renewed") from error
    return True


def check_packet(data: bytes) -> bool:
    """Whether a position was merged into a sidecar; any exception but a refusal is a fault of the codec."""
    position = xmp.read(data)
    try:
        out = apply(data, xmp.merge(data, PARIS, WHEN, False))
    except RefusedError:
        return False
    assert position is None or position.machine is not None, "a position that stands was overwritten"
    assert xmp.read(out) is not None
    assert apply(out, xmp.merge(out, PARIS, WHEN, False)) == out, "a renewal leaves traces"
    xmp.read(apply(out, xmp.merge(out, QUITO, WHEN, True)))
    return True


def _check_rest(data: bytes, out: bytes, patch: Patch) -> None:
    """Splices are in order, and everything between them is as it was."""
    end = 0
    for splice in patch:
        assert end <= splice.offset <= splice.offset + splice.length <= len(data)
        end = splice.offset + splice.length
    for before, after, length in kept(len(data), patch):
        assert data[before : before + length] == out[after : after + length]
