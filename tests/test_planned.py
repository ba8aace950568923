"""Plans and where reviewed answers go: as the run wanted it, or as is said when they are applied."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

import geotag
from geotag.errors import OutputError, UsageError
from geotag.flows import upkeep
from geotag.types import Written
from tests.archives import fill, rows, run, snapshot
from tests.reviewing import ADA, CHOICES, LONDON, NAMES, WHEN, decided, in_file, place, review, saved

OUTPUT = "archive.geotag"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return fill(tmp_path / "archive", NAMES)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / OUTPUT


def test_a_plan_touches_nothing_and_says_what_would_be_written(
    archive: Path, output: Path, tiny: str
) -> None:
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True, plan=True)
    assert snapshot(archive) == old
    assert ran.summary.written == {Written.NONE: 5}
    assert {row["status"] for row in ran.rows.values()} == {"located"}
    assert ran.rows["a.jpg"]["message"] == "planned: would go into the file"
    assert ran.rows["e.bmp"]["message"].endswith(f"planned: would go into {archive}/e.bmp.xmp")
    assert (output / "map.html").is_file()


def test_a_plan_that_is_known_is_not_made_again(
    archive: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(archive, tiny, write_exif=True, plan=True)
    monkeypatch.setattr("geotag.write.Writer.prepare", None)
    again = run(archive, tiny, write_exif=True, plan=True)
    assert (again.ears.fresh, again.rows) == ({}, first.rows)


def test_a_plain_run_finishes_a_plan(archive: Path, tmp_path: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True, plan=True)
    ran = run(archive, tiny, write_exif=True)
    assert ran.summary.predicted == 0
    assert ran.summary.written == {Written.EXIF: 4, Written.SIDECAR: 1}
    assert {row["message"] for path, row in ran.rows.items() if path != "e.bmp"} == {""}
    straight = fill(tmp_path / "other", NAMES)
    run(straight, tiny, write_exif=True)
    assert {path: content for path, content in snapshot(archive).items() if not path.endswith(".xmp")} == {
        path: content for path, content in snapshot(straight).items() if not path.endswith(".xmp")
    }


def test_decisions_wait_in_the_journal_until_somebody_says_where_positions_go(
    archive: Path, output: Path, tiny: str
) -> None:
    old = snapshot(archive)
    run(archive, tiny)
    applied = review(output, CHOICES)
    assert (applied.writes, applied.refused, snapshot(archive)) == (False, (), old)
    assert rows(output)["b/b.tif"]["status"] == "verified"
    with pytest.raises(UsageError, match="--all: no run said where positions go"):
        geotag.apply(output, rest=True)
    run(archive, tiny, write_exif=True)
    assert in_file(archive / "a.jpg").reviewer == ADA
    assert in_file(archive / "d.webp").reviewer == ""
    assert snapshot(archive)["b/c.png"] == old["b/c.png"]


def test_the_whole_plan_can_be_written_unseen(archive: Path, output: Path, tmp_path: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True, plan=True)
    os.utime(archive / "d.webp", (1, 1))
    review(output, {"a.jpg": "reject"})
    applied = geotag.apply(output, rest=True)
    assert applied.written == {Written.EXIF: 2, Written.SIDECAR: 1}
    assert [path for path, _ in applied.refused] == ["d.webp"]
    assert in_file(archive / "b/c.png").reviewer == ""
    assert {path: row["written"] for path, row in rows(output).items()} == {
        "a.jpg": "none",
        "b/b.tif": "exif",
        "b/c.png": "exif",
        "d.webp": "none",
        "e.bmp": "sidecar",
    }
    assert upkeep.verify(str(output)).troubles == ()


def test_a_decision_in_vain_is_not_written_unseen(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True, plan=True)
    made = decided(output, {"a.jpg": "accept"})
    made["decisions"][0]["shown"] = "s0"
    applied = geotag.apply(output, saved(archive.parent / "decisions.json", made), rest=True)
    assert [path for path, _ in applied.refused] == ["a.jpg"]
    assert rows(output)["a.jpg"]["written"] == "none"
    assert rows(output)["d.webp"]["written"] == "exif"


def test_masters_stay_as_they_are(archive: Path, output: Path, tmp_path: Path, tiny: str) -> None:
    old = snapshot(archive)
    run(archive, tiny, only_sidecar=True, sidecar_dir=str(tmp_path / "aside"), plan=True)
    review(output, CHOICES)
    assert snapshot(archive) == old
    assert in_file(tmp_path / "aside/b/b.tif.xmp").reviewer == ADA
    assert not (tmp_path / "aside/b/c.png.xmp").exists()
    assert upkeep.take_back(str(output), ()).troubles == ()
    assert not (tmp_path / "aside/b/b.tif.xmp").exists()


def test_sidecars_that_somebody_worked_on_keep_what_they_hold(archive: Path, output: Path, tiny: str) -> None:
    """Keywords stay and the answer beside them is verified; a position that was moved is a person's."""
    run(archive, tiny, only_sidecar=True)
    choices = {"a.jpg": "accept", "d.webp": "accept", "e.bmp": "reject"}
    made = decided(output, choices)
    for name, old, new in (
        ("a.jpg", "</rdf:RDF>", '<rdf:Description xmlns:x="urn:x" x:word="k"/></rdf:RDF>'),
        ("d.webp", r"GPSLatitude>\d+,", "GPSLatitude>45,"),
        ("e.bmp", "</rdf:RDF>", '<rdf:Description xmlns:x="urn:x" x:word="k"/></rdf:RDF>'),
    ):
        path = archive / f"{name}.xmp"
        path.write_text(re.sub(old, new, path.read_text(encoding="utf-8")), encoding="utf-8")
    before = snapshot(archive)
    applied = geotag.apply(output, saved(archive.parent / "decisions.json", made))
    assert dict(applied.refused) == {
        "d.webp": "was given a position in a sidecar since; run `geotag run` again, which keeps that",
        "e.bmp": f"{archive}/e.bmp.xmp: changed by someone else since; left as it is",
    }
    now = snapshot(archive)
    assert {path for path in now if now[path] != before[path]} == {"a.jpg.xmp"}
    assert b'x:word="k"' in now["a.jpg.xmp"]
    assert in_file(archive / "a.jpg.xmp").reviewer == ADA
    row = rows(output)["e.bmp"]
    assert (row["status"], row["written"]) == ("rejected", "sidecar")
    assert row["message"] == "an earlier guess of ours is still there; geotag undo takes it back"
    assert rows(output)["d.webp"]["status"] == "located"


def test_files_are_copied_before_they_are_touched(
    archive: Path, output: Path, tmp_path: Path, tiny: str
) -> None:
    old = snapshot(archive)
    run(archive, tiny, write_exif=True, backup=str(tmp_path / "copies"), plan=True)
    assert not (tmp_path / "copies").exists()
    review(output, {"a.jpg": "accept"})
    assert snapshot(tmp_path / "copies") == {"a.jpg": old["a.jpg"]}


def test_options_count_instead_of_the_runs(archive: Path, output: Path, tmp_path: Path, tiny: str) -> None:
    old = snapshot(archive)
    run(archive, tiny, write_exif=True, plan=True)
    review(output, {"a.jpg": "accept"}, sidecar=True, sidecar_dir=str(tmp_path / "aside"))
    assert snapshot(archive) == old
    assert in_file(tmp_path / "aside/a.jpg.xmp").reviewer == ADA


def test_a_folder_of_sidecars_of_another_archive_is_refused(
    archive: Path, output: Path, tmp_path: Path, tiny: str
) -> None:
    run(fill(tmp_path / "other", NAMES), tiny, only_sidecar=True, sidecar_dir=str(tmp_path / "aside"))
    run(archive, tiny)
    with pytest.raises(OutputError, match="aside"):
        review(output, CHOICES, only_sidecar=True, sidecar_dir=str(tmp_path / "aside"))
    assert not any(row["reviewer"] for row in rows(output).values())


def test_sensitive_sites_stay_coarse(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True, coarsen=50.0)
    assert review(output, {"a.jpg": "accept", "b/b.tif": LONDON}).refused == ()
    row, corrected = rows(output)["b/b.tif"], in_file(archive / "b/b.tif").location
    assert place(row) != LONDON[:2]
    assert (corrected.lat, corrected.lon) == pytest.approx(place(row), abs=1e-5)
    assert float(row["error_km"]) == 50.2
    assert (output / "manifest.geojson").read_text().count("51.5,") == 0
    run(archive, tiny, write_exif=True)
    assert place(rows(output)["b/b.tif"]) == LONDON[:2], "the journal remembers"


def test_exports_and_looks_say_who_verified(archive: Path, output: Path, tmp_path: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True)
    review(output, CHOICES)
    table = Path(upkeep.export(str(output), "exiftool-csv", str(tmp_path / "e.csv"))[0]).read_text()
    assert f"geotag person (verified by data custodian {ADA}, {WHEN})" in table
    assert f"geotag tiny 1 (verified by data custodian {ADA}, {WHEN})" in table
    assert "c.png" not in table
    features = json.loads((output / "manifest.geojson").read_text())["features"]
    told = {feature["properties"]["path"]: feature for feature in features}
    assert told["b/c.png"]["geometry"] is None
    assert told["b/b.tif"]["properties"]["reviewer"] == ADA
    lines = Path(upkeep.export(str(output), "jsonl", None)[0]).read_text().splitlines()
    assert [json.loads(line)["reviewer"] for line in lines] == [ADA, ADA, ADA, "", ADA]
