"""Folders in which temporary files of ours may lie, as the journal keeps them for those who come later."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from geotag.memory import rows
from geotag.memory.database import Database


class Workplaces:
    """The folders in a journal's file; `base` gives the folder that those below it are kept relative to."""

    def __init__(self, db: Database, base: Callable[[], str]) -> None:
        self._db, self._base = db, base
        self._known: dict[str, bool] = {}
        self._unswept: set[str] = set()

    def remember(self, folders: Iterable[str]) -> None:
        """Commit where temporary files are about to lie: if we are killed, the next opening sweeps there."""
        if new := set(folders) - self._known.keys():
            with self._db.transaction() as db:
                db.executemany("INSERT OR IGNORE INTO folder VALUES (?)", self._stored(new))
            self._known |= {folder: os.path.isdir(folder) for folder in new}

    def keep(self, folders: Iterable[str]) -> None:
        """Have the next opening sweep there too, however well this one ends."""
        self._unswept.update(folders)

    def known(self) -> list[str]:
        """Where openings that were killed may have left temporary files; forgotten if this one ends well."""
        base, found = self._base(), self._db.rows("SELECT * FROM folder")
        folders = [os.path.join(base, os.fsdecode(row["path"])) for row in found]
        self._known |= dict.fromkeys(folders, True)
        return folders

    def forget(self) -> None:
        """Commit that all is swept, but for what is to be kept."""
        # One that was here and is gone (moved, not mounted) may come back with what lies in it.
        gone = (folder for folder, here in self._known.items() if here and not os.path.isdir(folder))
        clean = self._known.keys() - self._unswept - set(gone)
        with self._db.transaction() as db:
            db.executemany("DELETE FROM folder WHERE path = ?", self._stored(clean))

    def _stored(self, folders: Iterable[str]) -> list[tuple[bytes]]:
        base = self._base()
        return [(rows.stored(os.path.join(folder, ""), base),) for folder in folders]
