"""What a photo still needs, given what an earlier run found out: all, a decision, a write, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from geotag import decide
from geotag.types import Photo, Record, Settings, Status, Written


@dataclass(frozen=True, slots=True)
class Step:
    """A photo on its way: its record so far, what an earlier run left, and whether the file is to be read."""

    record: Record
    known: Record | None
    look: bool


def step(
    photo: Photo, known: Record | None, settings: Settings, sha256: str, wants: Callable[[Record], bool]
) -> Step | None:
    """What is to be done for a photo, or None when it is finished.

    `sha256` is the identity of the model at hand, `wants(record)` whether a decided record would be written
    anywhere. A changed file (size, time) is looked at anew; a changed policy is decided from what the journal
    holds; failures are tried again.
    """
    if known is None or known.photo != photo:
        return Step(Record(photo), None, look=True)
    if settings.redo or not _decidable(known, settings, sha256):
        return Step(Record(photo), known, look=True)
    decided = decide.decide(known, max_error_km=settings.max_error_km, replace_gps=settings.replace_gps)
    if wants(decided):
        return Step(decided, known, look=False)
    if known.status is Status.FAILED or (_answer(decided) != _answer(known) and not _in_file(known)):
        return Step(decided, known, look=False)
    return None


def finished(record: Record, known: Record | None) -> Record:
    """A settled record, with what an earlier run wrote into the same file and this one did not touch."""
    if known is None or known.written is Written.NONE or record.written is not Written.NONE:
        return record
    return replace(record, written=known.written)


def _decidable(known: Record, settings: Settings, sha256: str) -> bool:
    if decide.stands(known, replace_gps=settings.replace_gps):
        return True
    return known.prediction is not None and known.model.endswith(sha256)


def _in_file(known: Record) -> bool:
    """A guess that is in the file already stays there, and its row says so, whatever is asked for now."""
    return known.status is Status.LOCATED and known.written is not Written.NONE


def _answer(record: Record) -> tuple[object, ...]:
    return record.status, record.location, record.error_km, record.source
