"""IPTC records and Photoshop's image resources by hand; no code is shared with geotag."""

from __future__ import annotations

import struct

UTF_8 = (1, 90, b"\x1b%G")


def record(*datasets: tuple[int, int, bytes]) -> bytes:
    """Datasets of (record, number, value), one after the other."""
    return b"".join(
        struct.pack(">BBBH", 0x1C, group, number, len(value)) + value for group, number, value in datasets
    )


def long_dataset(number: int, value: bytes) -> bytes:
    """A dataset of record 2 whose length stands in four bytes of its own."""
    return struct.pack(">BBBHI", 0x1C, 2, number, 0x8004, len(value)) + value


def resource(number: int, body: bytes, name: bytes = b"", signature: bytes = b"8BIM") -> bytes:
    pascal = bytes((len(name),)) + name
    return b"".join(
        (
            signature,
            struct.pack(">H", number),
            pascal + bytes(len(pascal) % 2),
            struct.pack(">I", len(body)),
            body + bytes(len(body) % 2),
        )
    )


def resources(iptc: bytes) -> bytes:
    """The image resources of a file from Photoshop: a resolution, a named path, the record, a digest."""
    return b"".join(
        (
            resource(0x03ED, bytes(16)),
            resource(0x07D0, b"odd", b"path"),
            resource(0x0404, iptc),
            resource(0x0425, bytes(16), signature=b"MeSa"),
        )
    )
