"""The decisions of people about photos, as the journal keeps them: of several about one the latest counts.

Each belongs to the run (an `apply` is one) that brought it, so that it can be taken back with what that run
wrote. Paths are relative to the archive, with undecodable bytes as surrogates.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from geotag.memory import rows
from geotag.memory.database import Database
from geotag.review import Review, Verdict
from geotag.types import Location


class Reviews:
    """The decisions in a journal's file."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def latest_run(self) -> int:
        """The number of the latest run that brought a decision; 0 without one."""
        return int(self._db.rows("SELECT coalesce(max(run), 0) AS run FROM review")[0]["run"])

    def paths(self, since: int = 0) -> list[str]:
        """The photos that were decided about in runs from the number `since` on."""
        found = self._db.rows("SELECT DISTINCT photo FROM review WHERE run >= ? ORDER BY photo", since)
        return [os.fsdecode(row["photo"]) for row in found]

    def between(self, first: bytes, last: bytes) -> dict[bytes, Review]:
        """The decisions that count about the photos from one path to another, by path as bytes."""
        found = self._db.rows("SELECT * FROM review WHERE photo BETWEEN ? AND ? ORDER BY id", first, last)
        return {row["photo"]: rows.review_value(row) for row in found}

    def forget(self, paths: Iterable[str], since: int = 0) -> None:
        """Commit that decisions brought by runs from the number `since` on are taken back, whose photos are
        not finished any more.
        """
        with self._db.transaction() as db:
            photos = [os.fsencode(path) for path in paths]
            db.executemany(
                "DELETE FROM review WHERE photo = ? AND run >= ?", [(photo, since) for photo in photos]
            )
            db.executemany(rows.REOPEN, [(photo,) for photo in photos])
            db.execute(rows.OUTDATE)

    def places(self, km: float) -> dict[str, Location | None]:
        """Where people say that photos were taken, by path, as exactly as `km`; None for all others that they
        decided about.
        """
        found = self._db.rows(
            "SELECT photo, verdict, lat, lon, error_km FROM review "
            "WHERE id IN (SELECT max(id) FROM review GROUP BY photo)"
        )
        return {
            os.fsdecode(row["photo"]): Location(row["lat"], row["lon"])
            if row["verdict"] != Verdict.REJECT and (row["error_km"] or 0.0) <= km
            else None
            for row in found
        }
