"""geotag.run and geotag.locate, as a program calls them."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

import geotag
from geotag.errors import ModelError, PhotoError, UsageError
from geotag.types import Status
from tests import archives


def test_locate_takes_paths_bytes_and_files(tmp_path: Path, tiny: str) -> None:
    photo = archives.fill(tmp_path / "a", ["1.jpg"]) / "1.jpg"
    data = photo.read_bytes()
    answers = {geotag.locate(source, tiny) for source in (photo, str(photo), data, io.BytesIO(data))}
    assert len(answers) == 1
    assert answers.pop().error_km == pytest.approx(100)


def test_locate_twice(tmp_path: Path, tiny: str, other: str) -> None:
    photo = archives.fill(tmp_path / "a", ["1.jpg"]) / "1.jpg"
    assert geotag.locate(photo, tiny) == geotag.locate(photo, tiny) != geotag.locate(photo, other)


def test_run(tmp_path: Path, tiny: str) -> None:
    archive = archives.fill(tmp_path / "a", ["1.jpg", "2.jpg"])
    ears = archives.Ears()
    summary = geotag.run(archive, model=tiny, only_sidecar=True, observer=ears)
    assert summary.statuses[Status.LOCATED] == 2
    assert sorted(ears.fresh) == ["1.jpg", "2.jpg"]
    assert (archive / "1.jpg.xmp").is_file()
    assert set(summary.busy) >= {"read", "decode", "model", "write", "manifest"}


def test_trouble(tmp_path: Path, tiny: str) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        geotag.run(tmp_path / "missing", model=tiny)
    with pytest.raises(PhotoError, match="not a picture"):
        geotag.locate(b"text of a letter", tiny)
    with pytest.raises(ModelError, match="nor a model of that name"):
        geotag.locate(b"", "no such model")


def test_importing_geotag_costs_nothing() -> None:
    code = "import sys, geotag; print(sorted({'numpy', 'PIL', 'onnxruntime'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
