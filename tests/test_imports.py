"""What commands load, as sets of modules: nobody waits for what a command does not use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import archives

HEAVY = {"numpy", "onnxruntime", "PIL", "rich", "sqlite3", "joblib", "fsspec", "tifffile", "matplotlib"}


def loaded(*words: str, **environment: str) -> set[str]:
    """The modules that `geotag WORDS`, in a process of its own, has loaded in the end."""
    program = (
        "import sys\nfrom geotag.cli import main\n"
        "try:\n    main(prog_name='geotag')\nfinally:\n    print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"], ["completion", "bash"]])
def test_who_asks_for_help_loads_click_alone(words: list[str]) -> None:
    beyond = loaded(*words) & (HEAVY | {"dataclasses", "json", "platformdirs"})
    assert beyond == set()


def test_completion_loads_the_names_of_models_alone(tmp_path: Path) -> None:
    asked = {"_GEOTAG_COMPLETE": "bash_complete", "COMP_WORDS": "geotag run --model geo", "COMP_CWORD": "3"}
    modules = loaded(**asked, GEOTAG_MODELS=str(tmp_path))
    assert "geotag.models.modelfolder" in modules
    assert modules & HEAVY == set()


def test_a_photo_loads_what_a_jpeg_needs(tmp_path: Path, tiny: str) -> None:
    archive = archives.fill(tmp_path / "archive", ["a.jpg"])
    modules = loaded("run", str(archive), "--model", tiny, "--device", "cpu")
    assert {"numpy", "onnxruntime", "PIL.JpegImagePlugin"} <= modules
    needless = HEAVY - {"numpy", "onnxruntime", "PIL", "sqlite3"}
    needless |= {"PIL.PdfParser", "PIL.ImageCms", "pillow_heif", "rawpy", "geotag.metadata.png"}
    assert modules & needless == set()


def test_a_command_ends_without_looking_for_circles() -> None:
    program = (
        "import atexit, gc\natexit.register(lambda: print(gc.get_freeze_count() > 10_000))\n"
        "from geotag.cli import main\nmain(['--version'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"


def test_a_finished_archive_loads_neither_a_model_nor_what_it_needs(tmp_path: Path, tiny: str) -> None:
    archive = archives.fill(tmp_path / "archive", ["a.jpg", "b/c.png", "b/d.jpg"])
    words = ("run", str(archive), "--model", tiny, "--device", "cpu", "--sidecar", "--max-error-km", "20100")
    assert "geotag.flows.work" in loaded(*words)
    modules = loaded(*words)
    assert "geotag.pipeline" in modules
    assert modules & ((HEAVY - {"sqlite3"}) | {"geotag.flows.work", "geotag.evidence.gazetteer"}) == set()


def test_a_report_without_a_map_decodes_nothing(tmp_path: Path, tiny: str) -> None:
    archive = archives.fill(tmp_path / "archive", ["a.jpg"])
    archives.run(archive, tiny)
    assert loaded("report", f"{archive}.geotag") & (HEAVY - {"sqlite3"}) == set()
