"""What a person decides about the answers of a run, and what they saw when they decided."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from enum import StrEnum

from geotag.types import Hint, Location, Record, Source, Status, Written

_REJECTED = "rejected; geotag undo takes that back"


class Verdict(StrEnum):
    """What a person can decide about a photo's answer."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Review:
    """A person's decision about a photo: who, when (ISO 8601), and about what, the fingerprint `shown`.

    `location` and `error_km` (km; None for a camera's position) are what the person stands for, None where
    the answer was rejected. `picture` is the digest of the coded picture data that the decision is about.
    """

    verdict: Verdict
    reviewer: str
    when: str
    shown: str
    location: Location | None = None
    error_km: float | None = None
    picture: bytes = b""


def shown(record: Record) -> str:
    """The fingerprint of a photo as somebody is shown it: a letter and 15 hexadecimal digits (no spreadsheet
    takes that for a number), of the file (path, size, time) and of the answer (status, source, position,
    radius, model).

    It is made of the record as it leaves the tool, coarse where that was asked for: made of the fine position
    it would give that away to anybody who tries the points around the coarse one.
    """
    photo, location = record.photo, record.location
    file = os.fsencode(photo.path), photo.size, photo.mtime_ns
    point = None if location is None else (location.lat, location.lon)
    answer = str(record.status), str(record.source), point, record.error_km, record.model
    return "s" + hashlib.sha256(repr((file, answer)).encode()).hexdigest()[:15]


def reviewed(record: Record) -> Record:
    """A record as the person who reviewed it has it; as it is where nobody did.

    What the machine found stays in the journal as it was, so that a decision can be taken back.
    """
    review = record.review
    if review is None:
        return record
    if review.verdict is Verdict.REJECT:
        bare = replace(record, location=None, error_km=None, source=None, place="", country="", evidence="")
        message = _REJECTED if record.written is Written.NONE else record.message
        return replace(bare, hints=(), status=Status.REJECTED, message=message)
    failed = record.status is Status.FAILED
    status = Status.FAILED if failed else Status.VERIFIED
    record = replace(record, location=review.location, error_km=review.error_km, status=status)
    if review.verdict is Verdict.ACCEPT:
        return record
    hint = Hint("person", review.reviewer, "put it there", 1.0)
    return replace(
        record,
        source=Source.PERSON,
        place="",
        country="",
        evidence=f"put there by {review.reviewer}",
        hints=(hint,),
        model="",
    )
