"""What a photo still needs, given what an earlier run found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geotag import decide
from geotag.evidence.catalogue import Said
from geotag.flows import plan
from geotag.texts import Answer, Candidate
from geotag.types import Hint, Location, Photo, Policy, Position, Prediction, Record, Status, Written

PHOTO = Photo("a.jpg", 10, 20)
POLICY = Policy(2500)
GUESSED = decide.decide(
    Record(
        PHOTO, prediction=Prediction(Location(10, 20), 300), words=(), neighbours=(), model="m 1 sha256:aa"
    ),
    POLICY,
)
KEPT = decide.decide(Record(PHOTO, camera=Position(Location(1, 2))), POLICY)
WRITTEN = replace(GUESSED, written=Written.EXIF)


def step(
    known: Record | None,
    policy: Policy = POLICY,
    photo: Photo = PHOTO,
    *,
    writing: bool = False,
    sha256: str = "aa",
    catalogue: str = "",
    redo: bool = False,
) -> plan.Step | None:
    def wants(record: Record) -> bool:
        return writing and record.status is Status.LOCATED and record.written is Written.NONE

    said = Said(digest=catalogue)
    return plan.step(photo, known, policy, wants, sha256=sha256, said=said, redo=redo)


def test_new_photo_is_looked_at() -> None:
    assert step(None) == plan.Step(Record(PHOTO), None, look=True)


@pytest.mark.parametrize("changed", [replace(PHOTO, size=11), replace(PHOTO, mtime_ns=19)])
def test_changed_photo_is_looked_at_as_new(changed: Photo) -> None:
    assert step(WRITTEN, photo=changed) == plan.Step(Record(changed), None, look=True)


@pytest.mark.parametrize("known", [GUESSED, KEPT, WRITTEN])
def test_finished_photo_needs_nothing(known: Record) -> None:
    assert step(known) is None


def test_written_photo_is_not_written_again() -> None:
    assert step(WRITTEN, writing=True) is None


def test_writing_comes_later_without_looking() -> None:
    found = step(GUESSED, writing=True)
    assert found is not None
    assert not found.look
    assert found.record == GUESSED


def test_radius_asked_for_changes_without_looking() -> None:
    found = step(GUESSED, Policy(100))
    assert found is not None
    assert not found.look
    assert found.record.status is Status.UNSURE


def test_what_is_in_the_file_stays_located_under_a_smaller_radius() -> None:
    assert step(WRITTEN, Policy(100)) is None


def test_another_model_is_asked() -> None:
    found = step(GUESSED, sha256="bb")
    assert found is not None
    assert found.look
    assert found.known == GUESSED


def test_kept_photo_needs_no_model() -> None:
    assert step(KEPT, sha256="bb") is None


def test_kept_photo_is_predicted_when_it_may_be_replaced() -> None:
    found = step(KEPT, Policy(2500, replace_gps=True))
    assert found is not None
    assert found.look


def test_redo_looks_again() -> None:
    found = step(WRITTEN, redo=True)
    assert found is not None
    assert found.look


def test_failed_write_is_tried_again_without_looking() -> None:
    found = step(replace(GUESSED, status=Status.FAILED, message="disk full"), writing=True)
    assert found is not None
    assert not found.look
    assert found.record.status is Status.LOCATED


def test_failed_look_is_tried_again() -> None:
    found = step(Record(PHOTO, status=Status.FAILED, message="truncated"))
    assert found is not None
    assert found.look


def test_finished_remembers_what_is_in_the_file() -> None:
    assert plan.finished(GUESSED, WRITTEN).written is Written.EXIF
    assert plan.finished(GUESSED, GUESSED).written is Written.NONE
    assert plan.finished(replace(GUESSED, written=Written.SIDECAR), WRITTEN).written is Written.SIDECAR
    assert plan.finished(GUESSED, None) == GUESSED


def test_words_that_were_never_looked_for_are() -> None:
    found = step(replace(GUESSED, words=None))
    assert found is not None
    assert found.look


def test_words_alone_need_no_prediction() -> None:
    known = decide.decide(Record(PHOTO, words=()), Policy(2500, evidence=frozenset({"words"})))
    assert step(known, Policy(2500, evidence=frozenset({"words"}))) is None
    assert known.status is Status.UNSURE


def near(lat: float) -> tuple[Answer, ...]:
    place = Candidate(Location(lat, 20), 1, 0.9, "", "")
    hint = Hint("neighbours", "folder", "taken 4 min after b.jpg", 0.9)
    return (Answer(place.location, 2, "", "", "", (place,), (hint,)),)


def beside(known: Record, answers: tuple[Answer, ...] | None, *, writing: bool = False) -> plan.Step | None:
    def wants(record: Record) -> bool:
        return writing and record.status is Status.LOCATED and record.written is Written.NONE

    return plan.step(PHOTO, known, POLICY, wants, sha256="aa", said=Said(), near=answers, redo=False)


def test_a_photo_whose_neighbours_say_something_else_is_decided_without_looking() -> None:
    found = beside(GUESSED, near(10))
    assert found is not None
    assert not found.look
    assert found.record.neighbours == near(10)
    assert found.record.error_km != GUESSED.error_km
    assert beside(found.record, near(10)) is None
    assert beside(found.record, near(11)) is not None


def test_what_is_written_is_written_again_when_the_neighbours_move_it() -> None:
    found = beside(WRITTEN, near(10), writing=True)
    assert found is not None
    assert found.record.written is Written.NONE
    assert plan.finished(found.record, WRITTEN).written is Written.EXIF


def test_neighbours_that_are_first_asked_need_no_look() -> None:
    found = beside(replace(GUESSED, neighbours=None), ())
    assert found is not None
    assert not found.look
    assert (found.record.location, found.record.neighbours) == (GUESSED.location, ())


def test_neighbours_do_not_move_what_a_camera_said() -> None:
    assert beside(KEPT, near(10)) is None
    assert beside(GUESSED, ()) is None


@pytest.mark.parametrize("evidence", ["words", "neighbours"])
def test_what_a_model_said_is_kept_while_it_is_not_asked(evidence: str) -> None:
    """Its SHA-256 is not even known then."""
    found = step(GUESSED, Policy(2500, evidence=frozenset({evidence})), sha256="")
    assert found is not None
    assert not found.look
    assert found.record.prediction == GUESSED.prediction
    assert found.record.location is None


def test_a_photo_that_is_read_for_its_words_is_not_predicted_again() -> None:
    seen = replace(GUESSED, words=None)
    found = step(seen)
    assert found is not None
    assert found.look
    assert found.record == Record(PHOTO, prediction=GUESSED.prediction, model=GUESSED.model)
    other = step(seen, sha256="bb")
    assert other is not None
    assert other.record == Record(PHOTO)
