"""The run's memory: one SQLite file that says what is known, what was written and how to take it back.

A change is committed here before any file is replaced, so whatever moment the power fails, the journal can
tell which side of the replacement a file is on.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from geotag import __version__
from geotag.changes import Change, State
from geotag.coarsen import leaving
from geotag.errors import OutputError
from geotag.memory import lock, rows
from geotag.memory.database import Database
from geotag.memory.marks import Marks
from geotag.memory.reviews import Reviews
from geotag.memory.workplaces import Workplaces
from geotag.review import Review
from geotag.types import Photo, Record, Status, Written

FILE_NAME = "journal.sqlite"
_CHUNK = 2000


class Journal:
    """One output folder's memory; a context manager. Calls may come from any thread.

    Raises OutputError when the folder cannot be written, the file is no journal, or another run holds it.
    """

    def __init__(self, output: str, *, create: bool) -> None:
        self.output = output
        self._path = os.path.join(output, FILE_NAME)
        self._run = 0
        self._opening = secrets.token_hex(3)
        if create:
            try:
                os.makedirs(output, exist_ok=True)
            except OSError as error:
                raise lock.unwritable(output, error) from error
        elif not (os.path.isfile(self._path) and os.path.getsize(self._path)):
            raise lock.missing(output, FILE_NAME)
        with ExitStack() as opened:
            opened.callback(lock.hold(output, self._path).release)
            # A journal has a name from its first moment on, which no spreadsheet takes for a number.
            named = f"INSERT INTO meta VALUES ('identity', 'j{secrets.token_hex(6)}');"  # noqa: S608
            self._db = Database(self._path, rows.VERSION, rows.SCHEMA + named)
            opened.callback(self._db.close)
            self.reviews = Reviews(self._db)
            self.workplaces = Workplaces(self._db, lambda: self.base)
            with self._db.transaction() as db:
                db.execute("INSERT OR REPLACE INTO meta VALUES ('holder', ?)", (_ourselves(),))
            self._opened = opened.pop_all()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.workplaces.forget()
        finally:
            self._opened.close()

    @property
    def mark(self) -> str:
        """What our temporary files carry in their names: the journal's identity, and this opening's."""
        return f"{self.identity}-{self._opening}"

    @property
    def identity(self) -> str:
        """The journal's name: no other has it."""
        return self._db.noted("identity")

    @property
    def base(self) -> str:
        """The folder that photo paths are relative to; empty before the first run."""
        return os.fsdecode(bytes.fromhex(self._db.noted("base")))

    @property
    def run(self) -> int:
        """The number of the run that began with this opening; 0 before."""
        return self._run

    @property
    def wishes(self) -> dict[str, Any]:
        """How the latest run that wrote or planned wanted it, by the names of options; empty without one."""
        return dict(json.loads(self._db.noted("wishes") or "{}"))

    def note_wishes(self, wishes: Mapping[str, Any]) -> None:
        """Commit how a run wants to write."""
        with self._db.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('wishes', ?)", (json.dumps(wishes),))

    @property
    def coarse_km(self) -> float:
        """How coarse positions have to be before they leave this journal, in km; 0 as they are."""
        return float(self._db.noted("coarse_km") or 0)

    @property
    def beside(self) -> str:
        """Where the archive is if it lies as it did, seen from the output folder; `base` if none knows."""
        route = os.fsdecode(bytes.fromhex(self._db.noted("route")))
        return os.path.normpath(os.path.join(os.path.realpath(self.output), route or self.base))

    def move(self, base: str) -> None:
        """Note that the archive is at `base` now."""
        with self._db.transaction() as db:
            self._place(db, base)

    def _place(self, db: sqlite3.Connection, base: str) -> None:
        try:
            route = os.path.relpath(base, os.path.realpath(self.output))
        except ValueError:
            # Another drive of Windows.
            route = base
        for key, path in (("base", base), ("route", base if "://" in base else route)):
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, os.fsencode(path).hex()))

    def begin(self, base: str, coarse_km: float = 0.0) -> None:
        """Note that a run starts on the archive at `base`, and how coarse `records` are to be from now on.

        Raises OutputError when the journal belongs to another archive that still exists, or lies in a bucket.
        """
        known = self.base
        if known and known != base and ("://" in known or os.path.exists(known)):
            raise OutputError(f"{self.output}: belongs to {known}; choose another folder with --output DIR")
        changed = coarse_km != self.coarse_km
        with self._db.transaction() as db:
            self._place(db, base)
            if changed:
                db.execute(rows.OUTDATE)
                db.execute("INSERT OR REPLACE INTO meta VALUES ('coarse_km', ?)", (str(coarse_km),))
            self._run = (
                db.execute(
                    "INSERT INTO run (started, host, pid, version) VALUES (?, ?, ?, ?)",
                    (_now(), platform.node(), os.getpid(), __version__),
                ).lastrowid
                or 0
            )

    def finish(self, *, whole: bool) -> None:
        """Note that the run came to its end, and whether it went through the `whole` archive."""
        with self._db.transaction() as db:
            db.execute("UPDATE run SET finished = ? WHERE id = ?", (_now(), self._run))
            if whole:
                db.execute("INSERT OR REPLACE INTO meta VALUES ('heeded', ?)", (_now("microseconds"),))

    @property
    def heeded(self) -> datetime | None:
        """When the last run through the whole archive came to its end; None before."""
        found = self._db.noted("heeded")
        return datetime.fromisoformat(found) if found else None

    def records(self) -> Iterator[Record]:
        """Every photo that the latest scan found, in path order, in bounded memory, as people have reviewed
        it and as coarse as the latest run asked for: whatever is rendered from a journal comes from here.
        What lies beneath the answers (positions in files, predictions, words, neighbours) stays in the
        journal.
        """
        km = self.coarse_km
        return (leaving(record, km) for record in self._told(rows.SELECT_ANSWER, rows.answer_record))

    def known(self) -> Iterator[Record]:
        """The same photos with all that is known of them."""
        return self._told(rows.SELECT_PHOTO, rows.photo_record)

    def _told(self, select: str, told: Callable[[sqlite3.Row, Review | None], Record]) -> Iterator[Record]:
        for found in self._chunks(select):
            reviews = self.reviews.between(found[0]["path"], found[-1]["path"])
            yield from (told(row, reviews.get(row["path"])) for row in found if not row["gone"])

    def paths(self) -> Iterator[str]:
        """The paths of the same photos."""
        found = chain.from_iterable(self._chunks(rows.SELECT_SEEN))
        return (os.fsdecode(row["path"]) for row in found if not row["gone"])

    def record(self, path: str) -> Record | None:
        """What is known of the photo at a relative path."""
        key = os.fsencode(path)
        found = self._db.rows(rows.SELECT_PHOTO + "WHERE path = ?", key)
        return rows.photo_record(found[0], self.reviews.between(key, key).get(key)) if found else None

    def _chunks(self, select: str) -> Iterator[list[sqlite3.Row]]:
        after = b""
        while found := self._db.rows(select + "WHERE path > ? ORDER BY path LIMIT ?", after, _CHUNK):
            yield found
            after = found[-1]["path"]

    def match(
        self, photos: Iterable[Photo], policy: int | None = None, *, gone: Callable[[str], bool]
    ) -> Iterator[tuple[Photo, Record | None, bool]]:
        """Each scanned photo beside what is known of its path, and whether it is finished under `policy`.

        Both come in path order, like a zip fastener; of a finished photo the record is left out, since making
        it is most of what a second run would do. Known photos that the scan did not meet are marked gone
        where `gone(path)` says so.
        """
        known = chain.from_iterable(self._chunks(rows.SELECT_SEEN))
        current = next(known, None)
        marks = Marks(self.note_gone, gone)
        for photo in photos:
            key = os.fsencode(photo.path)
            while current is not None and current["path"] < key:
                marks.missed(current)
                current = next(known, None)
            if current is None or current["path"] != key:
                yield photo, None, False
                continue
            row, current = current, next(known, None)
            if row["gone"]:
                marks.add(key, gone=False)
            finished = (
                policy is not None
                and row["policy"] == policy
                and row["mtime_ns"] == photo.mtime_ns
                and row["size"] == photo.size
                and row["status"] != Status.FAILED
            )
            yield photo, None if finished else self.record(photo.path), finished
        while current is not None:
            marks.missed(current)
            current = next(known, None)
        marks.flush()

    def note_gone(self, gone: Iterable[tuple[bool, bytes]]) -> None:
        """Commit which photos (relative paths as bytes) are gone and which are back."""
        with self._db.transaction() as db:
            db.execute(rows.OUTDATE)
            db.executemany("UPDATE photo SET gone = ? WHERE path = ?", gone)

    def settle(
        self,
        records: Iterable[Record],
        changes: Iterable[Change] = (),
        policy: int | None = None,
        overtaken: Iterable[str] = (),
    ) -> None:
        """Commit records, which are finished under `policy`, how far changes got, and photos whose reviews
        were overtaken by what became of their files, in one transaction.
        """
        with self._db.transaction() as db:
            db.executemany("DELETE FROM review WHERE photo = ?", [(os.fsencode(path),) for path in overtaken])
            db.executemany(
                "UPDATE change SET state = ? WHERE id = ?", [(change.state, change.id) for change in changes]
            )
            _insert(db, records, policy)

    def review(self, records: Sequence[Record]) -> None:
        """Commit the reviews of records and the records themselves, which are not finished any more."""
        with self._db.transaction() as db:
            _insert(db, records, None)
            db.executemany(rows.INSERT_REVIEW, [rows.review_row(record, self._run) for record in records])

    def note_finished(self, paths: Sequence[str], policy: int | None) -> None:
        """Commit that photos turned out to be finished under another policy too."""
        if paths:
            with self._db.transaction() as db:
                marks = [(policy, os.fsencode(path)) for path in paths]
                db.executemany("UPDATE photo SET policy = ? WHERE path = ?", marks)

    def tally(self) -> dict[tuple[Status, Written], int]:
        """How many photos have which status and were written where."""
        found = self._db.rows(rows.TALLY)
        return {(Status(row["status"]), Written(row["written"])): row["n"] for row in found}

    @property
    def rendered(self) -> bool:
        """Whether the manifests say what this journal says."""
        return bool(self._db.rows("SELECT 1 FROM meta WHERE key = 'rendered'"))

    def note_rendered(self) -> None:
        """Note that the manifests say what this journal says."""
        with self._db.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('rendered', '')")

    def intend(self, records: Sequence[Record], changes: Sequence[Change]) -> list[Change]:
        """Commit what is about to be done to files, before it is done; returns the changes with their ids.

        The records are those of the same photos as they stand before the change.
        """
        if not changes:
            return []
        base, run = self.base, self._run
        with self._db.transaction() as db:
            _insert(db, records, None)
            return [
                replace(
                    change, id=db.execute(rows.INSERT_CHANGE, rows.change_row(change, run, base)).lastrowid
                )
                for change in changes
            ]

    def latest_run(self) -> int:
        """The number of the latest run whose writes or decisions still hold; 0 without one."""
        latest = "SELECT coalesce(max(run), 0) AS run FROM change WHERE state = ?"
        return max(int(self._db.rows(latest, State.DONE)[0]["run"]), self.reviews.latest_run())

    def written(self) -> Iterator[tuple[str, int]]:
        """The photos (paths) that changes hold for, with the number of each change, newest first."""
        found = self._newest("SELECT id, path FROM change ", State.DONE, 0)
        return ((os.fsdecode(row["path"]), row["id"]) for row in found)

    def change(self, number: int) -> Change:
        """A change by its number."""
        (row,) = self._db.rows("SELECT * FROM change WHERE id = ?", number)
        return rows.change_value(row, self.base)

    def changes(self, state: State, *, since: int = 0) -> Iterator[Change]:
        """Changes that got as far as `state`, newest first, in bounded memory, of runs from the number
        `since` on.
        """
        base = self.base
        return (rows.change_value(row, base) for row in self._newest("SELECT * FROM change ", state, since))

    def _newest(self, select: str, state: State, since: int) -> Iterator[sqlite3.Row]:
        before = 1 << 62
        where = "WHERE state = ? AND id < ? AND run >= ? ORDER BY id DESC LIMIT ?"
        while found := self._db.rows(select + where, state, before, since, _CHUNK):
            yield from found
            before = found[-1]["id"]


def _insert(db: sqlite3.Connection, records: Iterable[Record], policy: int | None) -> None:
    db.execute(rows.OUTDATE)
    values = [rows.photo_row(record, policy) for record in records]
    models = {value["model"] for value in values if value["model"]}
    db.executemany("INSERT OR IGNORE INTO model (name) VALUES (?)", [(model,) for model in sorted(models)])
    db.executemany(rows.INSERT_PHOTO, values)


def _ourselves() -> str:
    return f"process {os.getpid()} on {platform.node()}, since {_now()}"


def _now(precision: str = "seconds") -> str:
    return datetime.now(UTC).isoformat(timespec=precision)
