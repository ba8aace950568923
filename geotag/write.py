"""The policy of writing: into the file where that is safe, beside it where it is not, or not at all.

Nothing is replaced here: `prepare` leaves verified temporary files, which the pipeline lets take their place
(`atomic.commit`) once the journal knows how to take each change back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from geotag import metadata
from geotag.changes import Change, State
from geotag.coarsen import leaving
from geotag.errors import PhotoError, RefusedError, UncertainError
from geotag.evidence import areas
from geotag.files import atomic, sidecars, storage
from geotag.files.proof import Proof, inverse
from geotag.metadata import xmp
from geotag.metadata.identity import plain
from geotag.metadata.patch import Buffer, apply
from geotag.review import reviewed
from geotag.texts import guesser
from geotag.types import (
    RAW_SUFFIXES,
    SIDECAR_SUFFIX,
    Patch,
    Photo,
    Position,
    Record,
    Settings,
    Source,
    Status,
    Tag,
    Written,
)

WOULD, PLANNED = "dry run: would go into", "planned: would go into"
"""What a dry run and a plan remark on a record, before the file or sidecar."""

_LARGEST_SIDECAR = 1 << 24
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record, and the change that waits for the journal; both are None where nothing has to be replaced."""

    record: Record
    change: Change | None = None
    ready: atomic.Ready | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """Where and how one run writes: the archive's folder, the user's wishes, the mark that its temporary
    files carry, the time.
    """

    base: str
    settings: Settings
    mark: str
    when: datetime

    def wants(self, record: Record) -> bool:
        """Whether this run puts the record's answer anywhere but in the manifests.

        What lies in a sidecar may still go into the file, where that is asked for.
        """
        lacking = record.written is Written.NONE or (
            record.written is Written.SIDECAR and self.settings.embeds
        )
        as_told = reviewed(record)
        located = as_told.status in (Status.LOCATED, Status.VERIFIED) and as_told.source is not Source.CAMERA
        return self.settings.writes and located and lacking

    def prepare(self, record: Record) -> Prepared:
        """Embed or write a sidecar, on temporary files; a photo's trouble settles its record as failed."""
        try:
            return self._prepare(record)
        except PhotoError as error:
            return Prepared(failed(record, str(error)))
        except OSError as error:
            return Prepared(failed(record, _reason(error)))

    def _prepare(self, record: Record) -> Prepared:
        path = os.path.join(self.base, record.photo.path)
        reason = ""
        if self.settings.embeds:
            try:
                return self._embed(record, path)
            except RefusedError as error:
                reason = f"not into the file: {error}; "
                if record.written is Written.SIDECAR:
                    return Prepared(replace(record, message=reason.removesuffix("; ")))
        sidecar, remark = self._sidecar_path(record, path)
        return self._beside(record, sidecar, reason + remark)

    def _embed(self, record: Record, path: str) -> Prepared:
        place = storage.of(path)
        target = place.resolve(path)
        if {os.path.splitext(name)[1].lower() for name in (path, target)} & RAW_SUFFIXES:
            raise RefusedError("is a raw file by its name")
        with place.opened(target) as (found, data):
            if Photo.seen(record.photo.path, found) != record.photo:
                raise PhotoError("changed while the run was at it; run the same command again")
            tag = self._tag(record)
            edit = metadata.edit(data, tag, self._may_replace(record))
            place.check_replaceable(target, data)
            if not self.settings.touches:
                return Prepared(replace(record, message=f"{self._would} the file"))
            if not edit.patch:
                return Prepared(replace(record, written=Written.EXIF))
            if self.settings.backup:
                self._back_up(target, data, record.photo.path, _is_ours(metadata.read(data)))
            proof = Proof(data, edit, tag)
            ready = place.prepare(target, data, found, edit.patch, self.mark, proof.check)
            undo = inverse(data, edit.patch)
        change = _change(record, ready, Written.EXIF, proof.before, proof.after, undo)
        return Prepared(record, replace(change, picture=proof.picture), ready)

    def _beside(self, record: Record, target: str, message: str) -> Prepared:
        would = replace(record, message=f"{message}{self._would} {target}")
        record = replace(record, message=message.removesuffix("; "))
        place = storage.of(target)
        if not place.existing([target]):
            if not self.settings.touches:
                return Prepared(would)
            if self.settings.sidecar_dir:
                os.makedirs(os.path.dirname(target), exist_ok=True)
            new = xmp.sidecar(self._tag(record), self.when)
            ready = place.prepare_new(target, new, self.mark)
            return Prepared(record, _change(record, ready, Written.SIDECAR, None, plain(new), ()), ready)
        target = place.resolve(target)
        with place.opened(target) as (found, data):
            if len(data) > _LARGEST_SIDECAR:
                raise PhotoError(
                    f"{target}: too large for a sidecar; move it away, or write with --sidecar-dir DIR"
                )
            old = data[:]
        try:
            patch = xmp.merge(old, self._tag(record), self.when, self._may_replace(record))
            place.check_replaceable(target, old)
        except RefusedError as error:
            raise PhotoError(f"{target}: left alone, {error}") from error
        if not self.settings.touches:
            return Prepared(would)
        if not patch:
            return Prepared(replace(record, written=Written.SIDECAR))
        if self.settings.backup:
            self._back_up(target, old, record.photo.path + SIDECAR_SUFFIX, _is_ours(xmp.read(old)))
        ready = place.prepare(target, old, found, patch, self.mark)
        before, after, undo = plain(old), plain(apply(old, patch)), inverse(old, patch)
        return Prepared(record, _change(record, ready, Written.SIDECAR, before, after, undo), ready)

    def commit(self, prepared: Prepared) -> Prepared:
        """Let a prepared change happen; the journal must know of it. Trouble settles the record as failed."""
        record, change, ready = prepared.record, prepared.change, prepared.ready
        assert change is not None
        assert ready is not None
        try:
            storage.of(ready.target).commit(ready)
        except UncertainError as error:
            return Prepared(failed(record, str(error)), change)
        except (PhotoError, OSError) as error:
            reason = str(error) if isinstance(error, PhotoError) else _reason(error)
            return Prepared(failed(record, reason), replace(change, state=State.ABANDONED))
        photo = record.photo
        if change.written is Written.EXIF:
            with suppress(OSError):
                # A photo that vanished just now is still to be taken back, should it come again.
                photo = Photo.seen(photo.path, storage.of(change.target).seen(change.target))
        return Prepared(
            replace(record, photo=photo, written=change.written), replace(change, state=State.DONE)
        )

    def _back_up(self, target: str, data: Buffer, name: str, touched: bool) -> None:
        """Copy a file that we have not touched before; the copy of one that we have stands."""
        assert self.settings.backup is not None
        copy = os.path.join(self.settings.backup, name)
        if not os.path.exists(copy):
            storage.of(target).back_up(target, copy, self.mark)
        elif not touched and not atomic.holds(copy, data):
            raise PhotoError(
                f"not touched, for {copy} is a copy of something else; name another --backup DIR"
            )

    def _tag(self, record: Record) -> Tag:
        """What is written for a record: as reviewed, as coarse as asked for, with the names that its radius
        supports.
        """
        told = leaving(record, self.settings.coarsen or 0.0)
        assert told.location is not None
        assert told.error_km is not None
        return Tag(
            told.location,
            told.error_km,
            guesser(replace(record, source=told.source)),
            place=told.place if told.error_km <= areas.TOWN_KM else "",
            country=areas.country_name(told.country),
            country_code=told.country,
            reviewer=record.review.reviewer if record.review else "",
            reviewed=record.review.when if record.review else "",
        )

    def _may_replace(self, record: Record) -> bool:
        """Whether a position that is not ours may go: where that is asked for now, or was at the review."""
        return self.settings.replace_gps or (record.review is not None and _is_theirs(record.camera))

    @property
    def _would(self) -> str:
        return PLANNED if self.settings.plan else WOULD

    def folders(self, record: Record) -> set[str]:
        """Where writing this record may put temporary files for a moment."""
        path = os.path.join(self.base, record.photo.path)
        names = (path, path + SIDECAR_SUFFIX, os.path.splitext(path)[0] + SIDECAR_SUFFIX)
        places = {folder for name in names for folder in storage.of(name).workplaces(name)}
        elsewhere = filter(None, (self.settings.sidecar_dir, self.settings.backup))
        copies = (os.path.join(os.path.abspath(folder), record.photo.path) for folder in elsewhere)
        return places | {os.path.dirname(copy) for copy in copies}

    def _sidecar_path(self, record: Record, path: str) -> tuple[str, str]:
        """The sidecar a photo gets, and a remark when it is not the one that was asked for."""
        remark = ""
        if self.settings.sidecar_dir:
            path = os.path.join(os.path.abspath(self.settings.sidecar_dir), record.photo.path)
        name = sidecars.spelled(path)
        if self.settings.sidecar_style == "adobe":
            stem = os.path.splitext(path)[0]
            if sidecars.shared(os.path.join(self.base, record.photo.path), self.when):
                remark = f"{os.path.basename(stem)}{SIDECAR_SUFFIX} would belong to several images; "
            else:
                name = sidecars.spelled(stem)
        if len(os.fsencode(os.path.basename(name))) > _LONGEST_NAME:
            raise PhotoError("its name is too long for a sidecar beside it; give the file a shorter name")
        return name, remark


def discard(prepared: Iterable[Prepared]) -> None:
    """Remove the temporary files of changes that will not happen."""
    for item in prepared:
        if item.ready is not None:
            atomic.discard(item.ready.temporary)


def failed(record: Record, message: str) -> Record:
    """The record of a photo that could not be read or written."""
    return replace(record, status=Status.FAILED, message=message)


def _change(
    record: Record, ready: atomic.Ready, written: Written, before: bytes | None, after: bytes, undo: Patch
) -> Change:
    return Change(
        path=record.photo.path,
        target=ready.target,
        written=written,
        before=before,
        after=after,
        picture=None,
        size=ready.size,
        undo=undo,
    )


def _is_ours(position: Position | None) -> bool:
    return position is not None and position.machine is not None


def _is_theirs(position: Position | None) -> bool:
    return position is not None and position.machine is None


def _reason(error: OSError) -> str:
    """What the system said, and what helps against it."""
    hint = "run the same command again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "ask for the right to write there, or keep sidecars elsewhere: --sidecar --sidecar-dir DIR"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "make room, then run the same command again"
    return f"could not be written: {(error.strerror or str(error)).lower()}; {hint}"


def remarked(record: Record) -> bool:
    """Whether a record bears a dry run's remark, which is for its listing, not for later manifests."""
    return record.status is not Status.FAILED and WOULD in record.message
