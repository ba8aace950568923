"""`geotag apply`: what people decided is written to the letter, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import geotag
from geotag.errors import OutputError, UsageError
from geotag.flows import upkeep
from geotag.memory.journal import Journal
from geotag.review import Verdict, shown
from geotag.types import Written
from tests.archives import CAMERA, Ears, fill, picture, placed, rows, run, snapshot
from tests.reviewing import ADA, CHOICES, LONDON, NAMES, WHEN, decided, in_file, place, review, saved

OUTPUT = "archive.geotag"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return fill(tmp_path / "archive", NAMES)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / OUTPUT


@pytest.mark.parametrize("planned", [True, False])
def test_what_was_reviewed_is_written_and_nothing_else(
    archive: Path, output: Path, tiny: str, planned: bool
) -> None:
    old = snapshot(archive)
    run(archive, tiny, write_exif=True, plan=planned)
    before, found = snapshot(archive), rows(output)
    applied = review(output, CHOICES)
    assert applied.decided == {Verdict.ACCEPT: 2, Verdict.CORRECT: 1, Verdict.REJECT: 1}
    assert applied.written == {Written.EXIF: 2, Written.SIDECAR: 1}
    assert (applied.refused, applied.taken_back) == ((), 0 if planned else 1)
    now = rows(output)
    assert snapshot(archive)["b/c.png"] == old["b/c.png"], "rejected: every byte is back"
    assert snapshot(archive)["d.webp"] == before["d.webp"], "nobody decided about it"
    assert place(now["a.jpg"]) == place(found["a.jpg"])
    accepted, corrected = in_file(archive / "a.jpg"), in_file(archive / "b/b.tif")
    assert (accepted.machine, accepted.reviewer) == ("geotag tiny 1", ADA)
    assert (accepted.location.lat, accepted.location.lon) == pytest.approx(place(found["a.jpg"]), abs=1e-6)
    assert (corrected.machine, corrected.reviewer) == ("geotag person", ADA)
    assert (corrected.location.lat, corrected.location.lon) == pytest.approx(LONDON[:2], abs=1e-6)
    assert {path: (row["status"], row["source"], row["written"]) for path, row in now.items()} == {
        "a.jpg": ("verified", "model", "exif"),
        "b/b.tif": ("verified", "person", "exif"),
        "b/c.png": ("rejected", "", "none"),
        "d.webp": ("located", "model", "none" if planned else "exif"),
        "e.bmp": ("verified", "model", "sidecar"),
    }
    assert (now["b/b.tif"]["error_km"], now["b/b.tif"]["evidence"]) == ("0.2", f"put there by {ADA}")
    assert {(row["reviewer"], row["reviewed"]) for path, row in now.items() if path in CHOICES} == {
        (ADA, WHEN)
    }
    assert now["d.webp"]["reviewer"] == now["d.webp"]["reviewed"] == now["b/c.png"]["latitude"] == ""


def test_sidecars_say_who_verified_and_when(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny, only_sidecar=True)
    review(output, {"a.jpg": "accept", "d.webp": LONDON})
    for name, who in (("a.jpg", "geotag tiny 1"), ("d.webp", "geotag person")):
        text = (archive / f"{name}.xmp").read_text(encoding="utf-8")
        assert "<dwc:georeferenceVerificationStatus>verified by data custodian<" in text
        assert f"<dwc:georeferencedBy>{ADA}<" in text
        assert f"<dwc:georeferencedDate>{WHEN}<" in text
        assert f"<dwc:georeferenceProtocol>{who}<" in text
        assert text.count("<dwc:decimalLatitude>") == 1
    assert "requires verification" in (archive / "e.bmp.xmp").read_text(encoding="utf-8")


def test_the_same_decisions_twice_do_no_harm(archive: Path, output: Path, tmp_path: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True)
    file = saved(tmp_path / "decisions.json", decided(output, CHOICES))
    geotag.apply(output, file)
    first, told = snapshot(archive), rows(output)
    again = geotag.apply(output, file)
    assert (again.refused, again.written.total(), again.taken_back) == ((), 0, 0)
    assert (snapshot(archive), rows(output)) == (first, told)
    with Journal(str(output), create=False) as journal:
        assert len(journal.reviews.paths()) == 4


@pytest.mark.parametrize(
    "chosen",
    [{}, {"replace_gps": True}, {"redo": True}, {"redo": True, "replace_gps": True}, {"coarsen": 50.0}],
)
def test_later_runs_keep_what_was_reviewed(
    archive: Path, output: Path, tiny: str, other: str, chosen: dict[str, object]
) -> None:
    run(archive, tiny, write_exif=True)
    review(output, CHOICES)
    reviewed, told = snapshot(archive), rows(output)
    ran = run(archive, other, write_exif=True, **chosen)
    assert ran.summary.predicted == 1, "the one that nobody decided about"
    now = snapshot(archive)
    assert {path for path in now if now[path] != reviewed[path]} == {"d.webp"}
    if "coarsen" not in chosen:
        for path in CHOICES:
            assert ran.rows[path] == told[path]
    assert {path for path, row in ran.rows.items() if row["reviewer"] == ADA} == set(CHOICES)


def test_another_journal_takes_a_verified_position_for_a_persons(
    archive: Path, output: Path, tmp_path: Path, tiny: str
) -> None:
    run(archive, tiny, write_exif=True)
    review(output, CHOICES)
    ran = run(archive, tiny, output=str(tmp_path / "new"), replace_gps=True)
    assert {path: row["status"] for path, row in ran.rows.items()} == {
        "a.jpg": "kept",
        "b/b.tif": "kept",
        "b/c.png": "located",
        "d.webp": "located",
        "e.bmp": "kept",
    }
    assert ran.rows["a.jpg"]["evidence"].endswith(f"verified by {ADA}")


def test_undo_takes_everything_back(archive: Path, output: Path, tiny: str) -> None:
    old = snapshot(archive)
    run(archive, tiny, write_exif=True)
    review(output, CHOICES)
    outcome = upkeep.take_back(str(output), ())
    assert (outcome.troubles, outcome.decisions) == ((), 4)
    assert snapshot(archive) == old
    assert {(row["status"], row["reviewer"]) for row in rows(output).values()} == {("located", "")}
    ran = run(archive, tiny, write_exif=True)
    assert ran.summary.written == {Written.EXIF: 4, Written.SIDECAR: 1}


def test_undo_last_takes_an_application_back_and_then_the_run(archive: Path, output: Path, tiny: str) -> None:
    old = snapshot(archive)
    told = run(archive, tiny, write_exif=True).rows
    written = snapshot(archive)
    review(output, {"a.jpg": "accept", "b/b.tif": LONDON, "e.bmp": LONDON})
    assert upkeep.take_back(str(output), (), last=True) == upkeep.Outcome(3, (), 3)
    assert snapshot(archive) == written
    now = rows(output)
    assert {path: row | {"message": ""} for path, row in now.items()} == {
        path: row | {"message": ""} for path, row in told.items()
    }
    assert upkeep.take_back(str(output), (), last=True) == upkeep.Outcome(5, ())
    assert snapshot(archive) == old


def test_a_rejection_is_taken_back_by_undo_and_then_guessed_again(
    archive: Path, output: Path, tiny: str
) -> None:
    run(archive, tiny, write_exif=True, plan=True)
    review(output, {"a.jpg": "reject", "b/b.tif": "reject"})
    assert upkeep.take_back(str(output), ("a.jpg",)) == upkeep.Outcome(0, (), 1)
    ran = run(archive, tiny, write_exif=True)
    assert (ran.rows["a.jpg"]["status"], ran.rows["b/b.tif"]["status"]) == ("located", "rejected")
    assert ran.rows["a.jpg"]["written"] == "exif"
    with pytest.raises(UsageError, match="nothing was written there"):
        upkeep.take_back(str(output), ("b/c.png/x",))


def test_who_decides_anew_is_heard(archive: Path, output: Path, tiny: str) -> None:
    old = snapshot(archive)
    run(archive, tiny, write_exif=True)
    for choice, status, written in (
        ("accept", "verified", "exif"),
        (LONDON, "verified", "exif"),
        ("reject", "rejected", "none"),
        (LONDON, "verified", "exif"),
        ("accept", "verified", "exif"),
    ):
        assert review(output, {"a.jpg": choice}).refused == ()
        row = rows(output)["a.jpg"]
        assert (row["status"], row["written"]) == (status, written)
    assert (row["source"], place(row)) == ("person", LONDON[:2]), "accepted is what a person had put there"
    assert upkeep.take_back(str(output), ("a.jpg",)).troubles == ()
    assert snapshot(archive)["a.jpg"] == old["a.jpg"]


def test_a_rejected_photo_has_nothing_to_accept(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny)
    review(output, {"a.jpg": "reject"})
    ((path, reason),) = review(output, {"a.jpg": "accept"}).refused
    assert (path, reason) == ("a.jpg", "has no position that could be accepted; correct it, or leave it out")


def test_photos_that_changed_since_are_refused_and_the_others_go_on(
    archive: Path, output: Path, tmp_path: Path, tiny: str
) -> None:
    run(archive, tiny, write_exif=True)
    file = saved(tmp_path / "decisions.json", decided(output, dict.fromkeys(NAMES, "accept")))
    (archive / "a.jpg").write_bytes(picture(9))
    (archive / "d.webp").unlink()
    # The same size and time, but not what the run left there.
    seen, content = os.stat(archive / "b/c.png"), (archive / "b/c.png").read_bytes()
    (archive / "b/c.png").write_bytes(content[:-20] + bytes(8) + content[-12:])
    os.utime(archive / "b/c.png", ns=(seen.st_atime_ns, seen.st_mtime_ns))
    before = snapshot(archive)
    applied = geotag.apply(output, file)
    assert dict(applied.refused) == {
        "a.jpg": "was changed since; run `geotag run` again, which looks at it anew",
        "b/c.png": "was changed since; run `geotag run` again, which looks at it anew",
        "d.webp": "is no longer there",
    }
    now = snapshot(archive)
    assert {path for path in now if now[path] != before[path]} == {"b/b.tif", "e.bmp.xmp"}
    assert {path for path, row in rows(output).items() if row["reviewer"]} == {"b/b.tif", "e.bmp"}


def test_an_answer_that_is_another_by_now_is_refused(
    archive: Path, output: Path, tiny: str, other: str
) -> None:
    run(archive, tiny)
    file = saved(archive.parent / "decisions.json", decided(output, {"a.jpg": "accept"}))
    run(archive, other, redo=True)
    ((path, reason),) = geotag.apply(output, file).refused
    assert path == "a.jpg"
    assert reason.startswith("is not as it was shown any more; draw the map again")
    assert rows(output)["a.jpg"]["status"] == "located"


def test_a_path_that_nobody_knows_is_refused(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny)
    made = decided(output, {"a.jpg": "accept"})
    made["decisions"][0]["path"] = "../outside.jpg"
    applied = geotag.apply(output, saved(archive.parent / "decisions.json", made))
    assert applied.refused == (("../outside.jpg", "is not among the photos of this run"),)


def test_names_that_are_no_text_are_found_again(tmp_path: Path, output: Path, tiny: str) -> None:
    names = [os.fsdecode(b"caf\xe9.jpg"), "caf\\xe9.jpg", "=1+1.jpg"]
    archive = fill(tmp_path / "archive", names)
    run(archive, tiny, write_exif=True, plan=True)
    with Journal(str(output), create=False) as journal:
        records = {record.photo.path: record for record in journal.records()}
        identity = journal.identity
    head = "path,shown,decision,latitude,longitude,error_km,when,reviewer,archive\n"
    lines = [
        f"{path},{shown(records[name])},accept,,,,{WHEN},{ADA},{identity}"
        for path, name in (("caf\\xe9.jpg", names[0]), ("'=1+1.jpg", names[2]))
    ]
    (tmp_path / "decisions.csv").write_text(head + "\n".join(lines), encoding="utf-8")
    assert geotag.apply(output, tmp_path / "decisions.csv").refused == ()
    old = snapshot(fill(tmp_path / "old", names))
    now = snapshot(archive)
    assert {name for name in names if now[name] != old[name]} == {names[0], names[2]}


def test_a_position_of_the_files_own_goes_only_where_that_is_said(
    tmp_path: Path, output: Path, tiny: str
) -> None:
    archive = fill(tmp_path / "archive", ())
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (archive / name).write_bytes(placed())
    old = snapshot(archive)
    run(archive, tiny, write_exif=True)
    applied = review(output, {"a.jpg": "accept", "b.jpg": "reject", "c.jpg": LONDON})
    assert dict(applied.refused) == {
        "b.jpg": "has a position of its own, which is not ours to take back; correct it instead",
        "c.jpg": "has a position of its own; geotag apply --replace-gps puts yours there",
    }
    row = rows(output)["a.jpg"]
    assert (row["status"], row["source"], place(row)) == ("verified", "camera", CAMERA)
    assert snapshot(archive) == old
    assert review(output, {"c.jpg": LONDON}, replace_gps=True).refused == ()
    assert in_file(archive / "c.jpg").reviewer == ADA
    run(archive, tiny, write_exif=True, redo=True)
    assert place(rows(output)["c.jpg"]) == LONDON[:2]
    assert upkeep.take_back(str(output), ()).troubles == ()
    assert snapshot(archive) == old


def test_a_correction_of_a_camera_beside_the_file_survives_a_change_of_the_file(
    tmp_path: Path, output: Path, tiny: str
) -> None:
    archive = fill(tmp_path / "archive", ())
    (archive / "a.jpg").write_bytes(placed())
    run(archive, tiny, only_sidecar=True)
    review(output, {"a.jpg": LONDON}, replace_gps=True)
    os.utime(archive / "a.jpg", (1, 1))
    row = run(archive, tiny, only_sidecar=True).rows["a.jpg"]
    assert (row["status"], place(row), row["written"]) == ("verified", LONDON[:2], "sidecar")


def test_a_photo_that_failed_can_be_given_a_place(archive: Path, output: Path, tiny: str) -> None:
    (archive / "cut.jpg").write_bytes(picture(3)[:300])
    run(archive, tiny, only_sidecar=True)
    assert rows(output)["cut.jpg"]["status"] == "failed"
    assert review(output, {"cut.jpg": LONDON}).refused == ()
    row = rows(output)["cut.jpg"]
    assert (row["status"], row["written"], place(row)) == ("verified", "sidecar", LONDON[:2])
    assert run(archive, tiny, only_sidecar=True).rows["cut.jpg"] == row
    upkeep.take_back(str(output), ())
    assert run(archive, tiny, only_sidecar=True).rows["cut.jpg"]["status"] == "failed"


def test_nothing_is_applied_without_a_word(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny)
    with pytest.raises(UsageError, match="nothing to apply: name a file of decisions"):
        geotag.apply(output)
    with pytest.raises(OutputError, match="no journal"):
        geotag.apply(archive, rest=True)


def test_whoever_watches_hears_of_each_photo(archive: Path, output: Path, tiny: str) -> None:
    run(archive, tiny, write_exif=True, plan=True)
    ears = Ears()
    review(output, CHOICES, ears)
    assert {path: record.status.value for path, record in ears.fresh.items() if record.status} == {
        "a.jpg": "verified",
        "b/b.tif": "verified",
        "b/c.png": "rejected",
        "e.bmp": "verified",
    }
    assert any("geotag report" in note for note in ears.notes)
