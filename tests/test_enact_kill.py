"""Killed while decisions are carried out: no file harmed, and applying them again finishes what was begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from geotag import api
from geotag.flows import upkeep
from tests import kills
from tests.archives import fill, rows, run, snapshot
from tests.disks import left_over
from tests.reviewing import decided, saved

CHOICES = {
    "a/accepted.jpg": "accept",
    "a/accepted.bmp": "accept",
    "a/corrected.png": (51.5, -0.12, 0.2),
    "b/corrected.bmp": (51.5, -0.12, 0.2),
    "b/rejected.jpg": "reject",
    "b/rejected.bmp": "reject",
}
MOMENTS = [
    "geotag.memory.journal/Journal.review:before:1",
    "geotag.memory.journal/Journal.review:after:1",
    "geotag.memory.journal/Journal.intend:after:1",
    "os.replace:after:2",
    "geotag.memory.journal/Journal.settle:before:1",
    "geotag.undo.take_back:before:1",
    "geotag.undo.take_back:after:1",
    "os.unlink:after:1",
    "geotag.renderings.manifest.render:before:1",
]


def written(folder: Path, model: str) -> tuple[str, str]:
    """Write an archive in a folder and decide about it; returns the output folder and the decisions."""
    output = run(fill(folder / "archive", list(CHOICES)), model, write_exif=True).summary.output
    return output, saved(folder / "decisions.json", decided(output, CHOICES))


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, tiny: str) -> Path:
    """A folder in which decisions were applied in one go."""
    folder = tmp_path_factory.mktemp("straight")
    assert api.apply(*written(folder, tiny)).taken_back == 2
    return folder


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_applied_again(tmp_path: Path, tiny: str, straight: Path, moment: str) -> None:
    output, file = written(tmp_path, tiny)
    archive, wanted = tmp_path / "archive", snapshot(straight / "archive")
    before = snapshot(archive)
    assert kills.geotag(tmp_path, "apply", output, file, moment=moment).code == -9
    for path, content in snapshot(archive).items():
        if not path.rpartition("/")[2].startswith(".geotag-"):
            assert content in (before.get(path), wanted.get(path)), path
    assert api.apply(output, file).refused == ()
    assert snapshot(archive) == wanted
    assert not left_over(archive)
    told, expected = rows(Path(output)), rows(straight / "archive.geotag")
    assert {path: row | {"message": ""} for path, row in told.items()} == {
        path: row | {"message": ""} for path, row in expected.items()
    }
    assert upkeep.verify(output).troubles == ()
    assert upkeep.take_back(output, ()).troubles == ()
    assert snapshot(archive) == snapshot(fill(tmp_path / "old", list(CHOICES)))
