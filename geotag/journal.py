"""The run's memory: one SQLite file that says what is known, what was written and how to take it back.

A change is committed here before any file is replaced, so whatever moment the power fails, the journal can
tell which side of the replacement a file is on.
"""

from __future__ import annotations

import os
import platform
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from geotag import __version__, lock, rows
from geotag.changes import Change, State
from geotag.coarsen import coarsened
from geotag.database import Database
from geotag.errors import OutputError
from geotag.marks import Marks
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
        self._run: int | None = None
        self._opening = secrets.token_hex(3)
        self._folders: dict[str, bool] = {}
        self._unswept: set[str] = set()
        if create:
            try:
                os.makedirs(output, exist_ok=True)
            except OSError as error:
                raise lock.unwritable(output, error) from error
        elif not os.path.isfile(self._path):
            raise OutputError(f"{output}: no {FILE_NAME} here; name the output folder of a `geotag run`")
        with ExitStack() as opened:
            opened.callback(lock.hold(output, self._path).release)
            # A journal has a name from its first moment on.
            named = f"INSERT INTO meta VALUES ('identity', '{secrets.token_hex(6)}');"  # noqa: S608
            self._db = Database(self._path, rows.VERSION, rows.SCHEMA + named)
            opened.callback(self._db.close)
            with self._db.transaction() as db:
                db.execute("INSERT OR REPLACE INTO meta VALUES ('holder', ?)", (_ourselves(),))
            self._opened = opened.pop_all()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._forget_folders()
        finally:
            self._opened.close()

    @property
    def mark(self) -> str:
        """What our temporary files carry in their names: the journal's identity, and this opening's."""
        return f"{self.identity}-{self._opening}"

    @property
    def identity(self) -> str:
        """The journal's name, hexadecimal digits: no other has it."""
        return str(self._db.rows("SELECT value FROM meta WHERE key = 'identity'")[0]["value"])

    @property
    def base(self) -> str:
        """The folder that photo paths are relative to; empty before the first run."""
        found = self._db.rows("SELECT value FROM meta WHERE key = 'base'")
        return os.fsdecode(bytes.fromhex(found[0]["value"])) if found else ""

    @property
    def coarse_km(self) -> float:
        """How coarse positions have to be before they leave this journal, in km; 0 as they are."""
        found = self._db.rows("SELECT value FROM meta WHERE key = 'coarse_km'")
        return float(found[0]["value"]) if found else 0.0

    def begin(self, base: str, coarse_km: float = 0.0) -> None:
        """Note that a run starts on the archive at `base`, and how coarse `records` are to be from now on.

        Raises OutputError when the journal belongs to another archive that still exists, or lies in a bucket.
        """
        known = self.base
        if known and known != base and ("://" in known or os.path.exists(known)):
            raise OutputError(f"{self.output}: belongs to {known}; choose another folder with --output DIR")
        changed = coarse_km != self.coarse_km
        with self._db.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('base', ?)", (os.fsencode(base).hex(),))
            if changed:
                _outdate(db)
                db.execute("INSERT OR REPLACE INTO meta VALUES ('coarse_km', ?)", (str(coarse_km),))
            self._run = db.execute(
                "INSERT INTO run (started, host, pid, version) VALUES (?, ?, ?, ?)",
                (_now(), platform.node(), os.getpid(), __version__),
            ).lastrowid

    def finish(self) -> None:
        """Note that the run came to its end."""
        with self._db.transaction() as db:
            db.execute("UPDATE run SET finished = ? WHERE id = ?", (_now(), self._run))

    def records(self) -> Iterator[Record]:
        """Every photo that the latest scan found, in path order, in bounded memory, as coarse as the latest
        run asked for: whatever is rendered from a journal comes from here. What lies beneath the answers
        (positions in files, predictions, words, neighbours) stays in the journal.
        """
        km, found = self.coarse_km, self._photos(rows.SELECT_ANSWER)
        return (coarsened(rows.answer_record(row), km) for row in found if not row["gone"])

    def record(self, path: str) -> Record | None:
        """What is known of the photo at a relative path."""
        found = self._db.rows(rows.SELECT_PHOTO + "WHERE path = ?", os.fsencode(path))
        return rows.photo_record(found[0]) if found else None

    def _photos(self, select: str) -> Iterator[sqlite3.Row]:
        after = b""
        while True:
            found = self._db.rows(select + "WHERE path > ? ORDER BY path LIMIT ?", after, _CHUNK)
            yield from found
            if len(found) < _CHUNK:
                return
            after = found[-1]["path"]

    def match(
        self, photos: Iterable[Photo], policy: int | None = None, *, gone: Callable[[str], bool]
    ) -> Iterator[tuple[Photo, Record | None, bool]]:
        """Each scanned photo beside what is known of its path, and whether it is finished under `policy`.

        Both come in path order, like a zip fastener; of a finished photo the record is left out, since making
        it is most of what a second run would do. Known photos that the scan did not meet are marked gone
        where `gone(path)` says so.
        """
        known = self._photos(rows.SELECT_SEEN)
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
            _outdate(db)
            db.executemany("UPDATE photo SET gone = ? WHERE path = ?", gone)

    def settle(
        self, records: Iterable[Record], changes: Iterable[Change] = (), policy: int | None = None
    ) -> None:
        """Commit records, which are finished under `policy`, and how far changes got, in one transaction."""
        with self._db.transaction() as db:
            db.executemany(
                "UPDATE change SET state = ? WHERE id = ?", [(change.state, change.id) for change in changes]
            )
            _insert(db, records, policy)

    def note_finished(self, paths: Sequence[str], policy: int | None) -> None:
        """Commit that photos turned out to be finished under another policy too."""
        if paths:
            with self._db.transaction() as db:
                marks = [(policy, os.fsencode(path)) for path in paths]
                db.executemany("UPDATE photo SET policy = ? WHERE path = ?", marks)

    def tally(self) -> dict[tuple[Status, Written], int]:
        """How many photos have which status and were written where."""
        found = self._db.rows("SELECT status, written, COUNT(*) AS n FROM photo WHERE NOT gone GROUP BY 1, 2")
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
        base, run = self.base, self._run or 0
        with self._db.transaction() as db:
            _insert(db, records, None)
            return [
                replace(
                    change, id=db.execute(rows.INSERT_CHANGE, rows.change_row(change, run, base)).lastrowid
                )
                for change in changes
            ]

    def changes(self, state: State, *, last: bool = False) -> Iterator[Change]:
        """Changes that got as far as `state`, newest first, in bounded memory; with `last` only those of the
        latest run that has any.
        """
        before, base, since = 1 << 62, self.base, 0
        if last:
            latest = "SELECT coalesce(max(run), 0) AS run FROM change WHERE state = ?"
            since = self._db.rows(latest, state)[0]["run"]
        while True:
            query = "SELECT * FROM change WHERE state = ? AND id < ? AND run >= ? ORDER BY id DESC LIMIT ?"
            found = self._db.rows(query, state, before, since, _CHUNK)
            yield from (rows.change_value(row, base) for row in found)
            if len(found) < _CHUNK:
                return
            before = found[-1]["id"]

    def remember_folders(self, folders: Iterable[str]) -> None:
        """Commit where temporary files are about to lie: if we are killed, the next opening sweeps there."""
        if new := set(folders) - self._folders.keys():
            with self._db.transaction() as db:
                db.executemany("INSERT OR IGNORE INTO folder VALUES (?)", self._stored(new))
            self._folders |= {folder: os.path.isdir(folder) for folder in new}

    def keep_folders(self, folders: Iterable[str]) -> None:
        """Have the next opening sweep there too, however well this one ends."""
        self._unswept.update(folders)

    def folders(self) -> list[str]:
        """Where openings that were killed may have left temporary files; forgotten if this one ends well."""
        base = self.base
        found = [
            os.path.join(base, os.fsdecode(row["path"])) for row in self._db.rows("SELECT * FROM folder")
        ]
        self._folders |= dict.fromkeys(found, True)
        return found

    def _forget_folders(self) -> None:
        # One that was here and is gone (moved, not mounted) may come back with what lies in it.
        gone = (folder for folder, here in self._folders.items() if here and not os.path.isdir(folder))
        clean = self._folders.keys() - self._unswept - set(gone)
        with self._db.transaction() as db:
            db.executemany("DELETE FROM folder WHERE path = ?", self._stored(clean))

    def _stored(self, folders: Iterable[str]) -> list[tuple[bytes]]:
        base = self.base
        return [(rows.stored(os.path.join(folder, ""), base),) for folder in folders]


def _outdate(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM meta WHERE key = 'rendered'")


def _insert(db: sqlite3.Connection, records: Iterable[Record], policy: int | None) -> None:
    _outdate(db)
    values = [rows.photo_row(record, policy) for record in records]
    models = {value["model"] for value in values if value["model"]}
    db.executemany("INSERT OR IGNORE INTO model (name) VALUES (?)", [(model,) for model in sorted(models)])
    db.executemany(rows.INSERT_PHOTO, values)


def _ourselves() -> str:
    return f"process {os.getpid()} on {platform.node()}, since {_now()}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
