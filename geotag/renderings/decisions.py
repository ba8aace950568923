"""Files of decisions that a person made about photos, as the map saves them: JSON or CSV, in UTF-8.

JSON: an object with `geotag_decisions` (1), `archive` (the journal's identity), `reviewer` and `decisions`, a
list of objects with `path`, `shown`, `decision`, `when` and, with "correct", `latitude`, `longitude` and
`error_km`. CSV: the same names as columns, one line a photo, commas, semicolons or tabs between them.

A file comes from another program or another person: it is taken whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from geotag.errors import UsageError
from geotag.renderings.manifest import FORMULA
from geotag.review import Verdict
from geotag.types import Location

VERSION = 1
MOST_BYTES = 1 << 26

_LONGEST_NAME = 200
_MOST_KM = 20_100
_HUGE = 1e300
_PLACE = ("latitude", "longitude", "error_km")
_COLUMNS = ("path", "shown", "decision", "when", "reviewer", "archive")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about the photo at `path` (as in the manifest), who and when (ISO 8601), and the
    fingerprint `shown` of what they saw.

    `location` and `error_km` (km) are there where the verdict is to correct.
    """

    path: str
    shown: str
    verdict: Verdict
    reviewer: str
    when: str
    location: Location | None = None
    error_km: float | None = None


class _WrongError(Exception):
    """What is wrong with a file, without its name."""


def load(path: str, archive: str) -> tuple[Decision, ...]:
    """The decisions in a file that were made for the journal of the identity `archive`.

    Raises UsageError, with the one reason, when the file cannot be read, is not by the format, or was made
    for another journal.
    """
    try:
        return _load(path, archive)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except _WrongError as error:
        raise UsageError(f"{path}: {error}; nothing was applied") from error


def _load(path: str, archive: str) -> tuple[Decision, ...]:
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _WrongError(f"is larger than {MOST_BYTES >> 20} MiB: not a file of decisions")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _WrongError("is not text in UTF-8; save it again with that encoding") from None
    read = _json if text.lstrip()[:1] in ("{", "[") else _csv
    found: dict[str, Decision] = {}
    for where, said in read(text):
        try:
            decision = _decision(said, archive)
            if decision.path in found:
                raise _WrongError("is decided about twice; leave one of the two")
        except _WrongError as error:
            raise _WrongError(f"{where}{_named(said)}: {error}") from None
        found[decision.path] = decision
    return tuple(found.values())


def _named(said: dict[str, Any]) -> str:
    path = said.get("path")
    return f" ({path!a:.120})" if isinstance(path, str) and path else ""


def _json(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The decisions in JSON, each with where it stands, and with the reviewer and the archive of them all."""
    try:
        given = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise _WrongError("is nested too deep: not a file of decisions") from None
    except ValueError as error:
        raise _WrongError(f"is no JSON: {error}") from None
    if not isinstance(given, dict) or given.get("geotag_decisions") != VERSION:
        raise _WrongError(f'is no file of decisions that this geotag reads ("geotag_decisions": {VERSION})')
    listed = given.get("decisions")
    if not isinstance(listed, list):
        raise _WrongError('its "decisions" are not a list')
    common = {name: given.get(name) for name in ("reviewer", "archive")}
    _checked_head(common)
    for number, said in enumerate(listed, 1):
        if not isinstance(said, dict):
            raise _WrongError(f"decision {number} is not an object")
        yield f"decision {number}", {**said, **common}


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _checked_head(common: dict[str, Any]) -> None:
    """Say what is wrong with the head of a file even where it holds no decision."""
    for name in common:
        _text(common, name)


def _csv(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The decisions in CSV, each with its line; an empty cell is as good as none."""
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=head.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
        if missing:
            raise _WrongError(f"is neither JSON nor a CSV file with the column {missing[0]!r}")
        for row in table:
            cells = {name: _cell(name, cell) for name, cell in row.items() if name and cell}
            if cells:
                yield f"line {table.line_num}", cells
    except csv.Error as error:
        raise _WrongError(f"line {table.line_num} is no CSV: {error}") from None


def _cell(name: str, cell: str) -> str | float:
    """A cell as JSON would have it; what should be a number and is none stays a text.

    What a spreadsheet would run has an apostrophe before it; of a path only the journal can tell.
    """
    if name == "reviewer" and cell[0] == "'" and cell[1:].startswith(FORMULA):
        return cell[1:]
    with suppress(ValueError):
        return float(cell) if name in _PLACE and "_" not in cell else cell
    return cell


def _decision(said: dict[str, Any], archive: str) -> Decision:
    if _text(said, "archive") != archive:
        raise _WrongError(
            "was made for another output folder; name the OUTPUT whose map it was made in"
            f" (archive {said['archive']!a:.40}, this one is {archive})"
        )
    path, shown, verdict = _text(said, "path"), _text(said, "shown"), _text(said, "decision")
    if verdict not in set(Verdict):
        raise _WrongError(f"decision {verdict!a:.40} is none of {', '.join(Verdict)}")
    reviewer = _text(said, "reviewer").strip()
    if not reviewer:
        raise _WrongError("reviewer is empty: who decided?")
    if len(reviewer) > _LONGEST_NAME or not reviewer.isprintable():
        raise _WrongError(
            f"reviewer is no name: over {_LONGEST_NAME} characters, or some that cannot be shown"
        )
    location, error_km = None, None
    if verdict == Verdict.CORRECT:
        location, error_km = _place(said)
    elif unwanted := next((name for name in _PLACE if said.get(name) is not None), ""):
        raise _WrongError(f"{unwanted} has no meaning with {verdict!r}, only with 'correct'")
    return Decision(path, shown, Verdict(verdict), reviewer, _when(said), location, error_km)


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        raise _WrongError(f"{name} is missing")
    if not isinstance(value, str):
        raise _WrongError(f"{name} is no text")
    if not value.strip():
        raise _WrongError(f"{name} is empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _WrongError(f"{name} holds half a character") from None
    if "\0" in value:
        raise _WrongError(f"{name} holds a zero byte")
    return value


def _place(said: dict[str, Any]) -> tuple[Location, float]:
    lat, lon, error_km = (_number(said, name) for name in _PLACE)
    try:
        location = Location(lat, lon)
    except ValueError as error:
        raise _WrongError(str(error)) from None
    if not 0 < error_km <= _MOST_KM:
        raise _WrongError(f"error_km {error_km:g} is not between 0 and {_MOST_KM:,} km")
    return location, error_km


def _number(said: dict[str, Any], name: str) -> float:
    value = said.get(name)
    if value is None:
        raise _WrongError(f"{name} is missing")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE:
        return float(value)
    raise _WrongError(f"{name} {value!a:.40} is no number")


def _when(said: dict[str, Any]) -> str:
    text = _text(said, "when")
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise _WrongError(f"when {text!a:.40} is no time with a zone, such as 2026-05-04T03:02:01Z")
    return when.isoformat(timespec="seconds")
