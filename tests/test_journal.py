"""The run's memory: what goes in comes out, whoever holds it is named, and it never half-remembers."""

from __future__ import annotations

import os
import platform
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from geotag.changes import Change, State
from geotag.errors import OutputError
from geotag.evidence.packed import unpack as unpack_regions
from geotag.memory import rows
from geotag.memory.journal import FILE_NAME, Journal
from geotag.memory.rows import pack, unpack
from geotag.review import Review
from geotag.texts import Answer, Candidate
from geotag.types import Hint, Location, Photo, Position, Prediction, Record, Source, Splice, Status, Written

BESIDE = Answer(
    location=Location(1 / 3, -2 / 3),
    error_km=0.1,
    place="",
    country="",
    evidence="taken 4 min after caf\xe9.jpg (position in the file)",
    candidates=(Candidate(Location(1 / 3, -2 / 3), 0.07, 0.9, "", ""),),
)
REGIONS = unpack_regions(bytes(range(3, 24)))
ODD = os.fsdecode(b"caf\xe9/two\nlines \xe2\x82\xac.jpg")


def opened(folder: Path, base: str = "/archive") -> Journal:
    journal = Journal(str(folder / "output"), create=True)
    journal.begin(base)
    return journal


def photo(path: str, size: int = 10) -> Photo:
    return Photo(path, size, -5)


def record(path: str, status: Status = Status.LOCATED) -> Record:
    return Record(photo(path), status=status)


def full(path: str) -> Record:
    return Record(
        photo=Photo(path, 1 << 40, (1 << 63) - 1),
        camera=Position(Location(-90.0, 180.0), "geotag tiny 1"),
        prediction=Prediction(Location(12.345678901234567, -0.0), 20015.2, REGIONS),
        words=(),
        neighbours=(BESIDE,),
        location=Location(12.35, 0.0),
        error_km=1234.5,
        source=Source.MODEL,
        place="Réykjavík",
        country="Ísland",
        evidence="picture",
        hints=(Hint("picture", "tiny 1", 'caf\xe9 "\n', 1 / 3),),
        status=Status.LOCATED,
        written=Written.SIDECAR,
        model="tiny 1 sha256:0",
        message="not into the file: \U0001f4f7",
    )


def change(path: str, target: str) -> Change:
    return Change(
        path=path,
        target=target,
        written=Written.EXIF,
        before=b"\0" * 32,
        after=b"\1" * 32,
        picture=b"\2" * 32,
        size=1 << 33,
        undo=(Splice(0, 3, b""), Splice(1 << 33, 0, b"\0end")),
    )


def test_what_leaves_is_the_answer_alone(tmp_path: Path) -> None:
    records = [full("a"), record("b", Status.FAILED), full(ODD)]
    with opened(tmp_path) as journal:
        journal.settle(records)
        left = list(journal.records())
    records.sort(key=lambda item: os.fsencode(item.photo.path))
    assert left != records
    assert left == [
        replace(item, camera=None, prediction=None, words=None, catalogue="", neighbours=None)
        for item in records
    ]


def test_records_come_out_as_they_went_in(tmp_path: Path) -> None:
    records = [full("a"), record("b", Status.FAILED), full(ODD)]
    with opened(tmp_path) as journal:
        journal.settle(records)
    with Journal(str(tmp_path / "output"), create=False) as journal:
        assert [journal.record(item.photo.path) for item in records] == records
        assert journal.record("elsewhere") is None
        assert journal.tally() == {
            (Status.LOCATED, Written.SIDECAR): 2,
            (Status.FAILED, Written.NONE): 1,
        }


def test_what_words_say_takes_few_bytes(tmp_path: Path) -> None:
    told = Hint("words", "caption", "Breslau", 0.9302)
    place = Candidate(Location(51.1, 17.03), 5.3, 0.9432, "Wrocław", "PL")
    said = Answer(place.location, 6.55, "Wrocław", "PL", "caption 'Breslau' 0.93", (place,), (told,))
    captioned = replace(full("a"), words=(said,), neighbours=None, hints=(told,), evidence=said.evidence)
    row = rows.photo_row(captioned, None)
    assert len(row["words"].encode()) < 130
    assert row["evidence"] == ""
    with opened(tmp_path) as journal:
        journal.settle([captioned])
        assert journal.record("a") == captioned


def test_changes_come_out_newest_first_and_by_state(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        changes = [change(ODD, f"/archive/{ODD}"), change("b", "/elsewhere/b")]
        intended = journal.intend([record(ODD), record("b")], changes)
        assert [item.undo for item in journal.changes(State.INTENDED)] == [item.undo for item in changes]
        assert [item.target for item in journal.changes(State.INTENDED)] == [
            "/elsewhere/b",
            f"/archive/{ODD}",
        ]
        journal.settle([], [replace(intended[0], state=State.DONE)])
        assert [item.path for item in journal.changes(State.DONE)] == [ODD]
        assert [item.path for item in journal.changes(State.INTENDED)] == ["b"]


def test_targets_and_folders_move_with_the_archive(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.intend([], [change("a", "/archive/sub/a"), change("b", "/archives/b")])
    journal = opened(tmp_path)
    journal.workplaces.remember(["/archive", "/archive/sub", "/elsewhere"])
    journal.__exit__(KeyboardInterrupt)
    with opened(tmp_path, "/new/place") as journal:
        assert [item.target for item in journal.changes(State.INTENDED)] == [
            "/archives/b",
            "/new/place/sub/a",
        ]
        found = {os.path.normpath(folder) for folder in journal.workplaces.known()}
        assert found == {"/new/place", "/new/place/sub", "/elsewhere"}


def test_folders_are_forgotten_when_all_ended_well(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.workplaces.remember([str(tmp_path), str(tmp_path / "never made")])
        assert len(journal.workplaces.known()) == 2
    with opened(tmp_path) as journal:
        assert journal.workplaces.known() == []


def nothing(_: str) -> bool:
    """No photo is gone."""
    return False


def everything(_: str) -> bool:
    """Every photo that was not met is gone."""
    return True


def test_the_scan_meets_what_is_known_like_a_zip_fastener(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.settle(record(path) for path in ("b", "c", "d", "z"))
        gone = ["z"]
        met = list(journal.match((photo(path) for path in ("a", "b", "d", "e")), gone=gone.__contains__))
        assert [(item.path, known and known.photo.path) for item, known, _ in met] == [
            ("a", None),
            ("b", "b"),
            ("d", "d"),
            ("e", None),
        ]
        assert [item.photo.path for item in journal.records()] == ["b", "c", "d"], "z is gone, c is excluded"
        gone = ["d"]
        met = list(journal.match((photo(path) for path in ("b", "z")), gone=gone.__contains__))
        assert [known is not None for _, known, _ in met] == [True, True]
        assert [item.photo.path for item in journal.records()] == ["b", "c", "z"]


def test_records_are_read_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geotag.memory.journal._CHUNK", 3)
    paths = [f"{number:02}" for number in range(10)]
    with opened(tmp_path, str(tmp_path)) as journal:
        journal.settle(map(record, paths))
        assert [item.photo.path for item in journal.records()] == paths
        assert all(known for _, known, _ in journal.match(map(photo, paths), gone=nothing))
        journal.intend([], [change(path, f"/x/{path}") for path in paths])
        assert [item.path for item in journal.changes(State.INTENDED)] == paths[::-1]
        assert list(journal.match([], gone=everything)) == []
        assert list(journal.records()) == []


def test_whoever_holds_it_is_named(tmp_path: Path) -> None:
    with opened(tmp_path):
        with pytest.raises(OutputError) as caught:
            Journal(str(tmp_path / "output"), create=True)
        assert f"process {os.getpid()} on {platform.node()}, since 2" in str(caught.value)
    opened(tmp_path).__exit__(None)


def test_it_stays_with_its_archive(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    opened(tmp_path, str(tmp_path / "one")).__exit__(None)
    with Journal(str(tmp_path / "output"), create=True) as journal:
        with pytest.raises(OutputError, match=r"belongs to .*one; choose another folder"):
            journal.begin(str(tmp_path / "two"))
        assert journal.base == str(tmp_path / "one")


def test_what_cannot_be_committed_is_not_remembered(tmp_path: Path) -> None:
    def failing() -> object:
        yield record("a")
        raise KeyboardInterrupt

    with opened(tmp_path) as journal:
        with pytest.raises(KeyboardInterrupt):
            journal.settle(failing())  # type: ignore[arg-type]
        assert list(journal.records()) == []
        journal.settle([record("b")])
        assert [item.photo.path for item in journal.records()] == ["b"]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_journal_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(OutputError, match=r"journal\.sqlite: .*choose another folder with --output DIR"):
        Journal(str(tmp_path), create=True)


def test_a_journal_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).__exit__(None)
    with sqlite3.connect(tmp_path / "output" / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(OutputError, match="made by another version of geotag"):
        Journal(str(tmp_path / "output"), create=True)


def test_an_empty_folder_has_no_journal(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no journal\.sqlite here; name the output folder of a run"):
        Journal(str(tmp_path), create=False)
    assert os.listdir(tmp_path) == []


def test_patches_pack_and_unpack() -> None:
    for patch in ((), (Splice(0, 0, b""),), (Splice(1, 2, b"\0" * 70000), Splice(1 << 60, 1 << 61, b"x"))):
        assert unpack(pack(patch)) == patch


def test_manifests_are_outdated_by_every_change(tmp_path: Path) -> None:
    with opened(tmp_path, str(tmp_path)) as journal:
        journal.settle([record("a")])
        for outdate in (
            lambda: journal.settle([record("b")]),
            lambda: journal.intend([record("a")], [change("a", "/a")]),
            lambda: list(journal.match([], gone=everything)),
        ):
            journal.note_rendered()
            assert journal.rendered
            outdate()
            assert not journal.rendered


def test_finished_photos_need_no_record(tmp_path: Path) -> None:
    with opened(tmp_path, str(tmp_path)) as journal:
        journal.settle([record("a"), record("b")], policy=7)
        journal.settle([replace(record("c"), status=Status.FAILED)], policy=7)
        seen = [photo("a"), replace(photo("b"), size=photo("b").size + 1), photo("c")]
        assert [(known is None, done) for _, known, done in journal.match(seen, 7, gone=nothing)] == [
            (True, True),
            (False, False),
            (False, False),
        ]
        assert [done for *_, done in journal.match(seen, 8, gone=nothing)] == [False, False, False]
        assert [done for *_, done in journal.match(seen, gone=nothing)] == [False, False, False]


def test_only_unfinished_photos_have_their_rows_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []
    whole = rows.photo_record

    def counted(row: sqlite3.Row, review: Review | None) -> Record:
        made.append(row["path"])
        return whole(row, review)

    monkeypatch.setattr(rows, "photo_record", counted)
    with opened(tmp_path, str(tmp_path)) as journal:
        journal.settle([record(f"{number:03}") for number in range(100)], policy=7)
        photos = [photo(f"{number:03}") for number in range(100)]
        assert sum(done for *_, done in journal.match(photos, 7, gone=nothing)) == 100
        assert len(made) == 0
        changed = [replace(one, size=99) if number % 10 == 0 else one for number, one in enumerate(photos)]
        assert sum(done for *_, done in journal.match(changed, 7, gone=nothing)) == 90
        assert len(made) == 10


def test_an_intent_finishes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, str(tmp_path)) as journal:
        journal.settle([record("a")], policy=7)
        journal.intend([record("a")], [change("a", str(tmp_path / "a"))])
        assert [done for *_, done in journal.match([photo("a")], 7, gone=nothing)] == [False]


def test_photos_are_noted_as_finished_under_another_policy(tmp_path: Path) -> None:
    with opened(tmp_path, str(tmp_path)) as journal:
        journal.settle([record("a")], policy=7)
        journal.note_rendered()
        journal.note_finished(["a"], 8)
        assert [done for *_, done in journal.match([photo("a")], 8, gone=nothing)] == [True]
        assert journal.rendered, "the manifests say the same as before"
