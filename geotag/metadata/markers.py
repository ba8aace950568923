"""Markers in the coded data of a JPEG, in which nearly every FF is one that a zero is stuffed behind.

No marker, and passed over, are a stuffed zero, a restart (D0 to D7) and a fill byte (ITU-T T.81, B.1.1). Many
markers stand near each other, so a few bytes are searched for one first; all that follow are sifted with
NumPy, which takes a third of the time and lets other threads go on.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from geotag.metadata.patch import Buffer

_MARKER = re.compile(rb"\xff(?!\x00)[\x01-\xcf\xd8-\xfe]")
_NEAR, _GROWTH, _PAGE = 1 << 11, 8, 1 << 18

_PASSED = np.zeros(256, np.bool_)
_PASSED[[0x00, *range(0xD0, 0xD8), 0xFF]] = True


def following(data: Buffer, at: int) -> int:
    """The offset of the first marker (its FF) that begins at `at` or behind; -1 when there is none."""
    near = data[at : at + _NEAR]
    if match := _MARKER.search(near):
        return at + match.start()
    # A marker is two bytes: the last byte of a piece is looked at again as the first of the next.
    at, length = at + max(0, len(near) - 1), _NEAR
    # Made once: memory that is asked for anew for each piece costs half as much as sifting it.
    room = np.empty(min(_PAGE, len(data)), np.bool_)
    while at + 1 < len(data):
        # Pieces grow, so that neither many markers nor long scans cost more than the file is long.
        length = min(_GROWTH * length, _PAGE, len(data) - at)
        found = _first(_samples(data, at, length), room)
        if found >= 0:
            return at + found
        at += length - 1
    return -1


def _samples(data: Buffer, at: int, length: int) -> NDArray[np.uint8]:
    if isinstance(data, bytes):
        return np.frombuffer(data, np.uint8, length, at)
    return np.frombuffer(data[at : at + length], np.uint8)


def _first(piece: NDArray[np.uint8], room: NDArray[np.bool_]) -> int:
    """Where the first marker in a piece is; -1 when there is none. `room` is as long or longer."""
    first, second = piece[:-1], piece[1:]
    stuffed_or_more = np.equal(first, 0xFF, out=room[: first.size])
    candidates = np.logical_and(stuffed_or_more.view(np.uint8), second, out=stuffed_or_more)
    if not candidates.any():
        return -1
    places = np.flatnonzero(candidates)
    places = places[~_PASSED[second[places]]]
    return int(places[0]) if places.size else -1
