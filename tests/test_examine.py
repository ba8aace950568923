"""inspect and evaluate: what a file says beside what the model says, without writing anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geotag.errors import UsageError
from geotag.flows import evaluate, examine
from geotag.geo import distance_km
from geotag.models import shelf
from geotag.types import Status
from tests import archives, models


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = archives.fill(tmp_path / "archive", ["plain.jpg", "scan.tif"])
    for index in range(4):
        (folder / f"placed {index}.jpg").write_bytes(archives.placed(index))
    (folder / "broken.jpg").write_bytes(archives.placed(9)[:500])
    return folder


def test_inspect_asks_the_model_although_the_file_knows(archive: Path, tiny: str) -> None:
    (finding,) = examine.inspect([str(archive / "placed 0.jpg")], shelf.gather([tiny], "cpu"), 2500)
    assert finding.record is not None
    assert finding.record.status is Status.KEPT
    assert finding.record.prediction is not None
    text = "\n".join(examine.in_words(finding))
    assert "48.5°N 2.25°E, put there by a camera or a person" in text
    assert "km from the file's position" in text
    data = examine.as_json(finding)
    assert data["file"] == {"latitude": 48.5, "longitude": 2.25, "machine": None}
    assert data["status"] == "kept"


def test_inspect_shows_regions_and_every_piece_of_evidence(tmp_path: Path) -> None:
    content = models.with_cells(models.model(), [[70, -30], [-90, 20], [10, 150]])
    path = models.saved(tmp_path / "cells.onnx", content)
    folder = archives.fill(tmp_path / "Cairo 1905", ["a.jpg"])
    (finding,) = examine.inspect([str(folder / "a.jpg")], shelf.gather([path], "cpu"), 2500)
    said = examine.as_json(finding)
    hints = said["hints"]
    assert isinstance(hints, list)
    assert [(hint["kind"], hint["source"], hint["text"]) for hint in hints] == [
        ("words", "folder", "Cairo"),
        ("picture", "tiny 1", hints[1]["text"]),
    ]
    assert all(0 <= hint["weight"] <= 1 for hint in hints)
    assert len(said["regions"]) == 3  # type: ignore[arg-type]
    text = "\n".join(examine.in_words(finding))
    assert "regions:" in text
    assert f"evidence: folder 'Cairo' {hints[0]['weight']:.2f}; picture {hints[1]['text']}: " in text


def test_inspect_asks_the_neighbours(tmp_path: Path, tiny: str) -> None:
    folder = archives.fill(tmp_path / "roll", ["IMG_0002.jpg"])
    for number in (1, 3):
        (folder / f"IMG_{number:04d}.jpg").write_bytes(archives.placed(0))
    (finding,) = examine.inspect([str(folder / "IMG_0002.jpg")], shelf.gather([tiny], "cpu"), 2500)
    assert finding.record is not None
    assert finding.record.location is not None
    assert distance_km(48.5, 2.25, finding.record.location.lat, finding.record.location.lon) < 5
    said = "taken 1 shot after IMG_0001.jpg (position in the file) and 1 shot before IMG_0003.jpg"
    text = "\n".join(examine.in_words(finding))
    assert "  near:     48.5°N 2.25°E, within " in text
    assert f"evidence: {said}" in text


def test_inspect_says_what_is_wrong(archive: Path, tiny: str) -> None:
    paths = [str(archive / "broken.jpg"), str(archive / "missing.jpg"), str(archive / "plain.jpg")]
    broken, missing, plain = examine.inspect(paths, shelf.gather([tiny], "cpu"), 2500)
    assert "truncated" in broken.trouble
    assert missing.trouble == "cannot be read: no such file or directory"
    assert examine.as_json(missing)["status"] == "failed"
    assert plain.record is not None
    assert plain.record.status is Status.LOCATED


def test_inspect_leaves_everything_as_it_was(archive: Path, tiny: str) -> None:
    before = archives.snapshot(archive.parent)
    list(examine.inspect([str(archive / "placed 1.jpg")], shelf.gather([tiny], "cpu"), 2500))
    assert archives.snapshot(archive.parent) == before


def test_evaluate_counts_what_has_a_position_of_its_own(archive: Path, tiny: str) -> None:
    archives.run(archive, tiny, write_exif=True, max_error_km=20100)
    found = evaluate.evaluate((str(archive),), [shelf.gather([tiny], "cpu")], 2)
    score = found.per_photo["tiny 1"]
    assert score.photos == 4
    assert found.without_position == 2
    assert [trouble.path for trouble in found.troubles] == ["broken.jpg"]
    assert found.per_photo["constant guess"].median_km < 0.1
    judged = [item for item in evaluate.judge((str(archive),), shelf.gather([tiny], "cpu"), 1) if item]
    assert [item.path for item in judged] == ["broken.jpg", *(f"placed {index}.jpg" for index in range(4))]


def test_evaluate_compares_two_models(archive: Path, tiny: str, other: str) -> None:
    found = evaluate.evaluate((str(archive),), [shelf.gather([tiny], "cpu"), shelf.gather([other], "cpu")], 2)
    assert found.compared == ("tiny 1", "other 1")
    first, second = found.per_photo["tiny 1"], found.per_photo["other 1"]
    assert found.differences["mean_km"].difference == pytest.approx(first.mean_km - second.mean_km, rel=1e-6)
    assert len(evaluate.rows(found.per_cell)) == 3
    assert np.isfinite(found.differences["median_km"].low)


def test_the_surest_photos_are_scored_by_themselves(archive: Path, tiny: str) -> None:
    model = shelf.gather([tiny], "cpu")
    found = evaluate.evaluate((str(archive),), [model], 2)
    judged = [
        item for item in evaluate.judge((str(archive),), model, 1) if isinstance(item, evaluate.Judgement)
    ]
    surest = min(judged, key=lambda item: item.prediction.error_km)
    away = distance_km(
        surest.truth.lat, surest.truth.lon, surest.prediction.location.lat, surest.prediction.location.lon
    )
    assert set(found.confident) == {"tiny 1, surest half", "tiny 1, surest tenth"}
    assert found.confident["tiny 1, surest tenth"].photos == 1
    assert found.confident["tiny 1, surest tenth"].median_km == pytest.approx(float(away))


def test_nothing_to_evaluate(tmp_path: Path, tiny: str) -> None:
    archive = archives.fill(tmp_path / "archive", ["plain.jpg"])
    with pytest.raises(UsageError, match="no photo here has a position"):
        evaluate.evaluate((str(archive),), [shelf.gather([tiny], "cpu")], 1)
