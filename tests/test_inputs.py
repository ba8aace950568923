"""Bad input: each photo's trouble is its own, a bad model ends the run, and the sentence says what to do."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from geotag.errors import ModelError, OutputError, UsageError
from tests import models
from tests.archives import fill, picture, run, snapshot
from tests.disks import nobody, others_are_done, reachable

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")


def test_an_empty_folder_is_no_trouble(tmp_path: Path, tiny: str) -> None:
    ran = run(fill(tmp_path / "archive", []), tiny, write_exif=True)
    assert ran.rows == {}
    assert ran.summary.failed == 0


def test_a_missing_folder_is_a_mistake_and_makes_nothing(tmp_path: Path, tiny: str) -> None:
    with pytest.raises(UsageError, match=r"missing: no such folder or file; check the spelling"):
        run(tmp_path / "missing", tiny)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (picture(5, size=(400, 300))[:900], "truncated"),
        (b"these are words, and no picture\n" * 20, "not a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "picture"),
    ],
    ids=["zero bytes", "truncated", "text", "a header and zeros"],
)
def test_a_bad_photo_fails_alone(tmp_path: Path, tiny: str, content: bytes, said: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "bad.jpg").write_bytes(content)
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "bad.jpg")
    assert said in ran.rows["bad.jpg"]["message"]
    assert (archive / "bad.jpg").read_bytes() == content
    assert ran.summary.failed == 1


def test_a_decompression_bomb_fails_alone(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    bomb = bytearray(picture(0, "PNG"))
    # Width and height in the header (PNG, 11.2.1), and its checksum.
    bomb[16:24] = (120_000).to_bytes(4) + (120_000).to_bytes(4)
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4)
    (archive / "bomb.png").write_bytes(bomb)
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "bomb.png")
    assert "MiB of memory" in ran.rows["bomb.png"]["message"]


def test_an_unreadable_file_fails_alone(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "a.jpg").chmod(0)
    reachable(tmp_path, Path(tiny))
    with nobody():
        ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "a.jpg")
    assert "cannot be read: permission denied" in ran.rows["a.jpg"]["message"]


def test_an_unreadable_folder_is_said_and_its_known_photos_stay(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    reachable(tmp_path, Path(tiny))
    with nobody():
        run(archive, tiny, write_exif=True)
        (archive / "b").chmod(0)
        ran = run(archive, tiny, write_exif=True)
        (archive / "b").chmod(0o755)
    assert ran.summary.failed == 1
    assert f"{archive}/b: cannot be listed: Permission denied" in ran.ears.warnings[0]
    assert set(ran.rows) == set(NAMES)


def test_a_folder_without_write_permission(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "b").chmod(0o555)
    reachable(tmp_path, Path(tiny))
    old = snapshot(archive)
    with nobody():
        ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "b/b.tif", "b/c.png")
    assert "permission denied" in ran.rows["b/b.tif"]["message"]
    assert "--sidecar-dir DIR" in ran.rows["b/b.tif"]["message"]
    assert snapshot(archive)["b/b.tif"] == old["b/b.tif"]
    with nobody():
        ran = run(archive, tiny, write_exif=True, sidecar_dir=str(tmp_path / "sidecars"))
    assert others_are_done(ran.rows)
    assert (tmp_path / "sidecars/b/b.tif.xmp").exists()


def test_an_output_folder_without_write_permission(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (tmp_path / "closed").mkdir()
    reachable(tmp_path, Path(tiny))
    (tmp_path / "closed").chmod(0o555)
    with nobody():
        for output in (tmp_path / "closed", tmp_path / "closed" / "output"):
            with pytest.raises(OutputError, match=r"closed.*: Permission denied; choose another folder with"):
                run(archive, tiny, output=str(output))


def test_a_journal_that_is_damaged(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    journal = Path(run(archive, tiny).summary.output) / "journal.sqlite"
    journal.write_bytes(b"this is no database, it only has its name" * 100)
    with pytest.raises(OutputError, match=r"journal\.sqlite: .*--output DIR"):
        run(archive, tiny)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a model that can be loaded"),
        (b"this is no ONNX file", "not a model that can be loaded"),
        (models.model()[:-300], "not a model that can be loaded"),
        (models.model(meta={"geotag.contract": "2"}), "geotag.contract is not"),
        (models.model(drop="geotag.contract"), "geotag.contract is not"),
        (models.model(drop="geotag.name"), "metadata geotag.name is missing"),
        (models.model(drop="geotag.version"), "metadata geotag.version is missing"),
        (models.model(drop="geotag.licence"), "metadata geotag.licence is missing"),
        (models.model(drop="geotag.crop"), "metadata geotag.crop is missing"),
        (models.model(meta={"geotag.resize": "stretch"}), "'stretch', not shorter, squash or pad"),
        (models.model(meta={"geotag.crop": "16"}), "not HEIGHTxWIDTH"),
        (models.model(meta={"geotag.crop": "16x32"}), "not [batch, 16, 32, 3]"),
        (models.model(meta={"geotag.crop": "99999x99999"}), "not HEIGHTxWIDTH"),
        (models.model(shape=(1, 16, 16, 3)), "not [batch, 16, 16, 3]"),
        (models.model(pixels=models.FLOAT), "`image`, uint8"),
        (models.model(names=("place", "error_km")), "output 'place' is neither output `coordinates`"),
        (models.model(names=("coordinates", "radius")), "output 'radius' is neither output"),
    ],
)
def test_a_model_that_breaks_the_contract(tmp_path: Path, content: bytes, said: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    path = models.saved(tmp_path / "bad.onnx", content)
    with pytest.raises(ModelError) as caught:
        run(archive, path, write_exif=True)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
    assert "--model" in str(caught.value)


def test_a_model_that_is_missing(tmp_path: Path) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    with pytest.raises(
        ModelError, match=r"nowhere\.onnx: no such file, nor a model of that name.*geotag models"
    ):
        run(archive, "nowhere.onnx")
    assert os.listdir(tmp_path) == ["archive"]


@pytest.mark.parametrize("change", [{"turn": 1e6}, {"turn": float("nan")}, {"km": (float("nan"), 0.0)}])
def test_a_model_that_answers_nonsense(tmp_path: Path, change: dict[str, object]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    path = models.saved(tmp_path / "mad.onnx", models.model(**change))  # type: ignore[arg-type]
    ran = run(archive, path, write_exif=True)
    assert {row["status"] for row in ran.rows.values()} == {"failed"}
    assert all("no answer that lies on the Earth" in row["message"] for row in ran.rows.values())
    assert snapshot(archive) == old
