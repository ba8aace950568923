"""IPTC-IIM: the datasets of a photograph's editorial record, and where Photoshop keeps them.

Structure: IPTC-NAA Information Interchange Model 4.2, sections 1.6 (datasets) and 5 (1:90, the character
set); Adobe Photoshop File Formats Specification, image resource blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from geotag.metadata import charsets

_RECORD = b"\x1c"
_CHARACTER_SET = (1, 90)
_EDITORIAL = 2
_EXTENDED = 0x8000
_MOST = 10_000
_RESOURCES = (b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa")
_IPTC = 0x0404

# ISO 2022 designations of the sets of 96 characters (ISO-IR 100, 101, 109, 110, 144, 127, 126, 138, 148).
_PART = re.compile(rb"\x1b[-.]([A-DFGHLM])")
_PARTS = {
    b"A": "latin-1",
    b"B": "iso8859-2",
    b"C": "iso8859-3",
    b"D": "iso8859-4",
    b"L": "iso8859-5",
    b"G": "iso8859-6",
    b"F": "iso8859-7",
    b"H": "iso8859-8",
    b"M": "iso8859-9",
}


def read(data: bytes) -> dict[int, list[str]]:
    """The texts of the editorial record (2) by number of dataset, each in the order of the file.

    What follows the first fault is left out.
    """
    found: dict[int, list[str]] = {}
    codec = "latin-1"
    for record, number, value in _datasets(_swapped(data)):
        if (record, number) == _CHARACTER_SET:
            part = _PART.search(value)
            codec = _PARTS[part[1]] if part else codec
        elif record == _EDITORIAL:
            found.setdefault(number, []).append(charsets.plain(value, codec))
    return found


def records(resources: bytes) -> Iterator[bytes]:
    """The IPTC records in Photoshop's image resources, up to the first that is broken."""
    at = 0
    while resources[at : at + 4] in _RESOURCES and at + 12 <= len(resources):
        name = 1 + resources[at + 6]
        begin = at + 6 + name + name % 2 + 4
        end = begin + int.from_bytes(resources[begin - 4 : begin], "big")
        if int.from_bytes(resources[at + 4 : at + 6], "big") == _IPTC:
            yield resources[begin:end]
        at = end + (end - begin) % 2


def _datasets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Record, number and value of each dataset; a length over 32,767 stands in bytes of its own (1.6.2)."""
    at = 0
    for _ in range(_MOST):
        if data[at : at + 1] != _RECORD or at + 5 > len(data):
            return
        begin, length = at + 5, int.from_bytes(data[at + 3 : at + 5], "big")
        if length & _EXTENDED:
            width = length - _EXTENDED
            length = int.from_bytes(data[begin : begin + width], "big") if width <= 8 else len(data)
            begin += width
        if begin + length > len(data):
            return
        yield data[at + 1], data[at + 2], data[begin : begin + length]
        at = begin + length


def _swapped(data: bytes) -> bytes:
    """A TIFF file that calls its record LONG may have it with the bytes of each number turned round."""
    if data[:1] == _RECORD or data[3:4] != _RECORD:
        return data
    words = (data[at : at + 4][::-1] for at in range(0, len(data), 4))
    return b"".join(words)
