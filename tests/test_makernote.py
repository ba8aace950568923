"""Makers' notes: what they lost does not come back as something else."""

from __future__ import annotations

import struct

import pytest

from geotag.errors import RefusedError
from geotag.metadata import tiff as codec
from tests.blocks import exif
from tests.codec_checks import PARIS


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("head", "base"), [(b"", "block"), (b"NOTE\0\0", "note"), (b"Nikon\0\2\0\0\0", "header")]
)
def test_a_makers_note_that_lost_its_values_gets_no_others(head: bytes, base: str, order: str) -> None:
    """Programs that rewrite a block leave notes behind whose values lie where the block does not reach."""

    note_at = exif(order, gps=[], note=b"a note of more than four bytes").index(b"a note of")
    base_at = {"block": 0, "note": note_at, "header": note_at + 10}[base]

    def block(lost: int) -> bytes:
        behind = note_at - base_at + len(head) + 2 + 12 * 4 + 4
        entries = [(tag, 7, 8, behind + 8 * tag) for tag in range(3)] + [(9, 7, 40, lost - base_at)]
        inner = b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
        return exif(order, gps=[], note=head + struct.pack(order + "H", 4) + inner + bytes(4 + 24))

    size = len(block(note_at + 10))
    assert codec.add_gps(block(note_at + 10), PARIS, False)
    assert codec.add_gps(block(size - 40), PARIS, False)
    with pytest.raises(RefusedError, match="lost its values"):
        codec.add_gps(block(size - 20), PARIS, False)
    assert codec.add_gps(block(size + 9999), PARIS, False), "what is far away is as missing as before"
