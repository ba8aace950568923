"""`geotag help` and `geotag completion`, as a person at a shell meets them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from geotag.cli import main
from geotag.commands import handbook


def ask(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def test_help_lists_its_topics() -> None:
    assert ask("help").splitlines() == [topic.name for topic in handbook.topics(handbook.text())]


def test_help_shows_a_topic() -> None:
    assert ask("help", "sensitive-sites").startswith("**Sensitive sites.**")
    assert ask("help", "sensitive", "sites") == ask("help", "sensitive-sites")


def test_help_shows_a_command() -> None:
    assert "--write-exif" in ask("help", "run")
    assert "--sha256" in ask("help", "models", "add")


def test_help_finds_a_word() -> None:
    assert "Cartagena" not in handbook.text()
    assert "GEOTAG_MODELS" in ask("help", "geotag_models")
    assert set(ask("help", "photo").split()) <= {topic.name for topic in handbook.topics(handbook.text())}
    assert "Cartagena: the handbook says nothing of it" in ask("help", "Cartagena", code=2)


def test_help_is_set_for_reading_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = ask("help", "neighbours")
    assert "**Neighbours.**" not in shown
    assert "Neighbours." in shown


def completed(shell: str, script: str, line: str, models: Path) -> str:
    """What the shell offers for the last word of the line."""
    words = line.split(" ")
    program = (
        f"{script}\nCOMP_WORDS=({' '.join(words[:-1])} '{words[-1]}'); COMP_CWORD={len(words) - 1}\n"
        "_geotag_completion geotag\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    here = {**os.environ, "GEOTAG_MODELS": str(models), "PATH": f"{models}:{os.environ['PATH']}"}
    done = subprocess.run([shell, "-c", program], capture_output=True, text=True, check=True, env=here)
    return done.stdout


def test_bash_completes(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    script = ask("completion", "bash")
    if "geotag" not in script:
        pytest.skip("needs bash 4.4")
    command = tmp_path / "geotag"
    command.write_text(
        f"#!{sys.executable}\nfrom geotag.cli import main\nmain(prog_name='geotag')\n", encoding="utf-8"
    )
    command.chmod(0o755)
    (tmp_path / "guest.onnx").touch()
    script = script.replace("complete -o", ": -o")
    assert completed(bash, script, "geotag ver", tmp_path).split() == ["verify"]
    assert completed(bash, script, "geotag run --only", tmp_path).split() == ["--only-sidecar"]
    assert "guest" in completed(bash, script, "geotag run --model gu", tmp_path).split()
    assert "sensitive-sites" in completed(bash, script, "geotag help sens", tmp_path).split()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script(shell: str) -> None:
    assert "_GEOTAG_COMPLETE" in ask("completion", shell)
