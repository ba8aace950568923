"""What a photo still needs, given what an earlier run found out: all, a decision, a write, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from geotag import decide
from geotag.evidence.catalogue import Said
from geotag.texts import Answer
from geotag.types import Photo, Policy, Record, Status, Written

LEFT = "an earlier guess of ours is still there; geotag undo takes it back"


@dataclass(frozen=True, slots=True)
class Step:
    """A photo on its way: its record so far, what an earlier run left, whether the file is to be read, what
    the catalogue says, and whether it is read again only for what was said about it since.
    """

    record: Record
    known: Record | None
    look: bool
    said: Said = field(default_factory=Said)
    again: bool = False


def step(
    photo: Photo,
    known: Record | None,
    policy: Policy,
    wants: Callable[[Record], bool],
    *,
    sha256: str,
    said: Said,
    near: tuple[Answer, ...] | None = None,
    redo: bool,
    aside: bool = False,
) -> Step | None:
    """What is to be done for a photo, or None when it is finished.

    `sha256` identifies the models at hand, `said` is what the catalogue says about the photo, `near` what
    photos of its folder say (None where they were not asked), `wants(record)` whether a decided record would
    be written anywhere, `redo` whether everything is to be done again, `aside` whether somebody changed a
    sidecar. A changed file (size, time) is looked at anew; one of which the catalogue or a sidecar says
    something else is read again for its words and its position, its prediction stays; where the neighbours
    say something else, or the policy has changed, it is decided from what the journal holds; failures are
    tried again. What a person has reviewed stands, whatever is asked for or lies beside it, and is only
    written where it is not yet.
    """
    if known is not None and known.review is not None:
        return _reviewed(photo, known, wants, said=said, near=near)
    if known is None or known.photo != photo:
        return Step(Record(photo, neighbours=near), None, look=True, said=said)
    heeding = near is not None and near != known.neighbours and not decide.stands(known, policy)
    heard = replace(known, neighbours=near) if heeding else known
    if redo:
        return Step(Record(photo, neighbours=near), known, look=True, said=said)
    if not _decidable(heard, policy, sha256):
        return Step(_foreseen(known, near, policy, sha256), known, look=True, said=said)
    listed = known.catalogue != said.digest and "words" in policy.evidence
    if aside or (listed and not decide.stands(known, policy)):
        heard = _foreseen(known, near, policy, sha256)
        return Step(heard, known, look=True, said=said, again=True)
    decided = decide.decide(heard, policy)
    if heeding:
        moved = _answer(decided) != _answer(known)
        return Step(replace(decided, written=Written.NONE) if moved else decided, known, look=False)
    if wants(decided):
        return Step(decided, known, look=False)
    if known.status is Status.FAILED or (_answer(decided) != _answer(known) and not _in_file(known)):
        return Step(decided, known, look=False)
    return None


def _reviewed(
    photo: Photo,
    known: Record,
    wants: Callable[[Record], bool],
    *,
    said: Said,
    near: tuple[Answer, ...] | None,
) -> Step | None:
    """What is to be done for a photo that a person has decided about."""
    failed = known.status is Status.FAILED
    record = replace(known, status=Status.UNSURE, message="") if failed else known
    if known.photo != photo:
        return Step(replace(record, photo=photo, neighbours=near), known, look=True, said=said)
    if wants(record) or failed:
        return Step(replace(record, message=""), known, look=False)
    return None


def unmoved(step: Step) -> Step:
    """A step with what is written, where its photo was read again and the answer is still the same."""
    known = step.known
    if not step.again or known is None or _answer(step.record) != _answer(known):
        return step
    return replace(step, record=replace(step.record, written=known.written, message=known.message))


def finished(record: Record, known: Record | None) -> Record:
    """A settled record, with what an earlier run wrote into the same file and this one did not touch."""
    if known is None or known.written is Written.NONE or record.written is not Written.NONE:
        return record
    if known.review is not None:
        # Of a reviewed photo `written` says where the reviewed answer is, and nothing else.
        return record
    message = record.message
    if record.location != known.location and LEFT not in message:
        message = f"{message}; {LEFT}" if message else LEFT
    return replace(record, written=known.written, message=message)


def _decidable(known: Record, policy: Policy, sha256: str) -> bool:
    if decide.stands(known, policy):
        return True
    return decide.complete(known, policy) and _holds(known, policy, sha256)


def _holds(known: Record, policy: Policy, sha256: str) -> bool:
    """Whether a prediction, if there is one, is of the models at hand, or of any where none is asked."""
    asked = known.prediction is not None and "picture" in policy.evidence
    return not asked or known.model.endswith(f" sha256:{sha256}")


def _foreseen(known: Record, near: tuple[Answer, ...] | None, policy: Policy, sha256: str) -> Record:
    """A record of a photo that is read again, with what a model said of it, if that still holds."""
    bare = Record(known.photo, neighbours=near)
    if known.prediction is None or not _holds(known, policy, sha256):
        return bare
    return replace(bare, prediction=known.prediction, model=known.model)


def _in_file(known: Record) -> bool:
    """A guess that is in the file already stays there, and its row says so, whatever is asked for now."""
    return known.status is Status.LOCATED and known.written is not Written.NONE


def _answer(record: Record) -> tuple[object, ...]:
    return record.status, record.location, record.error_km, record.evidence
