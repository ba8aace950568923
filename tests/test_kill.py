"""Killed at any moment: no file harmed, no finished photo lost, and the same command goes on."""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from geotag.files import atomic
from geotag.flows import upkeep
from geotag.memory.journal import Journal
from tests import archives, kills
from tests.archives import fill, rows, snapshot
from tests.disks import left_over

KILLS = int(os.environ.get("GEOTAG_KILLS", "10"))
SEED = int(os.environ.get("GEOTAG_SEED", "2026"))
LONGEST_S = 0.4

NAMES = [
    f"{folder}/{number:02}{suffix}"
    for folder in ("a", "é c/d")
    for number, suffix in enumerate((".jpg", ".tif", ".png", ".webp", ".bmp") * 3)
]
MOMENTS = [
    "geotag.files.atomic.prepare:after:2",
    "geotag.memory.journal/Journal.intend:before:1",
    "geotag.memory.journal/Journal.intend:after:1",
    "os.replace:before:1",
    "os.replace:after:2",
    "os.link:after:1",
    "geotag.memory.journal/Journal.settle:before:1",
    "geotag.memory.journal/Journal.settle:after:1",
    "geotag.renderings.manifest.render:before:1",
]


def args(archive: Path, model: str) -> list[str]:
    return ["run", str(archive), "--write-exif", "--model", model, "--batch-size", "4", "--jobs", "2"]


def undated(content: bytes) -> bytes:
    """A sidecar without the second in which it was written."""
    return re.sub(rb"georeferencedDate>[^<]*<", b"georeferencedDate><", content)


def take_back(output: Path) -> None:
    """Take everything back, without any trouble."""
    assert upkeep.take_back(str(output), ()).troubles == ()


def check_old_or_new(archive: Path, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """Every file is byte for byte its old or its new self, and nothing else is there."""
    for path, content in snapshot(archive).items():
        if os.path.basename(path).startswith(atomic.PREFIX):
            continue
        assert undated(content) in (old.get(path), new[path]), path
    assert old.keys() <= snapshot(archive).keys()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, tiny: str) -> tuple[Path, dict[str, bytes]]:
    """An archive, and what a run that nobody disturbs makes of a copy of it."""
    folder = tmp_path_factory.mktemp("kill")
    archive = fill(folder / "old", NAMES)
    copy = Path(shutil.copytree(archive, folder / "new"))
    assert archives.run(copy, tiny, write_exif=True).summary.failed == 0
    return archive, {path: undated(content) for path, content in snapshot(copy).items()}


def test_killed_at_random_moments(tmp_path: Path, tiny: str, written: tuple[Path, dict[str, bytes]]) -> None:
    source, new = written
    archive = Path(shutil.copytree(source, tmp_path / "archive"))
    old, output = snapshot(archive), tmp_path / "archive.geotag"
    killed, longest = 0, LONGEST_S
    for share in kills.moments(SEED, 4 * KILLS, 1.0):
        moment = share * longest
        before = kills.finished(output)
        ended = kills.kill_after_first_sign(tmp_path, moment, *args(archive, tiny))
        again = set(ended.predicted) & before
        assert not again, (SEED, moment, again)
        check_old_or_new(archive, old, new)
        killed += ended.code == -signal.SIGKILL
        if killed == KILLS:
            break
        if ended.code == 0:
            # A quick machine was done before the kill: the next ones come sooner.
            longest *= 0.7
            assert not left_over(archive)
            assert {path: undated(content) for path, content in snapshot(archive).items()} == new
            take_back(output)
            assert snapshot(archive) == old
            shutil.rmtree(output)
    assert killed == KILLS, (killed, longest)
    ended = kills.geotag(tmp_path, *args(archive, tiny))
    assert ended.code == 0, ended.said
    assert not left_over(archive)
    assert {path: undated(content) for path, content in snapshot(archive).items()} == new
    take_back(output)
    assert snapshot(archive) == old


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_every_step_then_undone(
    tmp_path: Path, tiny: str, written: tuple[Path, dict[str, bytes]], moment: str
) -> None:
    """`geotag undo` right after the kill takes everything back, without a run in between."""
    source, new = written
    archive = Path(shutil.copytree(source, tmp_path / "archive"))
    old = snapshot(archive)
    ended = kills.geotag(tmp_path, *args(archive, tiny), moment=moment)
    assert ended.code == -signal.SIGKILL, ended.said
    check_old_or_new(archive, old, new)
    take_back(tmp_path / "archive.geotag")
    assert snapshot(archive) == old
    assert {row["written"] for row in rows(tmp_path / "archive.geotag").values()} <= {"none"}


@pytest.mark.parametrize("moment", ["geotag.files.atomic.prepare:after:1", "os.replace:after:2"])
def test_killed_while_undoing(tmp_path: Path, tiny: str, moment: str) -> None:
    archive = fill(tmp_path / "archive", NAMES[:6])
    old = snapshot(archive)
    output = archives.run(archive, tiny, write_exif=True).summary.output
    new = snapshot(archive)
    ended = kills.geotag(tmp_path, "undo", output, moment=moment)
    assert ended.code == -signal.SIGKILL, ended.said
    for path, content in snapshot(archive).items():
        assert content in (old.get(path), new.get(path)) or atomic.PREFIX in path
    take_back(Path(output))
    assert snapshot(archive) == old


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_cleanly(tmp_path: Path, tiny: str, how: signal.Signals) -> None:
    archive = fill(tmp_path / "archive", [f"{number:03}.jpg" for number in range(80)])
    ended = kills.interrupt_third_batch(tmp_path, *args(archive, tiny), how=how)
    assert ended.code == 130, ended.said
    assert ended.said.splitlines()[-1] == "geotag: interrupted; run the same command again to continue"
    assert "Traceback" not in ended.said
    assert not left_over(archive)
    finished = kills.finished(tmp_path / "archive.geotag")
    assert finished
    assert len(finished) < 80
    again = kills.geotag(tmp_path, *args(archive, tiny))
    assert again.code == 0, again.said
    assert set(again.predicted) == set(snapshot(archive)) - finished


def test_of_two_runs_the_second_says_who_is_there(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    output = tmp_path / "archive.geotag"
    with Journal(str(output), create=True):
        second = kills.geotag(tmp_path, *args(archive, tiny))
        undo = kills.geotag(tmp_path, "undo", str(output))
    assert (second.code, undo.code) == (5, 5)
    for said in (second.said, undo.said):
        assert f"{output}: held by another run (process {os.getpid()} on {platform.node()}, since " in said
        assert said.rstrip().endswith("; wait until it ends")
    assert kills.geotag(tmp_path, *args(archive, tiny)).code == 0


def test_a_killed_run_leaves_no_lock(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES[:4])
    ended = kills.geotag(
        tmp_path, *args(archive, tiny), moment="geotag.memory.journal/Journal.settle:before:1"
    )
    assert ended.code == -signal.SIGKILL
    assert kills.geotag(tmp_path, *args(archive, tiny)).code == 0


def test_the_checker_of_fidelity_finds_no_loss(tmp_path: Path, tiny: str, shared: Path) -> None:
    """Killed in the middle, and after the next start: an independent checker compares every file."""
    archive = fill(tmp_path / "archive", NAMES[:8])
    before = Path(shutil.copytree(archive, tmp_path / "before"))
    program = [sys.executable, str(shared / "fidelity" / "fidelity.py"), str(before), str(archive)]
    program += ["--allow-added", "*.xmp"]
    for moment in ("os.replace:after:3", ""):
        kills.geotag(tmp_path, *args(archive, tiny), moment=moment)
        for path in left_over(archive):
            (archive / path).unlink()
        done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
