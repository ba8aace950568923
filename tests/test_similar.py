"""Alike pictures: the index, its upkeep, the search, the contact sheet, the commands."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from geotag import predict
from geotag.cli import main
from geotag.decode import decode
from geotag.errors import Exit, ModelError, OutputError, UsageError
from geotag.flows import similar
from geotag.memory import vectors
from geotag.memory.vectors import Index
from geotag.observer import Silent
from geotag.renderings import pages
from geotag.types import Photo
from tests import models


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> predict.Model:
    content = models.with_embedding(models.model())
    path = models.saved(tmp_path_factory.mktemp("models") / "seeing.onnx", content)
    return predict.load(path, device="cpu", threads=1)


def paint(path: Path, *colour: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 24), colour).save(path)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    paint(folder / "red.png", 200, 10, 10)
    paint(folder / "b" / "reddish.png", 190, 40, 20)
    paint(folder / "b" / "green.png", 10, 200, 10)
    paint(folder / "blue.png", 10, 10, 200)
    return folder


def indexed(archive: Path, model: predict.Model) -> similar.Indexed:
    return similar.index((str(archive),), None, model, 2, Silent())


def found(archive: Path, model: predict.Model, picture: Path, most: int = 2) -> list[str]:
    matches = similar.search(similar.view(str(picture), model), (str(archive),), None, model, most)
    return [os.path.relpath(match.path, archive) for match in matches]


def test_the_most_alike_comes_first_and_the_picture_itself_is_left_out(
    archive: Path, model: predict.Model
) -> None:
    assert indexed(archive, model) == similar.Indexed(4, 4, ())
    assert found(archive, model, archive / "red.png") == ["b/reddish.png", "blue.png"]
    assert found(archive, model, archive / "red.png", 10)[0] == "b/reddish.png"
    assert len(found(archive, model, archive / "red.png", 10)) == 3


def test_only_what_is_new_or_changed_is_looked_at(
    archive: Path, model: predict.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(archive, model)
    looked: list[str] = []

    def noting(source: str, recipe: object) -> object:
        looked.append(os.path.basename(source))
        return decode(source, recipe)  # type: ignore[arg-type]

    monkeypatch.setattr(similar, "decode", noting)
    assert indexed(archive, model) == similar.Indexed(4, 0, ())
    assert looked == []
    paint(archive / "c.png", 195, 12, 12)
    (archive / "blue.png").unlink()
    paint(archive / "b" / "green.png", 0, 0, 255)
    os.utime(archive / "b" / "green.png", ns=(1, 1))
    assert indexed(archive, model) == similar.Indexed(4, 2, ())
    assert sorted(looked) == ["c.png", "green.png"]
    assert found(archive, model, archive / "red.png", 4) == ["c.png", "b/reddish.png", "b/green.png"]


def test_what_cannot_be_read_is_said_and_tried_again(archive: Path, model: predict.Model) -> None:
    (archive / "cut.jpg").write_bytes(b"\xff\xd8\xffno")
    for _ in range(2):
        done = indexed(archive, model)
        assert (done.photos, [trouble.partition(":")[0] for trouble in done.troubles]) == (4, ["cut.jpg"])


def test_another_model_begins_anew(archive: Path, model: predict.Model, tmp_path: Path) -> None:
    indexed(archive, model)
    content = models.with_embedding(models.model(turn=0.5))
    other = predict.load(models.saved(tmp_path / "other.onnx", content), device="cpu", threads=1)
    assert indexed(archive, other).new == 4


def photos(count: int, start: int = 0) -> list[Photo]:
    return [Photo(f"{number}.jpg", 1, 1) for number in range(start, start + count)]


def directions(count: int, seed: int = 0) -> vectors.Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def test_the_search_is_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_BLOCK", 7)
    kept = directions(50)
    with Index(str(tmp_path), "m", 16) as index:
        index.add(photos(20), kept[:20])
        index.add(photos(30, 20), kept[20:])
        for asked in directions(5, 1):
            nearest = index.nearest(asked, 3)
            cosines = kept @ asked
            assert [path for path, _ in nearest] == [f"{at}.jpg" for at in np.argsort(-cosines)[:3]]
            for (_, cosine), true in zip(nearest, np.sort(cosines)[::-1], strict=False):
                assert cosine == pytest.approx(true, abs=0.01)


def test_rows_that_nobody_owns_go(tmp_path: Path) -> None:
    kept = directions(40)
    with Index(str(tmp_path), "m", 16) as index:
        index.add(photos(40), kept)
        large = (tmp_path / "similar.vectors").stat().st_size
        assert index.missing(photos(10, 30)) == []
        index.tidy()
        assert len(index) == 10
        assert (tmp_path / "similar.vectors").stat().st_size == large // 4
        assert index.nearest(kept[35], 1)[0][0] == "35.jpg"


def test_a_killed_write_costs_nothing_but_its_photos(tmp_path: Path) -> None:
    kept = directions(12)
    with Index(str(tmp_path), "m", 16) as index:
        index.add(photos(6), kept[:6])
    with open(tmp_path / "similar.vectors", "ab") as file:
        file.write(b"half a row")
    with Index(str(tmp_path), "m", 16) as index:
        assert len(index.missing(photos(12))) == 6
        index.add(photos(6, 6), kept[6:])
        assert [index.nearest(vector, 1)[0][0] for vector in kept] == [f"{at}.jpg" for at in range(12)]
    (tmp_path / "similar.vectors").write_bytes(b"")
    with Index(str(tmp_path), "m", 16) as index:
        assert len(index) == 0


def test_an_index_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "similar.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(OutputError, match="delete the index"):
        Index(str(tmp_path), "m", 16)


def test_a_model_without_vectors_is_refused(archive: Path, tiny: str) -> None:
    with pytest.raises(ModelError, match="embedding"):
        indexed(archive, predict.load(tiny, device="cpu", threads=1))


def test_contact_sheets(archive: Path, model: predict.Model, tmp_path: Path) -> None:
    indexed(archive, model)
    hostile = paint(archive / "<img src=x onerror=alert(1)>.png", 198, 11, 11)
    indexed(archive, model)
    matches = similar.search(similar.view(str(archive / "red.png"), model), (str(archive),), None, model, 9)
    similar.sheet(str(archive / "red.png"), matches, str(tmp_path / "sheet.png"))
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.getpixel((100, 100)) == (200, 10, 10)
        assert image.getpixel((300, 100)) == (198, 11, 11)
    similar.sheet(str(archive / "red.png"), matches, str(tmp_path / "sheet.html"))
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert hostile.name not in page
    assert "&lt;img src=x" in page
    style = page.split("<style>")[1].split("</style>")[0]
    assert pages.csp_hash(style) in page
    with pytest.raises(UsageError, match=r"\.png or \.html"):
        similar.sheet(str(archive / "red.png"), matches, str(tmp_path / "sheet.gif"))


def test_the_commands(archive: Path, model: predict.Model) -> None:
    done = CliRunner().invoke(main, ["index", str(archive), "--model", model.card.path])
    assert (done.exit_code, "4 photos in the index, 4 of them new" in done.stderr) == (Exit.OK, True)
    ask = ["similar", str(archive / "red.png"), "--in", str(archive), "--model", model.card.path]
    done = CliRunner().invoke(main, [*ask, "--top", "1"])
    assert done.exit_code == Exit.OK
    assert done.stdout.endswith("reddish.png\n")
    done = CliRunner().invoke(main, [*ask, "--json"])
    assert Path(json.loads(done.stdout)[0]["path"]).name == "reddish.png"


def test_an_empty_archive_is_said(tmp_path: Path, model: predict.Model) -> None:
    (tmp_path / "empty").mkdir()
    picture = paint(tmp_path / "a.png", 1, 2, 3)
    indexed(tmp_path / "empty", model)
    with pytest.raises(UsageError, match="geotag index"):
        found(tmp_path / "empty", model, picture)


def test_a_picture_that_cannot_be_read_is_said_before_anything_is_indexed(
    archive: Path, model: predict.Model
) -> None:
    words = [str(archive / "gone.png"), "--in", str(archive), "--model", model.card.path]
    result = CliRunner().invoke(main, ["similar", *words])
    assert result.exit_code == Exit.USAGE
    assert result.stderr == f"geotag: {archive}/gone.png: cannot be read: no such file or directory\n"
    assert not Path(f"{archive}.geotag").exists()
