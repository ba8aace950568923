"""Patched copies: written whole whatever a call takes, and known from anything that differs in a byte."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from geotag.files import copies
from geotag.metadata.patch import Buffer, Pages, apply
from geotag.types import Patch, Splice

OLD = bytes(range(256)) * 4
PATCH: Patch = (
    Splice(0, 2, b"head"),
    Splice(100, 0, b"new"),
    Splice(700, 9, b""),
    Splice(len(OLD), 0, b"tail"),
)
NEW = apply(OLD, PATCH)


@pytest.fixture(params=["in memory", "in pieces"])
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Buffer]:
    monkeypatch.setattr(copies, "_BLOCK", 50)
    monkeypatch.setattr(copies, "_LARGE_BLOCK", 70)
    if request.param == "in memory":
        yield OLD
        return
    path = tmp_path / "old"
    path.write_bytes(OLD)
    with path.open("rb") as file:
        yield Pages(file)


def written(path: Path, old: Buffer, patch: Patch = PATCH) -> bytes:
    with path.open("wb", buffering=0) as new:
        copies.write(new.fileno(), old, patch)
    return path.read_bytes()


def test_a_copy_is_the_old_file_with_its_patch(tmp_path: Path, old: Buffer) -> None:
    assert written(tmp_path / "new", old) == NEW
    assert written(tmp_path / "same", old, ()) == OLD


@pytest.mark.parametrize("taken", [1, 3, 64])
def test_what_a_call_leaves_is_written_by_the_next(
    tmp_path: Path, old: Buffer, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    """A disk may take a part only."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, piece: write(handle, piece[:taken]))
    assert written(tmp_path / "new", old) == NEW


def test_a_full_disk_is_said(old: Buffer) -> None:
    with pytest.raises(OSError, match="space"), open("/dev/full", "wb", buffering=0) as full:
        copies.write(full.fileno(), old, PATCH)


@pytest.mark.parametrize("place", [0, 3, 4, 60, 101, 103, 104, 400, 703, 704, len(NEW) - 5, len(NEW) - 1])
def test_a_byte_that_differs_is_seen(tmp_path: Path, old: Buffer, place: int) -> None:
    other = NEW[:place] + bytes([NEW[place] ^ 1]) + NEW[place + 1 :]
    assert not is_copy(tmp_path, other, old)
    assert not is_copy(tmp_path, NEW[:place] + NEW[place + 1 :], old)
    assert not is_copy(tmp_path, NEW[:place], old)


def test_a_copy_is_known_as_one_and_one_byte_more_is_not(tmp_path: Path, old: Buffer) -> None:
    assert is_copy(tmp_path, NEW, old)
    assert not is_copy(tmp_path, NEW + b"\0", old)
    assert not is_copy(tmp_path, OLD, old)
    assert not is_copy(tmp_path, b"", old)


def is_copy(folder: Path, content: bytes, old: Buffer) -> bool:
    path = folder / "copy"
    path.write_bytes(content)
    with path.open("rb") as file:
        return copies.is_copy(file, old, PATCH)
