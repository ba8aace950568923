"""The index of alike pictures: a unit vector for each photo, kept in two files of an output folder.

`similar.sqlite` says which photo has which row, `similar.vectors` holds the rows: a float32 scale and an int8
for each dimension. A photo that changed gets a new row; rows that nobody owns any more go when they are many.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from geotag.errors import OutputError
from geotag.types import Photo

NAMES = ("similar.sqlite", "similar.vectors")
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE photo (path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
                    place INTEGER NOT NULL) WITHOUT ROWID;
"""
_STEPS = 127
# So many vectors at a time, as float32, stay in a processor's second cache.
_BLOCK = 256
_WORN = 0.25

Vectors = NDArray[np.float32]


class Index:
    """The vectors of an archive by one model; a context manager.

    Raises OutputError when the files cannot be read or written. An index made with another model, or one that
    lost its vectors, begins anew.
    """

    def __init__(self, output: str, model: str, dimensions: int) -> None:
        self._names = [os.path.join(output, name) for name in NAMES]
        self._row = np.dtype([("scale", "<f4"), ("steps", "i1", (dimensions,))])
        try:
            os.makedirs(output, exist_ok=True)
            self._db = sqlite3.connect(self._names[0])
            if not self._fits(model):
                self._begin(model)
        except (sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def _fits(self, model: str) -> bool:
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'photo'").fetchone():
            return False
        made = self._db.execute("SELECT value FROM meta WHERE key = 'model'").fetchone()
        highest = self._db.execute("SELECT max(place) + 1 FROM photo").fetchone()[0] or 0
        return made == (model,) and self._rows_on_disk() >= highest

    def _begin(self, model: str) -> None:
        self._db.executescript("DROP TABLE IF EXISTS meta; DROP TABLE IF EXISTS photo;" + _SCHEMA)
        self._db.execute("INSERT INTO meta VALUES ('model', ?)", (model,))
        self._db.commit()
        with open(self._names[1], "wb"):
            pass

    def _trouble(self, error: Exception) -> OutputError:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        return OutputError(f"{self._names[0]}: {reason}; make room, or delete the index: it is made again")

    def _rows_on_disk(self) -> int:
        try:
            return os.path.getsize(self._names[1]) // self._row.itemsize
        except FileNotFoundError:
            return 0

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM photo").fetchone()[0])

    def missing(self, photos: Iterable[Photo]) -> list[Photo]:
        """Which photos the index does not know as they are now; it forgets those that are not among them."""
        found = self._db.execute("SELECT path, size, mtime_ns FROM photo")
        known = {path: (size, mtime) for path, size, mtime in found}
        new = [
            photo
            for photo in photos
            if known.pop(os.fsencode(photo.path), None) != (photo.size, photo.mtime_ns)
        ]
        self._db.executemany("DELETE FROM photo WHERE path = ?", [(path,) for path in known])
        self._db.commit()
        return new

    def add(self, photos: Sequence[Photo], vectors: Vectors) -> None:
        """Keep the unit vectors of photos, float32 [n, dimensions]: first the rows, then who owns them."""
        rows = np.zeros(len(photos), self._row)
        largest = np.abs(vectors).max(axis=1).clip(min=1e-9)
        rows["scale"] = largest / _STEPS
        rows["steps"] = np.round(vectors / largest[:, None] * _STEPS)
        try:
            at = self._rows_on_disk()
            with open(self._names[1], "r+b") as file:
                # What a kill left half written at the end gives way.
                file.seek(at * self._row.itemsize)
                file.write(rows.tobytes())
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            owners = [
                (os.fsencode(photo.path), photo.size, photo.mtime_ns, at + number)
                for number, photo in enumerate(photos)
            ]
            self._db.executemany("INSERT OR REPLACE INTO photo VALUES (?, ?, ?, ?)", owners)
            self._db.commit()
        except (sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error

    def tidy(self) -> None:
        """Write the vectors anew without the rows that nobody owns, when those are many."""
        owned = self._db.execute("SELECT path, place FROM photo ORDER BY place").fetchall()
        if len(owned) >= (1 - _WORN) * self._rows_on_disk():
            return
        rows = self._rows()
        kept = rows[[place for _, place in owned]] if owned else rows[:0]
        try:
            # Between the two files a kill leaves places that lie beyond the rows: the index begins anew.
            self._db.execute("UPDATE photo SET place = place + ?", (len(rows),))
            self._db.commit()
            with open(self._names[1] + ".new", "wb") as file:
                file.write(kept.tobytes())
                file.flush()
                os.fsync(file.fileno())
            os.replace(self._names[1] + ".new", self._names[1])
            places = [(number, path) for number, (path, _) in enumerate(owned)]
            self._db.executemany("UPDATE photo SET place = ? WHERE path = ?", places)
            self._db.commit()
        except (sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error

    def _rows(self) -> NDArray[np.void]:
        count = self._rows_on_disk()
        if not count:
            return np.zeros(0, self._row)
        return np.memmap(self._names[1], self._row, "r", shape=(count,))

    def nearest(self, vector: Vectors, most: int) -> list[tuple[str, float]]:
        """The photos most alike to a unit vector, float32 [dimensions]: relative paths and cosines, the best
        first. Every vector is compared: no approximation.
        """
        owners = self._db.execute("SELECT place, path FROM photo").fetchall()
        if not owners:
            return []
        rows = self._rows()
        cosines = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            cosines[start : start + _BLOCK] = block["steps"].astype(np.float32) @ vector * block["scale"]
        places = np.array([place for place, _ in owners])
        own = cosines[places]
        best = np.argsort(-own, kind="stable")[:most]
        return [(os.fsdecode(owners[number][1]), float(own[number])) for number in best]
