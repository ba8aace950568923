"""One run at a time for an output folder; the second hears who holds it. Nobody else knows filelock."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import filelock

from geotag.errors import OutputError


def hold(output: str, journal: str) -> filelock.BaseFileLock:
    """Hold an output folder until `release()`.

    Raises OutputError when another run holds it (the `journal` file tells which one) or it cannot be written.
    """
    lock = filelock.FileLock(os.path.join(output, ".lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise OutputError(f"{output}: held by {_holder(journal)}; wait until it ends") from None
    except OSError as error:
        raise unwritable(output, error) from error
    return lock


def unwritable(output: str, error: OSError) -> OutputError:
    """What to say of an output folder that cannot be written."""
    return OutputError(f"{output}: {error.strerror}; choose another folder with --output DIR")


def _holder(journal: str) -> str:
    try:
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'holder'").fetchone()
    except sqlite3.Error:
        row = None
    return f"another run ({row[0]})" if row else "another run"


def missing(output: str, name: str) -> OutputError:
    """The error for a folder that is no output folder, as its journal `name` is not there or has no bytes:
    who names the archive itself means the folder beside it.
    """
    if os.path.isfile(os.path.join(output, name)):
        return OutputError(f"{os.path.join(output, name)}: is empty; restore it from a backup")
    beside = f"{os.path.abspath(output)}.geotag"
    meant = f", perhaps {beside}" if os.path.isfile(os.path.join(beside, name)) else ""
    return OutputError(f"{output}: no {name} here; name the output folder of a run{meant}")
