"""Patches: a file before and after, told apart by a few splices."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import pairwise

from geotag.types import Patch, Splice

Buffer = bytes | mmap.mmap
"""What codecs read: bytes, or a file mapped into memory (sliced, never copied whole)."""

Range = tuple[int, int]
"""A stretch of a file: offset and length in bytes."""


def apply(data: bytes, patch: Patch) -> bytes:
    """`data` with every splice of `patch` done: for small files and for tests."""
    parts: list[bytes] = []
    at = 0
    for splice in patch:
        parts += [data[at : splice.offset], splice.data]
        at = splice.offset + splice.length
    return b"".join([*parts, data[at:]])


def growth(patch: Patch) -> int:
    """By how many bytes `patch` makes a file longer."""
    return sum(len(splice.data) - splice.length for splice in patch)


def shifted(patch: Patch, offset: int) -> Patch:
    """`patch` of a block as a patch of the file in which the block starts at `offset`."""
    return tuple(Splice(splice.offset + offset, splice.length, splice.data) for splice in patch)


def ordered(*patches: Patch) -> Patch:
    """Several patches of one file as one; raises ValueError when two of them touch the same bytes."""
    merged = sorted((splice for patch in patches for splice in patch), key=lambda splice: splice.offset)
    for before, after in pairwise(merged):
        if before.offset + before.length > after.offset:
            raise ValueError(f"two edits meet at byte {after.offset}")
    return tuple(merged)


def kept(size: int, patch: Patch) -> Iterator[tuple[int, int, int]]:
    """What a patch leaves alone in a file of `size` bytes: (offset before, offset after, length)."""
    at = shift = 0
    for splice in patch:
        if splice.offset > at:
            yield at, at + shift, splice.offset - at
        at = splice.offset + splice.length
        shift += len(splice.data) - splice.length
    if size > at:
        yield at, at + shift, size - at
