"""Identities: the very bytes of a file, told by a digest that shares its work with the picture's."""

from __future__ import annotations

from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from geotag.metadata.identity import apart, digest, identity, matches, moved, plain
from geotag.metadata.patch import Pages, apply
from geotag.types import Splice

DATA = bytes(range(256)) * 3
APART = ((10, 100), (300, 200))


def made(data: bytes, stretches: tuple[tuple[int, int], ...] = APART) -> bytes:
    return identity(data, stretches, digest(data, stretches))


def test_a_file_matches_its_identity_and_no_other_does() -> None:
    known = made(DATA)
    assert matches(DATA, known)
    for place in (0, 9, 10, 109, 110, 299, 300, 499, 500, len(DATA) - 1):
        assert not matches(DATA[:place] + bytes([DATA[place] ^ 1]) + DATA[place + 1 :], known), place
    for other in (DATA + b"\0", DATA[:-1], b"\0" + DATA, DATA[:400], b""):
        assert not matches(other, known)


def test_without_stretches_it_is_the_plain_blake3() -> None:
    assert made(DATA, ()) == plain(DATA) == blake3(DATA).digest()
    assert matches(DATA, plain(DATA))
    assert not matches(DATA + b"?", plain(DATA))


def test_bytes_do_not_wander_between_stretch_and_rest() -> None:
    """The same bytes, cut elsewhere, are another identity, and each still knows its file."""
    one, other = made(DATA, ((0, 256),)), made(DATA, ((256, 256),))
    assert one != other
    assert matches(DATA, one)
    assert matches(DATA, other)


def test_a_large_file_is_hashed_as_bytes_are(tmp_path: Path) -> None:
    path, data = tmp_path / "file", DATA * 400
    path.write_bytes(data)
    stretches = ((5, 150_000), (200_000, 77_777))
    with path.open("rb") as file:
        assert identity(Pages(file), stretches, digest(Pages(file), stretches)) == made(data, stretches)
        assert matches(Pages(file), made(data, stretches))


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([(2, 3), (5, 4), (9, 1), (20, 2)], ((2, 8), (20, 2))),
        ([(2, 0), (4, 5), (9, 0)], ((4, 5),)),
        ([(9, 3), (2, 3)], ()),
        ([(2, 5), (4, 5)], ()),
        ([(at, 1) for at in range(0, 18, 2)], ()),
        ([], ()),
    ],
)
def test_neighbours_become_one_stretch(
    ranges: list[tuple[int, int]], expected: tuple[tuple[int, int], ...]
) -> None:
    assert apart(ranges) == expected
    if expected:
        assert digest(DATA, expected) == digest(DATA, ranges)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), st.binary(max_size=5)), max_size=4),
    st.tuples(st.integers(0, 60), st.integers(0, 30)),
)
def test_ranges_move_with_their_bytes(steps: list[tuple[int, int, bytes]], sought: tuple[int, int]) -> None:
    data, patch, at = bytes(range(200)), [], 0
    for gap, length, new in steps:
        patch.append(Splice(at + gap, length, new))
        at += gap + length
    found = moved([sought], len(data), tuple(patch))
    new = apply(data, tuple(patch))
    touched = any(
        splice.offset < sum(sought) and splice.offset + splice.length > sought[0] for splice in patch
    )
    if found is not None:
        assert new[found[0][0] : sum(found[0])] == data[sought[0] : sum(sought)]
    assert found is None or not touched
