"""Photos found gone, or back again, on their way to the journal."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable

CHUNK = 2000

Gone = list[tuple[bool, bytes]]
"""Whether a photo is gone, and its path relative to the archive."""


class Marks:
    """Gathers what a scan missed or met again; `note` keeps a chunk of it, `is_gone` looks at a path."""

    def __init__(self, note: Callable[[Gone], None], is_gone: Callable[[str], bool]) -> None:
        self._note, self._is_gone = note, is_gone
        self._gone: Gone = []

    def missed(self, row: sqlite3.Row) -> None:
        """A known photo that the scan did not meet: gone if there is no such file any more."""
        if not row["gone"] and self._is_gone(os.fsdecode(row["path"])):
            self.add(row["path"], gone=True)

    def add(self, path: bytes, *, gone: bool) -> None:
        """Gather one photo."""
        self._gone.append((gone, path))
        if len(self._gone) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Hand over what is left."""
        if self._gone:
            self._note(self._gone)
            self._gone = []
