"""The patched copy of a file: written in as few calls as the system has, then compared byte for byte.

What a photograph of megabytes costs here is memory that moves: in one large call the system finds room in
large pieces, and what is read back goes through one small block that stays in the processor's cache.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BufferedReader

from geotag.metadata.patch import Buffer
from geotag.types import Patch, Splice

_BLOCK = 1 << 18
_LARGE_BLOCK = 1 << 20
_AT_ONCE = 16
"""So many pieces every system takes in one call (POSIX, limits.h: _XOPEN_IOV_MAX)."""


def write(new: int, old: Buffer, patch: Patch) -> None:
    """Write the patched copy of `old` to an open file, given by its descriptor; raises OSError."""
    waiting: list[memoryview] = []
    for piece in _pieces(old, patch):
        waiting.append(memoryview(piece))
        if len(waiting) == _AT_ONCE:
            _put(new, waiting)
    _put(new, waiting)


def is_copy(new: BufferedReader, old: Buffer, patch: Patch) -> bool:
    """Whether `new`, read from its start, is the patched copy of `old` and not a byte more or less."""
    at, block = 0, memoryview(bytearray(min(_BLOCK, len(old))))
    for splice in (*patch, Splice(len(old), 0, b"")):
        if not _goes_on(new, block, old, at, splice.offset) or new.read(len(splice.data)) != splice.data:
            return False
        at = splice.offset + splice.length
    return not new.read(1)


def _pieces(old: Buffer, patch: Patch) -> Iterator[bytes | memoryview]:
    at = 0
    for splice in (*patch, Splice(len(old), 0, b"")):
        if isinstance(old, bytes):
            yield memoryview(old)[at : splice.offset]
        else:
            for start in range(at, splice.offset, _LARGE_BLOCK):
                yield old[start : min(start + _LARGE_BLOCK, splice.offset)]
        yield splice.data
        at = splice.offset + splice.length


def _put(new: int, pieces: list[memoryview]) -> None:
    """Write pieces until none is left, for a call may take a part of them only."""
    while pieces:
        # Windows takes one piece at a time.
        done = os.writev(new, pieces) if hasattr(os, "writev") else os.write(new, pieces[0])
        while pieces and done >= len(pieces[0]):
            done -= len(pieces.pop(0))
        if done:
            pieces[0] = pieces[0][done:]


def _goes_on(new: BufferedReader, block: memoryview, old: Buffer, start: int, end: int) -> bool:
    """Whether `new` goes on with the bytes of `old` from `start` to `end`."""
    for at in range(start, end, _BLOCK):
        piece = block[: min(_BLOCK, end - at)]
        # Slices of a photograph would be copied before they are compared.
        known, there = (old, at) if isinstance(old, bytes) else (old[at : at + len(piece)], 0)
        if new.readinto(piece) != len(piece) or not known.startswith(piece, there):
            return False
    return True
