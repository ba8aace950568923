"""The journal's file: opened, read and changed by whole transactions, from any thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from geotag.errors import OutputError


class Database:
    """An SQLite file with `schema`, of `version`; made where it is not there.

    Raises OutputError when it is of another version or no database, or when the disk says no, then and later.
    """

    def __init__(self, path: str, version: int, schema: str) -> None:
        self._path = path
        self._gate = threading.RLock()
        db = None
        try:
            db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            # An intent must be on the disk before the file it speaks of is replaced.
            db.execute("PRAGMA synchronous = FULL")
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found == 0:
                db.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
            elif found != version:
                raise sqlite3.DatabaseError("made by another version of geotag")
        except sqlite3.Error as error:
            if db is not None:
                db.close()
            raise OutputError(
                f"{path}: {error}; mend the disk or make room, restore the file from a backup, "
                "or choose another folder with --output DIR"
            ) from error
        self._db = db

    def close(self) -> None:
        """Let go of the file."""
        with self._gate:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done with the connection is committed at the end, or none of it."""
        with self._gate:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise self._trouble(error) from error
                raise

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """What a query finds."""
        with self._gate:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise self._trouble(error) from error

    def noted(self, key: str) -> str:
        """What the table `meta` says of something; empty where it does not."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return str(found[0]["value"]) if found else ""

    def _trouble(self, error: sqlite3.Error) -> OutputError:
        hint = "make room or mend the disk, then run the same command again"
        return OutputError(f"{self._path}: {error}; {hint}")
