"""geotag.toml: found, named, merged with the command line, and its mistakes named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geotag.cli import main
from geotag.config import NAME
from geotag.errors import Exit
from tests.archives import fill, rows


def geotag(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, args)])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return fill(tmp_path / "archive", ["a.jpg", "b.png", "thumbs/c.jpg"])


def test_it_is_found_beside_the_archive(archive: Path, tiny: str) -> None:
    (archive.parent / NAME).write_text(
        f'model = "{tiny}"\nexclude = ["thumbs"]\nmax-error-km = 20100\noutput = "answers"\n'
    )
    done = geotag(archive)
    assert done.exit_code == 0, done.stderr
    assert str(archive.parent / NAME) in done.stderr
    assert set(rows(archive.parent / "answers")) == {"a.jpg", "b.png"}


def test_the_command_line_comes_first(archive: Path, tiny: str, tmp_path: Path) -> None:
    named = tmp_path / "mine.toml"
    named.write_text('model = "no such model"\ninclude = ["*.jpg"]\nonly-sidecar = true\n')
    done = geotag(
        archive, "--config", named, "--model", tiny, "--include", "*.png", "--max-error-km", "20100"
    )
    assert done.exit_code == 0, done.stderr
    found = rows(tmp_path / "archive.geotag")
    assert {path: row["written"] for path, row in found.items()} == {"b.png": "sidecar"}


def test_paths_are_relative_to_the_file(archive: Path, tiny: str, tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "x.toml").write_text('sidecar-dir = "cars"\nsidecar = true\nmax-error-km = 20100\n')
    done = geotag(archive, "--config", folder / "x.toml", "--model", tiny)
    assert done.exit_code == 0, done.stderr
    assert (folder / "cars" / "a.jpg.xmp").is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour is no option of geotag run"),
        ("jobs = 0", "jobs"),
        ('max-error-km = "far"', "max-error-km"),
        ('write-exif = "yes"', "write-exif is true or false"),
        ('evidence = "stars"', "stars"),
        ("= 3", "no TOML"),
    ],
)
def test_mistakes_are_named(archive: Path, tiny: str, text: str, said: str) -> None:
    (archive.parent / NAME).write_text(text)
    done = geotag(archive, "--model", tiny)
    assert done.exit_code == Exit.USAGE
    assert str(archive.parent / NAME) in done.stderr
    assert said in done.stderr
    assert not (archive.parent / "archive.geotag").exists()


def test_a_missing_file_that_was_named_is_a_mistake(archive: Path, tiny: str) -> None:
    done = geotag(archive, "--model", tiny, "--config", archive / "no.toml")
    assert (done.exit_code, "cannot be read" in done.stderr) == (Exit.USAGE, True)


def test_a_log_for_programs(archive: Path, tiny: str) -> None:
    (archive / "d.jpg").write_bytes(b"\xff\xd8\xffno picture")
    done = geotag(archive, "--model", tiny, "--log-json")
    assert done.exit_code == Exit.SOME_FAILED
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert all({"time", "level", "event"} <= event.keys() for event in events)
    (failed,) = [event for event in events if event["event"] == "failed"]
    assert (failed["path"], failed["level"]) == ("d.jpg", "error")
    assert events[-1]["event"] == "summary"
    assert events[-1]["photos"] == 4
    assert events[-1]["status"]["failed"] == 1
    assert done.stdout == ""
