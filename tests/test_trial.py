"""Model files that nobody added: a process of its own loads each first, once."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import helper, numpy_helper

from geotag.cli import main
from geotag.errors import Exit, ModelError
from geotag.models import apart, modelfolder, onnxfile, shelf, trial
from tests import models
from tests.archives import fill, picture


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The files that were tried in a process of their own."""
    files: list[object] = []
    call = apart.call

    def counting(function: object, *arguments: object) -> object:
        files.append(arguments[0])
        return call(function, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(apart, "call", counting)
    return files


def crashing() -> bytes:
    """A well-formed model on which a processor gives up: the least number there is divided by -1."""
    made = onnx.load_from_string(models.model())
    for name, value in (("lowest", -(1 << 63)), ("minus", -1)):
        made.graph.initializer.append(numpy_helper.from_array(np.array([value]), name))
    made.graph.node[-1].output[0] = "close"
    made.graph.node.extend(
        [
            helper.make_node("Div", ["lowest", "minus"], ["number"]),
            helper.make_node("Cast", ["number"], ["more km"], to=models.FLOAT),
            helper.make_node("Add", ["close", "more km"], ["error_km"]),
        ]
    )
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other processors divide without a fault")
@pytest.mark.skipif(os.name == "nt", reason="processes end by signals elsewhere")
def test_a_file_that_breaks_the_runtime_down_is_refused_in_a_sentence(tmp_path: Path, folder: Path) -> None:
    path = models.saved(tmp_path / "bad.onnx", crashing())
    archive = fill(tmp_path / "archive", ["a.jpg"])
    for words in (["run", str(archive)], ["inspect", str(archive / "a.jpg")]):
        result = CliRunner().invoke(main, [*words, "--model", path])
        assert result.exit_code == Exit.NO_MODEL, result.output
        assert f"{path}: ONNX Runtime breaks down on it: it was ended by SIGFPE" in result.stderr
        assert "name another with --model" in result.stderr
    assert "SIGFPE" in CliRunner().invoke(main, ["doctor", "--model", path]).stdout
    assert not folder.exists()


def test_a_file_is_tried_once_wherever_it_lies(tmp_path: Path, tried: list[object]) -> None:
    path = models.saved(tmp_path / "guest.onnx", models.model())
    shelf.chosen([path])
    shelf.load(path, "cpu", 1)
    shelf.gather([path], "cpu", 1)
    shelf.load(models.saved(tmp_path / "copy.onnx", models.model()), "cpu", 1)
    assert tried == [path]
    models.saved(tmp_path / "guest.onnx", models.model(turn=0.5))
    shelf.chosen([path])
    assert tried == [path, path]


def test_models_that_came_with_geotag_or_were_added_are_not_tried(
    folder: Path, tried: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    models.saved(folder / "guest.onnx", models.model())
    with monkeypatch.context() as patch:
        # Nor are they hashed for that.
        patch.setattr(onnxfile, "digest", lambda path: pytest.fail(f"{path} was hashed"))
        for path in modelfolder.at_hand():
            trial.once(path)
    shelf.load("guest", "cpu", 1)
    assert tried == []


def test_what_the_process_refuses_is_said_as_ever(tmp_path: Path, folder: Path) -> None:
    path = models.saved(tmp_path / "odd.onnx", models.model(drop="geotag.licence"))
    with pytest.raises(ModelError, match=r"odd\.onnx: not by the model contract: metadata geotag\.licence"):
        shelf.chosen([path])
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_costs_another_trial(
    tmp_path: Path, folder: Path, tried: list[object]
) -> None:
    folder.write_text("a file in its place")
    path = models.saved(tmp_path / "guest.onnx", models.model())
    for _ in range(2):
        shelf.chosen([path])
    assert tried == [path, path]


def test_where_no_process_can_be_started_it_is_loaded_at_once(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    path = models.saved(tmp_path / "guest.onnx", models.model())
    assert shelf.load(path, "cpu", 1).card.path == path
    assert not folder.exists(), "it is tried another time"


def test_a_program_needs_no_guard(tmp_path: Path) -> None:
    """A script that calls `geotag.locate` at its top is not run again by the process that tries a model."""
    script = tmp_path / "script.py"
    script.write_text("import geotag, sys\nprint(geotag.locate(sys.argv[1], sys.argv[2]).error_km)\n")
    photo, path = tmp_path / "a.jpg", models.saved(tmp_path / "guest.onnx", models.model())
    photo.write_bytes(picture(3))
    words = [sys.executable, str(script), str(photo), path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout, done.stderr) == ("100.0\n", "")
