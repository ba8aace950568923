"""Pipes and devices among photographs: nobody waits for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geotag.files import regular
from tests.archives import fill, placed, rows

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")


def test_a_file_opens_and_a_pipe_does_not(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    with open(tmp_path / "a", "rb", opener=regular.opener) as file:
        assert file.read() == b"abc"
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "A pipe or a device, no file"),
        (os.devnull, "A pipe or a device, no file"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(OSError, match=said):
            open(path, "rb", opener=regular.opener)  # noqa: SIM115


def test_a_run_passes_by_pipes(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    (archive / "placed.jpg").write_bytes(placed())
    for name in ("pipe.jpg", "a.jpg.xmp"):
        os.mkfifo(archive / name)
    geotag = [sys.executable, "-m", "geotag"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def ask(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*geotag, *words], capture_output=True, text=True, env=environment, timeout=300, check=False
        )

    done = ask("run", str(archive), "--model", tiny, "--write-exif")
    assert done.returncode == 0, done.stderr
    assert {path: row["written"] for path, row in rows(Path(f"{archive}.geotag")).items()} == {
        "a.jpg": "exif",
        "placed.jpg": "none",
    }
    asked = ask("inspect", str(archive / "pipe.jpg"), "--model", tiny)
    assert "a pipe or a device, no file" in asked.stdout + asked.stderr
