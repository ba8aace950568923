"""The patched copy of a file: written in large pieces, then compared byte for byte.

What a photograph of megabytes costs here is memory that moves. Pieces of a megabyte are large enough for few
calls and small enough for the system to find room for at once; what is read back goes through one small block
that stays in the processor's cache.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BufferedReader

from geotag.metadata.patch import Buffer
from geotag.types import Patch, Splice

_BLOCK = 1 << 18
_LARGE_BLOCK = 1 << 20


def write(new: int, old: Buffer, patch: Patch) -> None:
    """Write the patched copy of `old` to an open file, given by its descriptor; raises OSError."""
    for piece in _pieces(old, patch):
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(new, rest) :]


def is_copy(new: BufferedReader, old: Buffer, patch: Patch) -> bool:
    """Whether `new`, read from its start, is the patched copy of `old` and not a byte more or less."""
    at, block = 0, memoryview(bytearray(min(_BLOCK, len(old))))
    for splice in (*patch, Splice(len(old), 0, b"")):
        if not _goes_on(new, block, old, at, splice.offset) or new.read(len(splice.data)) != splice.data:
            return False
        at = splice.offset + splice.length
    return not new.read(1)


def _pieces(old: Buffer, patch: Patch) -> Iterator[bytes | memoryview]:
    at, known = 0, memoryview(old) if isinstance(old, bytes) else old
    for splice in (*patch, Splice(len(old), 0, b"")):
        for start in range(at, splice.offset, _LARGE_BLOCK):
            yield known[start : min(start + _LARGE_BLOCK, splice.offset)]
        yield splice.data
        at = splice.offset + splice.length


def _goes_on(new: BufferedReader, block: memoryview, old: Buffer, start: int, end: int) -> bool:
    """Whether `new` goes on with the bytes of `old` from `start` to `end`."""
    for at in range(start, end, _BLOCK):
        piece = block[: min(_BLOCK, end - at)]
        # Slices of a photograph would be copied before they are compared.
        known, there = (old, at) if isinstance(old, bytes) else (old[at : at + len(piece)], 0)
        if new.readinto(piece) != len(piece) or not known.startswith(piece, there):
            return False
    return True
