"""Markers in coded data are found wherever pieces of them meet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geotag.metadata import markers
from geotag.metadata.patch import Pages

_PLAIN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)

# Coded data that are rich in what looks like a marker and is none.
_BITS = (b"\xff\x00", b"\xff\xd0", b"\xff\xd7", b"\xff", b"\x00", b"\xd9", b"ordinary", b"\x01", b"\xfe")
_CODED = st.lists(st.sampled_from(_BITS), max_size=60).map(b"".join)


def expected(data: bytes, at: int) -> int:
    match = _PLAIN.search(data, at)
    return match.start() if match else -1


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markers, "_NEAR", 4)
    monkeypatch.setattr(markers, "_GROWTH", 2)
    monkeypatch.setattr(markers, "_PAGE", 16)


@given(_CODED, st.integers(0, 70))
def test_the_next_marker_is_the_one_a_plain_search_finds(data: bytes, at: int) -> None:
    assert markers.following(data, at) == expected(data, at)


def test_a_large_file_is_searched_as_bytes_are(tmp_path: Path) -> None:
    data = b"\xff\x00\xff\xd3" * 25 + b"\xff\xff\xff\xda" + b"\xff\x00" * 30 + b"\xff\xd9\xff"
    path = tmp_path / "coded"
    path.write_bytes(data)
    with path.open("rb") as file:
        for at in range(len(data) + 2):
            assert markers.following(Pages(file), at) == markers.following(data, at) == expected(data, at)


@pytest.mark.parametrize("second", range(256))
def test_every_second_byte(second: int) -> None:
    data = bytes(40) + bytes((0xFF, second)) + bytes(40)
    passed = second in (0x00, 0xFF) or 0xD0 <= second <= 0xD7
    assert markers.following(data, 0) == (-1 if passed else 40)
