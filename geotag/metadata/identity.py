"""Which bytes a file has: a digest of all of it that shares its work with the digest of the picture.

Digests are BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020, "BLAKE3: one function, fast everywhere"):
as hard to forge as SHA-256, which would take longer than anything else that writing a photograph is made of.
An identity is the digest of the file's length, of the stretches that are hashed apart (offset and length
each), of the digest of their bytes, and of every other byte in order; behind it stand the stretches, as
big-endian 64-bit numbers, so that it can be made again by whoever knows nothing of the format. Where no
stretch is hashed apart, it is the plain digest of the file. Most of a photograph is its coded picture, so
what is known of that once need not be hashed again for the file before and the file after an edit.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from blake3 import blake3

from geotag.metadata.patch import Buffer, Range, kept
from geotag.types import Patch

_CHUNK = 1 << 18
_MOST_STRETCHES = 8
_PAIR = struct.Struct(">QQ")
_LENGTH = 32


def digest(data: Buffer, ranges: Iterable[Range]) -> bytes:
    """BLAKE3 of stretches of a file, one after the other in the order given: 32 bytes."""
    hasher = blake3()
    for offset, length in ranges:
        for piece in _pieces(data, offset, offset + length):
            hasher.update(piece)
    return hasher.digest()


def plain(data: Buffer) -> bytes:
    """The identity of a file of which nothing is hashed apart: the digest of all of it."""
    return digest(data, ((0, len(data)),))


def identity(data: Buffer, apart: tuple[Range, ...], known: bytes) -> bytes:
    """The identity of a file; its stretches `apart` (ascending, none touching another) have this digest."""
    if not apart:
        return plain(data)
    packed = b"".join(_PAIR.pack(*stretch) for stretch in apart)
    whole = blake3(_PAIR.pack(len(data), len(apart)) + packed + known)
    at = 0
    for offset, length in (*apart, (len(data), 0)):
        for piece in _pieces(data, at, offset):
            whole.update(piece)
        at = offset + length
    return whole.digest() + packed


def matches(data: Buffer, known: bytes) -> bool:
    """Whether a file has just the bytes of the file that this identity was made of."""
    apart = tuple(_PAIR.iter_unpack(known[_LENGTH:]))
    if apart and sum(apart[-1]) > len(data):
        return False
    return identity(data, apart, digest(data, apart)) == known


def apart(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Ranges as the stretches of an identity, neighbours made one; none if they are not in order or too many.

    The bytes of the stretches are those of the ranges, in the same order: they have the same digest.
    """
    found: list[Range] = []
    for offset, length in ranges:
        end = sum(found[-1]) if found else 0
        if not length:
            continue
        if offset < end:
            return ()
        if found and offset == end:
            found[-1] = (found[-1][0], found[-1][1] + length)
        else:
            found.append((offset, length))
    return tuple(found) if len(found) <= _MOST_STRETCHES else ()


def moved(ranges: Iterable[Range], size: int, patch: Patch) -> tuple[Range, ...] | None:
    """Where ranges of a file of `size` bytes lie once it is patched; None when the patch changes one."""
    stretches = tuple(kept(size, patch))
    found = []
    for offset, length in ranges:
        shift = next(
            (
                after - before
                for before, after, whole in stretches
                if before <= offset and offset + length <= before + whole
            ),
            None,
        )
        if shift is None:
            return None
        found.append((offset + shift, length))
    return tuple(found)


def _pieces(data: Buffer, start: int, end: int) -> Iterator[bytes | memoryview]:
    if isinstance(data, bytes):
        yield memoryview(data)[start:end]
        return
    for at in range(start, end, _CHUNK):
        yield data[at : min(at + _CHUNK, end)]
