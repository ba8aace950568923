"""Whether a decision still fits the photo that it was made about, and what becomes of the photo's record."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from geotag import read
from geotag.coarsen import leaving
from geotag.errors import PhotoError, unread
from geotag.files import storage
from geotag.flows import plan
from geotag.renderings.decisions import Decision
from geotag.renderings.manifest import FORMULA, readable
from geotag.review import Review, Verdict, reviewed, shown
from geotag.types import Photo, Record, Settings, Source, Status, Written

_ESCAPED = re.compile(r"\\x([89a-f][0-9a-f])")


def meanings(path: str) -> list[str]:
    """What a path in a file of decisions may stand for: in a CSV one, what a spreadsheet would run has an
    apostrophe before it.
    """
    return [path, path[1:]] if path[:1] == "'" and path[1:].startswith(FORMULA) else [path]


@dataclass(frozen=True, slots=True)
class Admission:
    """What decisions are held against: the archive's folder, how positions are written, what the journal
    knows of a path, and, by path, the identity of the file that a write of ours left there.
    """

    base: str
    settings: Settings
    known: Callable[[str], Record | None]
    after: Callable[[str], bytes | None]

    def admitted(self, decision: Decision) -> tuple[Record, bool]:
        """The photo's record with the decision as its review, and whether that is new.

        Raises PhotoError, with the reason, where the photo or its answer is not what it was decided about.
        """
        record = self._meant(decision)
        if _is(record.review, decision):
            # What is taken back is compared with the journal then; the file may be its old self already.
            if decision.verdict is not Verdict.REJECT:
                read.picture(self.base, record.photo, self.after(record.photo.path))
            return record, False
        if not self._shows(record, decision):
            raise PhotoError(
                "is not as it was shown any more; draw the map again (geotag report OUTPUT --map) and decide"
            )
        self._check(record, decision)
        picture = read.picture(self.base, record.photo, self.after(record.photo.path))
        if decision.verdict is not Verdict.REJECT:
            self._check_sidecars(record)
        return _with(record, replace(_review(record, decision), picture=picture)), True

    def planned(self, record: Record) -> Record:
        """A record that is to be written as it is; raises PhotoError where its photo is not as it was."""
        path = os.path.join(self.base, record.photo.path)
        try:
            now = Photo.seen(record.photo.path, storage.of(path).seen(path))
        except OSError as error:
            raise PhotoError(unread(error)) from error
        if now != record.photo:
            raise PhotoError(read.CHANGED)
        self._check_sidecars(record)
        return record

    def _check_sidecars(self, record: Record) -> None:
        """Raises PhotoError when somebody has put a position into a photo's sidecar since the run."""
        found = read.beside(self.base, record.photo, self.settings.sidecar_dir)
        new = found is not None and found.machine is None and found != record.camera
        if new and not self.settings.replace_gps:
            raise PhotoError(
                "was given a position in a sidecar since; run `geotag run` again, which keeps that"
            )

    def _meant(self, decision: Decision) -> Record:
        """The record that a path in a manifest means: bytes that are no UTF-8 stand there as \\xNN."""
        said = meanings(decision.path)
        names = dict.fromkeys(name for path in said for name in (path, _ESCAPED.sub(_byte, path)))
        found = [record for record in map(self.known, names) if record and named(record) in said]
        if not found:
            raise PhotoError("is not among the photos of this run")
        # Of two that a manifest cannot tell apart, it is the one that was shown.
        return next((record for record in found if self._shows(record, decision)), found[0])

    def _shows(self, record: Record, decision: Decision) -> bool:
        return shown(leaving(record, self.settings.coarsen or 0.0)) == decision.shown

    def _check(self, record: Record, decision: Decision) -> None:
        kept = record.status is Status.KEPT
        if decision.verdict is Verdict.ACCEPT and reviewed(record).location is None:
            raise PhotoError("has no position that could be accepted; correct it, or leave it out")
        if decision.verdict is Verdict.REJECT and kept:
            raise PhotoError("has a position of its own, which is not ours to take back; correct it instead")
        if decision.verdict is Verdict.CORRECT and kept and not self.settings.replace_gps:
            raise PhotoError("has a position of its own; geotag apply --replace-gps puts yours there")


def named(record: Record) -> str:
    """A photo's path as the manifest, and so a decision, says it."""
    return readable(record.photo.path)


def _byte(found: re.Match[str]) -> str:
    return bytes([int(found[1], 16)]).decode("utf-8", "surrogateescape")


def _is(review: Review | None, decision: Decision) -> bool:
    """Whether a review came from this very decision."""
    if review is None:
        return False
    said = review.shown, review.reviewer, review.when
    return said == (decision.shown, decision.reviewer, decision.when) and (
        decision.location is None or decision.location == review.location
    )


def _review(record: Record, decision: Decision) -> Review:
    review = Review(decision.verdict, decision.reviewer, decision.when, decision.shown)
    if decision.verdict is Verdict.CORRECT:
        return replace(review, location=decision.location, error_km=decision.error_km)
    if decision.verdict is Verdict.REJECT:
        return review
    told = reviewed(record)
    # Whoever accepts what another person put there stands for that, not for the machine's answer below.
    verdict = Verdict.CORRECT if told.source is Source.PERSON else Verdict.ACCEPT
    return replace(review, verdict=verdict, location=told.location, error_km=told.error_km)


def _with(record: Record, review: Review) -> Record:
    """A record on which a decision has been made, and nothing has been done about it."""
    left = "" if record.written is Written.NONE else plan.LEFT
    if review.verdict is Verdict.REJECT:
        return replace(record, review=review, message=left)
    if record.source is Source.CAMERA and review.verdict is Verdict.ACCEPT:
        return replace(record, review=review)
    status = Status.UNSURE if record.status is Status.FAILED else record.status
    return replace(record, review=review, status=status, written=Written.NONE, message=left)
