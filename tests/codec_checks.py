"""What must hold for every codec and every file, sound or hostile: for property tests and for fuzzing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import captions, capture, xmp
from geotag.metadata.identity import moved
from geotag.metadata.patch import apply, kept
from geotag.types import Location, Patch, Position, Tag

PARIS = Tag(Location(48.858370, 2.294481), 2500.0, "geovision-1")
WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
QUITO = Tag(Location(-0.180653, -78.467834), 12.345, "geovision-alexnet-2", "Quito", "Ecuador", "EC")


def embedded(data: bytes, tag: Tag = PARIS, replace: bool = False) -> bytes:
    """`data` with the position of `tag` embedded, checked from every side; raises RefusedError."""
    edit = metadata.edit(data, tag, replace)
    patch = edit.patch
    assert metadata.embed(data, tag, replace) == patch
    out = apply(data, patch)
    found = metadata.read(out)
    assert found is not None
    assert found.location == tag.location
    assert found.machine == f"geotag {tag.model}"
    assert metadata.sniff(out) == metadata.sniff(data)
    assert metadata.picture_digest(out) == metadata.picture_digest(data)
    picture = moved(edit.picture, len(data), patch)
    assert picture is not None
    assert metadata.keeps(out, picture)
    assert captions.read(out) == captions.read(data)
    _check_rest(data, out, patch)
    return out


def check(data: bytes) -> bool:
    """Whether a position was embedded; AssertionError or any other exception is a fault of a codec."""
    position = metadata.read(data)
    captions.read(data)
    for block in metadata.blocks(data).exif:
        capture.read(block)
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


def check_camera(data: bytes) -> None:
    """A camera's position in `data` is read, and gives way only where that is asked for."""
    position = metadata.read(data)
    assert position is not None
    assert position.machine is None
    with pytest.raises(RefusedError, match="already has a position"):
        metadata.embed(data, QUITO, False)
    assert metadata.read(embedded(data, QUITO, replace=True)) == Position(
        QUITO.location, f"geotag {QUITO.model}"
    )


def check_xmp(data: bytes) -> None:
    """The position of `tests.xmp_packets.LOCATED` in `data` is read, and left alone whatever is asked for."""
    assert metadata.read(data) == Position(Location(48.5, 2.25))
    for replace in (False, True):
        with pytest.raises(RefusedError, match="in its XMP"):
            metadata.embed(data, PARIS, replace)


@st.composite
def mutants(draw: st.DrawFn, files: Iterable[bytes]) -> bytes:
    """One of `files` with a few stretches of up to four bytes changed, cut out or put in."""
    mutant = bytearray(draw(st.sampled_from(list(files))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(mutant) - 1))
        mutant[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(mutant)


def check_packet(data: bytes) -> bool:
    """Whether a position was merged into a sidecar; any exception but a refusal is a fault of the codec."""
    position, words = xmp.read(data), captions.sidecar(data)
    try:
        out = apply(data, xmp.merge(data, PARIS, WHEN, False))
    except RefusedError:
        return False
    assert position is None or position.machine is not None, "a position that stands was overwritten"
    assert xmp.read(out) is not None
    assert apply(out, xmp.merge(out, PARIS, WHEN, False)) == out, "a renewal leaves traces"
    named = apply(out, xmp.merge(out, QUITO, WHEN, True))
    assert xmp.read(named) is not None
    assert captions.sidecar(named) == captions.sidecar(out) == words, "a guess is taken for a person's words"
    return True


def _check_rest(data: bytes, out: bytes, patch: Patch) -> None:
    """Splices are in order, and everything between them is as it was."""
    end = 0
    for splice in patch:
        assert end <= splice.offset <= splice.offset + splice.length <= len(data)
        end = splice.offset + splice.length
    for before, after, length in kept(len(data), patch):
        assert data[before : before + length] == out[after : after + length]
