"""Replacing a file: whole or not at all, with everything the file system knows of it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from geotag.errors import PhotoError, RefusedError
from geotag.files import atomic
from geotag.metadata.patch import Buffer, Pages, apply
from geotag.types import Patch, Splice

MARK = "0123456789ab-cdef01"
OLD = bytes(range(256)) * 40
PATCH: Patch = (Splice(0, 2, b"head"), Splice(100, 0, b"new"), Splice(len(OLD), 0, b"tail"))
NEW = apply(OLD, PATCH)


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "photo.jpg"
    path.write_bytes(OLD)
    return str(path)


def prepared(target: str, patch: Patch = PATCH) -> atomic.Ready:
    with atomic.opened(target) as (found, old):
        return atomic.prepare(target, old, found, patch, MARK)


@pytest.mark.parametrize("in_memory", [0, 1 << 26])
def test_a_patched_copy_takes_the_place_of_the_old_file(
    target: str, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(atomic, "_IN_MEMORY", in_memory)
    ready = prepared(target)
    assert Path(target).read_bytes() == OLD
    assert Path(ready.temporary).read_bytes() == NEW
    assert ready.size == len(NEW)
    atomic.commit(ready)
    assert Path(target).read_bytes() == NEW
    assert os.listdir(os.path.dirname(target)) == ["photo.jpg"]


@pytest.mark.parametrize("in_memory", [0, 1 << 26])
def test_a_copy_that_fails_its_check_is_gone_again(
    target: str, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(atomic, "_IN_MEMORY", in_memory)

    def check(new: Buffer) -> None:
        assert new[:] == NEW
        raise PhotoError("not what it should be")

    with (
        atomic.opened(target) as (found, old),
        pytest.raises(PhotoError, match="not what it should be"),
    ):
        atomic.prepare(target, old, found, PATCH, MARK, check)
    assert os.listdir(os.path.dirname(target)) == ["photo.jpg"]


@pytest.mark.parametrize("in_memory", [0, 1 << 26])
@pytest.mark.parametrize("place", [1, 50, 101, 300, len(NEW) - 2])
def test_a_copy_that_reads_back_otherwise_is_not_used(
    target: str, monkeypatch: pytest.MonkeyPatch, in_memory: int, place: int
) -> None:
    """Whichever byte the disk lost: one of an edit, one before, between or behind them."""
    monkeypatch.setattr(atomic, "_IN_MEMORY", in_memory)
    copy = atomic.copy_attributes

    def flipping(source: str, new: int, found: os.stat_result) -> None:
        copy(source, new, found)
        os.pwrite(new, bytes([NEW[place] ^ 1]), place)

    monkeypatch.setattr(atomic, "copy_attributes", flipping)
    with pytest.raises(PhotoError, match="does not read back the same"):
        prepared(target)
    assert os.listdir(os.path.dirname(target)) == ["photo.jpg"]


def test_a_file_that_grew_before_it_was_copied_is_not_replaced(target: str) -> None:
    with atomic.opened(target) as (found, old):
        with open(target, "ab") as file:
            file.write(b"more")
        ready = atomic.prepare(target, old, found, PATCH, MARK)
    with pytest.raises(PhotoError, match="changed by another program"):
        atomic.commit(ready)
    assert Path(target).read_bytes() == OLD + b"more"


def test_attributes_are_kept(target: str) -> None:
    os.chmod(target, 0o4751)
    os.utime(target, ns=(1_234_567_890_123_456_789, 987_654_321_987_654_321))
    os.setxattr(target, "user.remark", b"\0\1 anything")
    if os.geteuid() == 0:
        os.chown(target, 1234, 4321)
        os.chmod(target, 0o4751)
    before = os.stat(target)
    atomic.commit(prepared(target))
    after = os.stat(target)
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_mtime_ns == before.st_mtime_ns
    assert os.getxattr(target, "user.remark") == b"\0\1 anything"


def test_access_lists_are_kept(target: str) -> None:
    if not shutil.which("setfacl"):
        pytest.skip("needs setfacl (Debian package acl)")
    done = subprocess.run(
        ["setfacl", "-m", "u:1:rw,g:2:r", target], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"this file system knows no access lists: {done.stderr.strip()}")
    show = ["getfacl", "-pn", target]
    before = subprocess.run(show, capture_output=True, check=True).stdout
    atomic.commit(prepared(target))
    assert subprocess.run(show, capture_output=True, check=True).stdout == before


def test_nobody_else_can_read_the_copy_of_a_private_file(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chmod(target, 0o600)
    seen = []
    copy = atomic.copy_attributes

    def looking(source: str, new: int, found: os.stat_result) -> None:
        seen.append(stat.S_IMODE(os.fstat(new).st_mode))
        copy(source, new, found)

    monkeypatch.setattr(atomic, "copy_attributes", looking)
    atomic.commit(prepared(target))
    assert seen == [0o600]
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600


def test_an_attribute_that_cannot_be_kept_is_a_reason_to_refuse(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.setxattr(target, "user.remark", b"kept")

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setxattr", refuse)
    with pytest.raises(RefusedError, match=r"its attribute user\.remark could not be kept"):
        prepared(target)
    assert os.listdir(os.path.dirname(target)) == ["photo.jpg"]


def test_another_owner_that_cannot_be_kept_is_a_reason_to_refuse(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    found = os.stat(target)
    stranger = os.stat_result([*found[:4], found.st_uid + 1, *found[5:]])
    monkeypatch.setattr(os, "fchown", refuse)
    with open(target, "r+b") as file, pytest.raises(RefusedError, match="its owner could not be kept"):
        atomic.copy_attributes(target, file.fileno(), stranger)


def test_a_file_that_changed_is_not_replaced(target: str) -> None:
    ready = prepared(target)
    Path(target).write_bytes(b"somebody else's")
    with pytest.raises(PhotoError, match="changed by another program"):
        atomic.commit(ready)
    assert Path(target).read_bytes() == b"somebody else's"
    assert os.listdir(os.path.dirname(target)) == ["photo.jpg"]


def test_a_new_file_never_clobbers_one_that_appeared(target: str) -> None:
    name = target + ".xmp"
    ready = atomic.prepare_new(name, b"ours", MARK)
    Path(name).write_bytes(b"theirs")
    with pytest.raises(PhotoError, match="appeared at this very moment"):
        atomic.commit(ready)
    assert Path(name).read_bytes() == b"theirs"
    assert sorted(os.listdir(os.path.dirname(target))) == ["photo.jpg", "photo.jpg.xmp"]


@pytest.mark.parametrize("appeared", [False, True])
def test_where_there_are_no_hard_links(target: str, monkeypatch: pytest.MonkeyPatch, appeared: bool) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    name = target + ".xmp"
    ready = atomic.prepare_new(name, b"ours", MARK)
    monkeypatch.setattr(os, "link", refuse)
    if appeared:
        Path(name).write_bytes(b"theirs")
        with pytest.raises(PhotoError, match="appeared at this very moment"):
            atomic.commit(ready)
    else:
        atomic.commit(ready)
    assert Path(name).read_bytes() == (b"theirs" if appeared else b"ours")
    assert not any(name.startswith(".") for name in os.listdir(os.path.dirname(target)))


def test_a_backup_has_the_bytes_and_attributes(target: str, tmp_path: Path) -> None:
    os.chmod(target, 0o640)
    os.utime(target, ns=(10**18, 10**18 + 7))
    copy = tmp_path / "backup" / "deep" / "photo.jpg"
    atomic.back_up(target, str(copy), MARK)
    assert copy.read_bytes() == OLD
    assert (stat.S_IMODE(copy.stat().st_mode), copy.stat().st_mtime_ns) == (0o640, 10**18 + 7)


def test_only_what_the_same_journal_left_behind_is_swept(tmp_path: Path) -> None:
    ours = ".geotag-0123456789ab-aaaaaa-0123456789ab.tmp"
    this_run = f".geotag-{MARK}-0123456789ab.tmp"
    others = [".geotag-ba9876543210-aaaaaa-0123456789ab.tmp", ".geotag.jpg", ".geotag-notes", "photo.jpg"]
    for name in (ours, this_run, *others):
        (tmp_path / name).write_bytes(b"")
    assert atomic.sweep(str(tmp_path), MARK)
    assert set(os.listdir(tmp_path)) == {this_run, *others}
    assert not atomic.sweep(str(tmp_path / "no such folder"), MARK)


def test_the_temporary_name_fits_beside_the_longest_name(tmp_path: Path) -> None:
    longest = tmp_path / ("é" * 125 + "x.jpg")
    longest.write_bytes(OLD)
    atomic.commit(prepared(str(longest)))
    assert longest.read_bytes() == NEW


def test_pages_are_sliced_like_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geotag.metadata.patch._PAGE", 7)
    path = tmp_path / "file"
    data = b"abcdefghijklmnopqrstuvwxyz" * 3
    path.write_bytes(data)
    with open(path, "rb") as file:
        pages = Pages(file)
        assert len(pages) == len(data)
        for key in (
            slice(0, 5),
            slice(3, 40),
            slice(-5, None),
            slice(70, 900),
            slice(9, 2),
            slice(None),
            slice(1, 30, 4),
        ):
            assert pages[key] == data[key], key
        assert [pages[at] for at in (0, 77, -1, 3)] == [data[at] for at in (0, 77, -1, 3)]
        with pytest.raises(IndexError):
            pages[78]
        for needle in (b"a", b"za", b"fghijklmno", b"xyzab", b"zz", b"z", data, data + b"?"):
            for start in (0, 1, 6, 25, 52, 78, 90):
                for end in (0, 26, 53, 78, 200):
                    assert pages.find(needle, start, end) == data.find(needle, start, end), (
                        needle,
                        start,
                        end,
                    )
                assert pages.find(needle, start) == data.find(needle, start), (needle, start)


def test_pages_of_a_file_that_became_shorter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(1 << 20))
    with open(path, "rb") as file:
        pages = Pages(file)
        assert pages[0] == 0
        os.truncate(path, 10)
        with pytest.raises(OSError, match="became shorter"):
            pages[1 << 19 : (1 << 19) + 5]
