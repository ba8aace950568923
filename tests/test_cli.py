"""The command line: exit codes, sentences, and a stdout that carries nothing but what was asked for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geotag import __version__, pipeline
from geotag.cli import main
from geotag.errors import Exit
from tests import models
from tests.archives import fill, picture, placed, snapshot

COMMANDS = sorted(main.commands)
NAMES = ("a.jpg", "b/b.tif", "e.bmp")


def geotag(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return fill(tmp_path / "archive", NAMES)


def test_the_commands_of_the_design_exist() -> None:
    assert {"run", "undo", "report", "inspect", "evaluate", "models", "doctor", "verify"} <= set(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_worth_reading(command: str) -> None:
    result = geotag(*command.split(), "--help")
    assert result.exit_code == Exit.OK
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Usage:")
    assert len(" ".join(lines).split()) > 25
    assert max(map(len, lines)) <= 110
    assert geotag(*command.split(), "-h").stdout == result.stdout


def test_every_command_has_a_line_in_the_overview() -> None:
    overview = geotag("--help").stdout
    for command in COMMANDS:
        (line,) = (line for line in overview.splitlines() if line.split()[:1] == [command])
        assert line.endswith("."), f"cut short: {line}"


def test_version() -> None:
    assert geotag("--version").stdout == f"geotag, version {__version__}\n"


@pytest.mark.parametrize(
    "args",
    [
        ["no-such-command"],
        ["run"],
        ["run", ".", "--no-such-option"],
        ["run", ".", "--max-error-km", "0"],
        ["run", ".", "--max-error-km", "far"],
        ["run", ".", "--max-error-km", "nan"],
        ["run", ".", "--max-error-km", "inf"],
        ["run", ".", "--coarsen", "nan"],
        ["run", ".", "--batch-size", "0"],
        ["run", ".", "--jobs", "-1"],
        ["run", ".", "--device", "gpu"],
        ["run", ".", "--sidecar-style", "other"],
        ["undo"],
        ["verify"],
        ["report"],
        ["inspect"],
        ["evaluate"],
        ["evaluate", "no/such/folder"],
        ["run", "no/such/folder"],
        ["inspect", "a.jpg", "--max-error-km", "-3"],
    ],
)
def test_usage_errors_end_with_2_and_a_sentence(
    args: list[str], tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [*args, "--model", tiny] if args[1:] == ["no/such/folder"] else args
    result = geotag(*given)
    assert result.exit_code == Exit.USAGE
    assert result.stdout == ""
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert os.listdir(tmp_path) == []


def test_a_run_says_what_it_did_on_stderr_only(archive: Path, tiny: str) -> None:
    result = geotag("run", archive, "--model", tiny)
    assert (result.exit_code, result.stdout) == (Exit.OK, "")
    assert "3 photos: 3 located, 0 kept, 0 unsure, 0 failed" in result.stderr
    assert "nothing was written into the archive; --write-exif or --sidecar does" in result.stderr
    assert f"manifests: {archive}.geotag/manifest.csv and .geojson" in result.stderr
    written = geotag("run", archive, "--model", tiny, "--write-exif")
    assert (written.exit_code, written.stdout) == (Exit.OK, "")
    assert "written: 2 into files, 1 into sidecars; predicted in this run: 0" in written.stderr
    assert f"to take everything back: geotag undo {archive}.geotag" in written.stderr


def test_an_empty_folder_is_said(tmp_path: Path, tiny: str) -> None:
    result = geotag("run", fill(tmp_path / "empty", []), "--model", tiny)
    assert (result.exit_code, result.stdout) == (Exit.OK, "")
    assert f"no image files found in {tmp_path / 'empty'}; nothing to do" in result.stderr


def test_failures_end_with_3_and_name_file_reason_and_next_step(archive: Path, tiny: str) -> None:
    (archive / "cut.jpg").write_bytes(picture(3, size=(300, 200))[:800])
    (archive / "two\nlines \x1b[31m[bold].jpg").write_bytes(b"")
    result = geotag("run", archive, "--model", tiny, "--write-exif")
    assert result.exit_code == Exit.SOME_FAILED
    assert result.stdout == ""
    assert "failed: cut.jpg: truncated picture" in result.stderr
    assert r"failed: two\x0alines \x1b[31m[bold].jpg: empty file" in result.stderr
    assert "2 failed: see `message` in manifest.csv; the same command tries again" in result.stderr
    assert "written: 2 into files, 1 into sidecars" in result.stderr


def test_held_back_guesses_are_said(archive: Path, unsure: str) -> None:
    result = geotag("run", archive, "--model", unsure, "--write-exif")
    assert result.exit_code == Exit.OK
    assert "--max-error-km 20100 writes every guess" in result.stderr


def test_a_dry_run_lists_on_stdout_what_would_be_written(archive: Path, tiny: str) -> None:
    (archive / "two\nlines\t.png").write_bytes(picture(7, "PNG"))
    (archive / "kept").mkdir()
    (archive / "kept" / "a.jpg").write_bytes(placed())
    old = snapshot(archive)
    result = geotag("run", archive, "--model", tiny, "--write-exif", "--dry-run")
    assert result.exit_code == Exit.OK
    assert snapshot(archive) == old
    cells = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[0] for row in cells] == ["a.jpg", "b/b.tif", "e.bmp", r"two\x0alines\x09.png"]
    for _, lat, lon, error_km, where in cells:
        assert abs(float(lat)) <= 90
        assert abs(float(lon)) <= 180
        assert float(error_km) == 100
        assert where.endswith(("would go into the file", f"would go into {archive}/e.bmp.xmp"))
    assert "4 located, 1 kept" in result.stderr


@pytest.mark.parametrize("command", ["run", "inspect", "evaluate", "models"])
def test_no_usable_model_ends_with_4(archive: Path, tmp_path: Path, command: str) -> None:
    (archive / "placed.jpg").write_bytes(placed())
    bad = models.saved(tmp_path / "bad.onnx", b"no model")
    given = {"run": [archive], "inspect": [archive / "a.jpg"], "evaluate": [archive], "models": []}[command]
    for model, said in ((bad, "not a model that can be loaded"), ("nowhere", "no such file, nor a model")):
        option = [] if command == "models" else ["--model"]
        result = geotag(command, *given, *option, model)
        assert (result.exit_code, result.stdout) == (Exit.NO_MODEL, "")
        assert result.stderr.splitlines()[-1].startswith(f"geotag: {model}: {said}")


def test_an_output_that_cannot_be_made_ends_with_5(archive: Path, tmp_path: Path, tiny: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    result = geotag("run", archive, "--model", tiny, "--output", tmp_path / "file" / "deep")
    assert (result.exit_code, result.stdout) == (Exit.OUTPUT, "")
    assert "choose another folder with --output DIR" in result.stderr


@pytest.mark.parametrize("command", ["undo", "verify", "report"])
def test_a_folder_that_is_no_output_ends_with_5(tmp_path: Path, command: str) -> None:
    result = geotag(command, tmp_path)
    assert (result.exit_code, result.stdout) == (Exit.OUTPUT, "")
    assert f"{tmp_path}: no journal.sqlite here; name the output folder of a run\n" in result.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", ["undo", "verify", "report"])
def test_an_empty_journal_does_not_pass_for_a_new_one(archive: Path, tiny: str, command: str) -> None:
    geotag("run", archive, "--model", tiny, "--write-exif")
    journal = Path(f"{archive}.geotag", "journal.sqlite")
    journal.write_bytes(b"")
    result = geotag(command, f"{archive}.geotag")
    assert result.exit_code == Exit.OUTPUT
    assert result.stderr == f"geotag: {journal}: is empty; restore it from a backup\n"


def test_an_archive_in_place_of_its_output_is_understood(archive: Path, tiny: str) -> None:
    geotag("run", archive, "--model", tiny)
    result = geotag("undo", f"{archive}/")
    assert result.exit_code == Exit.OUTPUT
    assert f"name the output folder of a run, perhaps {archive}.geotag\n" in result.stderr


def test_an_interrupt_ends_with_130(archive: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", interrupted)
    result = geotag("run", archive, "--model", tiny)
    assert result.exit_code == Exit.INTERRUPTED
    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL, "a second time ends it at once"
    assert result.stderr == "geotag: interrupted; run the same command again to continue\n"


def test_undo_verify_and_report(archive: Path, tiny: str) -> None:
    old = snapshot(archive)
    output = f"{archive}.geotag"
    geotag("run", archive, "--model", tiny, "--write-exif")
    for command, said in (
        ("verify", "3 files checked, 0 differ"),
        ("report", f"3 photos: {output}/manifest.csv and .geojson"),
        ("undo", "3 writes taken back"),
    ):
        result = geotag(command, output)
        assert (result.exit_code, result.stdout) == (Exit.OK, ""), result.stderr
        assert said in result.stderr
    assert snapshot(archive) == old


def test_undo_and_verify_end_with_3_where_someone_else_was(archive: Path, tiny: str) -> None:
    geotag("run", archive, "--model", tiny, "--write-exif")
    (archive / "a.jpg").write_bytes(picture(99))
    for command, said in (("verify", "no longer the same"), ("undo", "changed by someone else since")):
        result = geotag(command, f"{archive}.geotag")
        assert (result.exit_code, result.stdout) == (Exit.SOME_FAILED, "")
        assert f"{archive}/a.jpg: " in result.stderr
        assert said in result.stderr


def test_undo_of_what_was_never_written_is_a_mistake(archive: Path, tiny: str) -> None:
    geotag("run", archive, "--model", tiny, "--write-exif")
    assert geotag("undo", f"{archive}.geotag", "nowhere.jpg").exit_code == Exit.USAGE


def test_inspect_in_words_and_for_programs(archive: Path, tiny: str) -> None:
    (archive / "placed.jpg").write_bytes(placed())
    (archive / "cut.jpg").write_bytes(b"")
    paths = [archive / name for name in ("a.jpg", "placed.jpg", "cut.jpg", "nowhere.jpg")]
    old = snapshot(archive)
    words = geotag("inspect", *paths, "--model", tiny)
    assert words.exit_code == Exit.SOME_FAILED
    assert "48.5°N 2.25°E, put there by a camera or a person" in words.stdout
    assert "no position" in words.stdout
    result = geotag("inspect", *paths, "--model", tiny, "--json")
    assert result.exit_code == Exit.SOME_FAILED
    found = json.loads(result.stdout)
    assert [item["status"] for item in found] == ["located", "kept", "failed", "failed"]
    assert found[1]["file"] == {"latitude": 48.5, "longitude": 2.25, "machine": None}
    assert found[0]["prediction"]["error_km"] == 100
    assert snapshot(archive) == old
    assert not Path(f"{archive}.geotag").exists()


def test_evaluate_in_words_and_for_programs(archive: Path, tiny: str, other: str) -> None:
    for number in range(3):
        (archive / f"placed{number}.jpg").write_bytes(placed(number))
    words = geotag("evaluate", archive, "--model", tiny)
    assert words.exit_code == Exit.OK, words.stderr
    assert "tiny 1" in words.stdout
    assert "constant guess" in words.stdout
    result = geotag("evaluate", archive, "--model", tiny, "--compare", other, "--json")
    assert result.exit_code == Exit.OK
    assert set(json.loads(result.stdout)["per_photo"]) == {"tiny 1", "other 1", "constant guess"}


def test_evaluate_without_any_position_is_a_mistake(archive: Path, tiny: str) -> None:
    result = geotag("evaluate", archive, "--model", tiny)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert "no photo here has a position" in result.stderr


@pytest.mark.parametrize(("chosen", "expected"), [(None, "1"), ("3", "3")])
def test_numpy_starts_no_threads_unless_asked_to(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, expected: str
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", chosen or "")
    if chosen is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert geotag("models").exit_code == Exit.OK
    assert os.environ["OPENBLAS_NUM_THREADS"] == expected


def test_models_and_doctor(tiny: str) -> None:
    assert "tiny 1" in geotag("models", tiny).stdout
    (card,) = json.loads(geotag("models", tiny, "--json").stdout)
    assert (card["name"], card["recipe"]["resize"]) == ("tiny", "squash")
    found = json.loads(geotag("doctor", "--model", tiny, "--json").stdout)
    assert found["device"].startswith("cpu")
    assert found["geotag"] == __version__
    missing = geotag("doctor", "--model", "nowhere")
    assert missing.exit_code == Exit.NO_MODEL
    assert "not usable: nowhere: no such file" in missing.stdout


def test_an_unexpected_error_ends_with_1(archive: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(pipeline, "run", broken)
    assert geotag("run", archive, "--model", tiny).exit_code == Exit.UNEXPECTED


def test_as_a_module_in_cron(archive: Path, tiny: str) -> None:
    """No terminal, no UTF-8 locale, names that are no UTF-8: plain lines, no colour, no traceback."""
    (archive / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "geotag", "run", archive, "--model", tiny, "--write-exif"],
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    assert (done.returncode, done.stdout) == (Exit.SOME_FAILED, b""), done.stderr
    assert b"failed: caf\\xe9.jpg: empty file" in done.stderr
    assert b"\x1b" not in done.stderr
    assert b"\r" not in done.stderr
    assert b"Traceback" not in done.stderr
