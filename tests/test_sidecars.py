"""Sidecars: their names, which images would share one, and one folder for one archive."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geotag.errors import OutputError
from geotag.files import sidecars
from geotag.metadata import xmp
from tests.archives import fill, run, snapshot
from tests.xmp_packets import LOCATED, PLACELESS

NAMES = ("a.jpg", "b/b.tif")
WHEN = datetime(2026, 5, 4, tzinfo=UTC)


def test_two_archives_never_share_a_folder_of_sidecars(tmp_path: Path, tiny: str) -> None:
    one, other = fill(tmp_path / "one", NAMES), fill(tmp_path / "other", NAMES, 7)
    place = tmp_path / "sidecars"
    run(one, tiny, sidecar=True, sidecar_dir=str(place))
    before = snapshot(place)
    with pytest.raises(OutputError, match=r"holds the sidecars of .*one; name another --sidecar-dir"):
        run(other, tiny, sidecar=True, sidecar_dir=str(place))
    assert snapshot(place) == before
    assert not run(one, tiny, sidecar=True, sidecar_dir=str(place)).ears.fresh, "its own goes on"


def test_another_archive_s_sidecars_are_not_even_read(tmp_path: Path, tiny: str) -> None:
    one, other = fill(tmp_path / "one", NAMES), fill(tmp_path / "other", NAMES)
    place = tmp_path / "sidecars"
    run(one, tiny, sidecar=True, sidecar_dir=str(place))
    (place / "a.jpg.xmp").write_bytes(LOCATED)
    with pytest.raises(OutputError, match="holds the sidecars of"):
        run(other, tiny, sidecar_dir=str(place))


def test_a_part_of_an_archive_is_another_archive(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny, sidecar=True, sidecar_dir=str(tmp_path / "sidecars"))
    with pytest.raises(OutputError, match="holds the sidecars of"):
        run(archive / "b", tiny, sidecar=True, sidecar_dir=str(tmp_path / "sidecars"))


def test_looking_claims_nothing(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny, sidecar=True, dry_run=True, sidecar_dir=str(tmp_path / "sidecars"))
    run(archive, tiny, sidecar_dir=str(tmp_path / "sidecars"))
    assert not (tmp_path / "sidecars").exists()


def test_an_archive_with_an_odd_name_knows_its_own(tmp_path: Path) -> None:
    base = os.fsdecode(os.fsencode(tmp_path) + b"/odd\nn\xffme")
    sidecars.claim(str(tmp_path / "s"), base, writes=True)
    sidecars.claim(str(tmp_path / "s"), base, writes=True)
    with pytest.raises(OutputError, match="name another"):
        sidecars.claim(str(tmp_path / "s"), base + "\n", writes=True)


def test_a_folder_that_cannot_be_made_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="no place for sidecars"):
        sidecars.claim(str(tmp_path / "file" / "s"), "/archive", writes=True)


def test_a_sidecar_in_capitals_is_read_and_merged_into(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["kept.jpg", "new.jpg"])
    (archive / "kept.jpg.XMP").write_bytes(LOCATED)
    (archive / "new.jpg.XMP").write_bytes(PLACELESS)
    ran = run(archive, tiny, sidecar=True, max_error_km=20100.0)
    assert ran.rows["kept.jpg"]["status"] == "kept"
    assert ran.rows["new.jpg"]["written"] == "sidecar"
    assert not (archive / "new.jpg.xmp").exists()
    merged = (archive / "new.jpg.XMP").read_bytes()
    assert xmp.read(merged) is not None
    assert b"UserComment" in merged


def test_a_stem_is_shared_by_images_only(tmp_path: Path) -> None:
    fill(tmp_path, ["a.jpg", "a.TIF", "b.jpg", "b.c.jpg"])
    (tmp_path / "b.txt").touch()
    shared = {name: sidecars.shared(str(tmp_path / name), WHEN) for name in os.listdir(tmp_path)}
    assert {name for name, found in shared.items() if found} == {"a.jpg", "a.TIF"}


def test_a_folder_is_listed_once_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, [f"{number}.jpg" for number in range(5)])
    listed = []
    scandir = os.scandir

    def listing(path: str) -> object:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", listing)
    when = WHEN + timedelta(days=1)
    assert not any(sidecars.shared(str(tmp_path / f"{number}.jpg"), when) for number in range(5))
    assert listed == [str(tmp_path)]
    (tmp_path / "0.tif").touch()
    assert sidecars.shared(str(tmp_path / "0.jpg"), when + timedelta(seconds=1)), "a later run looks anew"


def test_a_place_that_we_named_is_no_evidence_later(tmp_path: Path, tiny: str) -> None:
    """Else a guess would confirm itself, more certain with every run."""
    archive = fill(tmp_path / "archive", ["Constantinople/a.jpg"])
    run(archive, tiny, only_sidecar=True, evidence=("words",))
    assert b"LocationCreated" in (archive / "Constantinople" / "a.jpg.xmp").read_bytes()
    (archive / "Constantinople").rename(archive / "box")
    ran = run(archive, tiny, output=str(tmp_path / "anew"), evidence=("words",))
    row = ran.rows["box/a.jpg"]
    assert (row["status"], row["place"]) == ("unsure", "")
