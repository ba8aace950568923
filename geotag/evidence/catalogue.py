"""The catalogue of an archive, a CSV file (RFC 4180): what its rows say about photographs, by path or name.

A row belongs to the photograph its `path` names (relative to the archive, `/` between folders), or, where it
gives no path, to every photograph with the name in `filename`, however it is spelt in capitals. All rows that
fit a photograph speak for it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TextIO

from geotag.errors import OutputError, UsageError
from geotag.renderings.manifest import COLUMNS, FORMULA, readable
from geotag.texts import Origin, Text

_PATH, _FILENAME = "path", "filename"
_PLACE = ("place", "location", "city", "county", "state", "country")
"""The columns that are place fields, the smallest area first, as a place is written."""

_OURS = "manifest"
"""What every column of our own manifest but its path is called here: a guess must not confirm itself."""

_SEPARATORS = ",;\t"
_LONGEST = 4000

# A name that a whole archive shares (001.jpg in every box) would cost every photograph every box.
_MOST_ROWS = 40

_Row = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What the catalogue says about one photograph, and a digest of it, "" where it says nothing."""

    texts: tuple[Text, ...] = ()
    digest: str = ""


class Catalogue:
    """A catalogue that was read; calls may come from any thread.

    `sha256` is its file's, "" without one; `rows` counts those that name a photograph and say something.
    """

    def __init__(self, db: sqlite3.Connection, sha256: str) -> None:
        self._db, self.sha256, self._gate = db, sha256, threading.Lock()
        self.rows: int = db.execute("SELECT count(*) FROM said").fetchone()[0]

    def said(self, path: str) -> Said:
        """What the rows for a photograph say, in the order of the file; the first 40 where there are more.

        `path` is relative to the archive.
        """
        keys = _path_key(readable(path)), _name_key(readable(os.path.basename(path)))
        query = "SELECT texts FROM said WHERE key IN (?, ?) ORDER BY rowid LIMIT ?"
        with self._gate:
            found = [row[0] for row in self._db.execute(query, (*keys, _MOST_ROWS)).fetchall()]
        if not found:
            return Said()
        texts = (Text(Origin(origin), text) for row in found for origin, text in json.loads(row))
        return Said(tuple(dict.fromkeys(texts)), hashlib.sha256("\n".join(found).encode()).hexdigest()[:16])


@contextmanager
def opened(path: str | None) -> Iterator[Catalogue]:
    """The catalogue at `path`, or one that says nothing.

    Raises UsageError when the file cannot be read, is no UTF-8 or has none of the columns that join it, and
    OutputError when there is no room for it in the folder for temporary files.
    """
    # SQLite keeps a database without a name in a little memory and, when it grows, in a temporary file that
    # is gone with us: a million rows cost no memory.
    with closing(sqlite3.connect("", check_same_thread=False)) as db:
        db.execute("CREATE TABLE said (key TEXT NOT NULL, texts TEXT NOT NULL)")
        yield Catalogue(db, "" if path is None else _fill(db, path))


def _fill(db: sqlite3.Connection, path: str) -> str:
    """Read a catalogue into the table, and return its SHA-256."""
    try:
        with open(path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            db.executemany("INSERT INTO said VALUES (?, ?)", _entries(path, text))
        db.execute("CREATE INDEX by_key ON said (key)")
        db.commit()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{path}: the catalogue cannot be read: {reason}; check the spelling, or whether the disk is "
            "mounted"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: {_undecodable(path)} is no UTF-8; save it as CSV in UTF-8") from error
    except sqlite3.Error as error:
        raise OutputError(
            f"{path}: no room for the catalogue in the folder for temporary files: {error}; make room there, "
            "or name another folder in TMPDIR"
        ) from error
    return sha256


def _undecodable(path: str) -> str:
    """Where a file stops being UTF-8: the line and the byte, in words."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"byte 0x{line[error.start]:02x} in line {number:,}"
    return "what it held a moment ago"


def _entries(path: str, text: TextIO) -> Iterator[tuple[str, str]]:
    """The key and the texts, as JSON, of each row that names a photograph and says something."""
    header = text.readline()
    columns, separator = _header(path, header)
    if set(COLUMNS) <= set(columns):
        columns = [_OURS if name in COLUMNS and name != _PATH else name for name in columns]
    reader = csv.reader(chain([header], text), delimiter=separator)
    try:
        next(reader)
        for cells in reader:
            row = list(zip_longest(columns, map(_unprotected, cells), fillvalue=""))
            key, texts = _key(row), _texts(row)
            if key and texts:
                yield key, json.dumps([(text.origin, text.text) for text in texts])
    except csv.Error as error:
        raise UsageError(
            f"{path}: line {reader.line_num:,}: {error}; is a quotation mark not closed there or before?"
        ) from error


def _header(path: str, line: str) -> tuple[list[str], str]:
    """The columns that a first line names, in small letters, and what separates them."""
    splits = [
        ([_unprotected(name).strip().casefold() for name in line_columns], separator)
        for separator in _SEPARATORS
        for line_columns in csv.reader([line[: csv.field_size_limit()]], delimiter=separator)
    ]
    # Commas first: of equally many columns the first split is taken.
    joining = [split for split in splits if {_PATH, _FILENAME} & set(split[0])]
    if joining:
        return max(joining, key=lambda split: len(split[0]))
    seen = max((columns for columns, _ in splits), key=len, default=[])
    shown = ", ".join(column for column in seen if column)[:200]
    raise UsageError(
        f"{path}: its first line has neither a column path nor filename, but {shown or 'nothing'}; name the "
        "column with paths relative to the archive `path`, or the one with bare names of files `filename`"
    )


def _unprotected(cell: str) -> str:
    """A cell without the apostrophe that the manifest puts before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _key(row: _Row) -> str:
    """What a row is found by; "" where it names no photograph."""
    path = _cell(row, _PATH)
    name = _cell(row, _FILENAME)
    return _path_key(path) if path else _name_key(name) if name else ""


def _cell(row: _Row, column: str) -> str:
    return next((cell.strip() for name, cell in row if name == column), "")


# Names of files come decomposed from some systems and composed from most catalogues (Unicode Annex 15).
def _path_key(path: str) -> str:
    return "path " + unicodedata.normalize("NFC", path.strip().removeprefix("./"))


def _name_key(name: str) -> str:
    return "filename " + unicodedata.normalize("NFC", name.strip().casefold())


def _texts(row: _Row) -> list[Text]:
    """What a row says: its place fields in one, then the words of every other column."""
    parts = (" ".join(_words(cell).split()).strip(" ,;") for cell in _by_area(row))
    place = ", ".join(dict.fromkeys(part for part in parts if part))
    others = (_words(cell) for name, cell in row if name not in (_PATH, _FILENAME, _OURS, *_PLACE))
    captions = [Text(Origin.CAPTION, words) for words in dict.fromkeys(others) if words]
    return [Text(Origin.FIELD, place), *captions] if place else captions


def _by_area(row: _Row) -> Iterable[str]:
    return (cell for column in _PLACE for name, cell in row if name == column)


def _words(cell: str) -> str:
    """A cell as one readable text, line by line; "" where it holds no word."""
    tidy = "\n".join(map(_line, cell[:_LONGEST].split("\n"))).strip()
    return tidy if any(map(str.isalpha, tidy)) else ""


def _line(text: str) -> str:
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())
