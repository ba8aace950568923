"""Records and changes as rows of the journal, and back: the schema and nothing else."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
from base64 import b85decode, b85encode
from dataclasses import asdict, replace
from typing import Any

from geotag.changes import Change, State
from geotag.evidence.packed import pack as pack_regions
from geotag.evidence.packed import unpack as unpack_regions
from geotag.review import Review, Verdict
from geotag.texts import Answer, Candidate, line
from geotag.types import (
    Hint,
    Location,
    Patch,
    Photo,
    Position,
    Prediction,
    Record,
    Source,
    Splice,
    Status,
    Voice,
    Written,
)

VERSION = 6
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE run (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, host TEXT NOT NULL, pid INTEGER NOT NULL,
    version TEXT NOT NULL
);
CREATE TABLE model (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE photo (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    camera_lat REAL, camera_lon REAL, machine TEXT,
    prediction_lat REAL, prediction_lon REAL, prediction_km REAL, regions BLOB, voices TEXT,
    words TEXT, neighbours TEXT,
    lat REAL, lon REAL, error_km REAL, source TEXT,
    place TEXT NOT NULL, country TEXT NOT NULL, evidence TEXT NOT NULL, hints TEXT NOT NULL,
    status TEXT NOT NULL, written TEXT NOT NULL, model_id INTEGER REFERENCES model (id),
    message TEXT NOT NULL, policy INTEGER, gone INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE change (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id),
    path BLOB NOT NULL, target BLOB NOT NULL, written TEXT NOT NULL,
    before BLOB, after BLOB NOT NULL, picture BLOB, size INTEGER NOT NULL,
    undo BLOB NOT NULL, state TEXT NOT NULL
);
CREATE INDEX change_pending ON change (id) WHERE state = 'intended';
CREATE TABLE review (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id), photo BLOB NOT NULL,
    verdict TEXT NOT NULL, reviewer TEXT NOT NULL, reviewed TEXT NOT NULL, shown TEXT NOT NULL,
    lat REAL, lon REAL, error_km REAL, picture BLOB NOT NULL
);
CREATE INDEX review_photo ON review (photo);
CREATE TABLE folder (path BLOB PRIMARY KEY) WITHOUT ROWID;
"""

INSERT_PHOTO = (
    "INSERT OR REPLACE INTO photo VALUES (:path, :size, :mtime_ns, :camera_lat, :camera_lon, :machine, "
    ":prediction_lat, :prediction_lon, :prediction_km, :regions, :voices, :words, :neighbours, :lat, :lon, "
    ":error_km, :source, :place, :country, :evidence, :hints, :status, :written, "
    "(SELECT id FROM model WHERE name = :model), :message, :policy, 0)"
)
SELECT_PHOTO = "SELECT photo.*, model.name AS model FROM photo LEFT JOIN model ON model.id = model_id "
# What leaves the tool: half of a row, and a fraction of the work of making a record.
SELECT_ANSWER = (
    "SELECT path, size, mtime_ns, lat, lon, error_km, source, place, country, evidence, hints, status, "
    "written, message, gone, model.name AS model FROM photo LEFT JOIN model ON model.id = model_id "
)
# Of several decisions about a photo the latest counts.
TALLY = (
    "SELECT CASE WHEN verdict IS NULL OR (status = 'failed' AND verdict != 'reject') THEN status "
    "WHEN verdict = 'reject' THEN 'rejected' ELSE 'verified' END AS status, written, COUNT(*) AS n "
    "FROM photo LEFT JOIN review "
    "ON review.id = (SELECT max(latest.id) FROM review AS latest WHERE latest.photo = path) "
    "WHERE NOT gone GROUP BY 1, 2"
)
INSERT_REVIEW = (
    "INSERT INTO review (run, photo, verdict, reviewer, reviewed, shown, lat, lon, error_km, picture) "
    "VALUES (:run, :photo, :verdict, :reviewer, :reviewed, :shown, :lat, :lon, :error_km, :picture)"
)
# What tells whether a photo is finished: a tenth of its row.
SELECT_SEEN = "SELECT path, size, mtime_ns, status, policy, gone FROM photo "
INSERT_CHANGE = (
    "INSERT INTO change (run, path, target, written, before, after, picture, size, undo, state) "
    "VALUES (:run, :path, :target, :written, :before, :after, :picture, :size, :undo, :state)"
)
# A photo that the next run has to look at, however finished it was; manifests that no longer tell the truth.
REOPEN = "UPDATE photo SET policy = NULL WHERE path = ?"
OUTDATE = "DELETE FROM meta WHERE key = 'rendered'"

_SPLICE = struct.Struct("<QQQ")


def photo_row(record: Record, policy: int | None) -> dict[str, Any]:
    """A record as the named values of INSERT_PHOTO; `policy` is the one it is finished under."""
    camera, prediction, location = record.camera, record.prediction, record.location
    return {
        "path": os.fsencode(record.photo.path),
        "size": record.photo.size,
        "mtime_ns": record.photo.mtime_ns,
        "camera_lat": camera and camera.location.lat,
        "camera_lon": camera and camera.location.lon,
        "machine": camera and _machine(camera),
        "prediction_lat": prediction and prediction.location.lat,
        "prediction_lon": prediction and prediction.location.lon,
        "prediction_km": prediction and prediction.error_km,
        "regions": prediction and pack_regions(prediction.regions),
        "voices": _voices(prediction.voices) if prediction and prediction.voices else None,
        "words": None if record.words is None else _text(_json(record.words, record.catalogue)),
        "neighbours": None if record.neighbours is None else _text(_json(record.neighbours)),
        "lat": location and location.lat,
        "lon": location and location.lon,
        "error_km": record.error_km,
        "source": record.source,
        "place": record.place,
        "country": record.country,
        # What the hints say in words is not kept twice.
        "evidence": "" if record.evidence == line(record.hints) else _text(record.evidence),
        "hints": _text(_compact([asdict(hint) for hint in record.hints])),
        "status": record.status,
        "written": record.written,
        "model": record.model,
        "message": _text(record.message),
        "policy": policy,
    }


def _machine(camera: Position) -> str | None:
    """The program that guessed a position and, on a line of its own, the person who verified it."""
    return f"{camera.machine}\n{camera.reviewer}" if camera.machine and camera.reviewer else camera.machine


def _position(location: Location, said: str | None) -> Position:
    machine, _, reviewer = (said or "").partition("\n")
    return Position(location, machine or None, reviewer)


def review_row(record: Record, run: int) -> dict[str, Any]:
    """A record's review as the named values of INSERT_REVIEW."""
    review = record.review
    assert review is not None
    return {
        "run": run,
        "photo": os.fsencode(record.photo.path),
        "verdict": review.verdict,
        "reviewer": review.reviewer,
        "reviewed": review.when,
        "shown": review.shown,
        "lat": review.location and review.location.lat,
        "lon": review.location and review.location.lon,
        "error_km": review.error_km,
        "picture": review.picture,
    }


def review_value(row: sqlite3.Row) -> Review:
    """A row of the table `review` as a review."""
    return Review(
        verdict=Verdict(row["verdict"]),
        reviewer=row["reviewer"],
        when=row["reviewed"],
        shown=row["shown"],
        location=_location(row, ""),
        error_km=row["error_km"],
        picture=row["picture"],
    )


def _text(text: str) -> str:
    """Text as SQLite can hold it: bytes of a path that are no UTF-8 become \\xNN."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def photo_record(row: sqlite3.Row, review: Review | None = None) -> Record:
    """A row of SELECT_PHOTO as a record, with what a person decided about the photo."""
    camera = _location(row, "camera_")
    prediction = _location(row, "prediction_")
    said = None if row["words"] is None else json.loads(row["words"])
    near = None if row["neighbours"] is None else json.loads(row["neighbours"])
    return replace(
        answer_record(row, review),
        camera=_position(camera, row["machine"]) if camera else None,
        prediction=_prediction(prediction, row) if prediction else None,
        words=None if said is None else _answers(said),
        catalogue=next((item for item in said or () if isinstance(item, str)), ""),
        neighbours=None if near is None else _answers(near),
    )


def answer_record(row: sqlite3.Row, review: Review | None = None) -> Record:
    """A row of SELECT_ANSWER as a record: the answer without what it was made of."""
    hints = tuple(Hint(**hint) for hint in json.loads(row["hints"]))
    return Record(
        photo=Photo(os.fsdecode(row["path"]), row["size"], row["mtime_ns"]),
        location=_location(row, ""),
        error_km=row["error_km"],
        source=Source(row["source"]) if row["source"] else None,
        place=row["place"],
        country=row["country"],
        evidence=row["evidence"] or line(hints),
        hints=hints,
        status=Status(row["status"]),
        written=Written(row["written"]),
        model=row["model"] or "",
        message=row["message"],
        review=review,
    )


def _location(row: sqlite3.Row, prefix: str) -> Location | None:
    lat, lon = row[prefix + "lat"], row[prefix + "lon"]
    return None if lat is None else Location(lat, lon)


def _prediction(location: Location, row: sqlite3.Row) -> Prediction:
    voices = tuple(
        Voice(model, Location(lat, lon), km, unpack_regions(b85decode(packed)))
        for model, lat, lon, km, packed in json.loads(row["voices"] or "[]")
    )
    return Prediction(location, row["prediction_km"], unpack_regions(row["regions"]), voices)


def _voices(voices: tuple[Voice, ...]) -> str:
    """What each of several models said, as JSON."""
    return _compact(
        [
            [
                voice.model,
                *_degrees(voice.location),
                voice.error_km,
                b85encode(pack_regions(voice.regions)).decode(),
            ]
            for voice in voices
        ]
    )


def _json(answers: tuple[Answer, ...], catalogue: str = "") -> str:
    """Answers and, where a catalogue spoke, the digest of what it said."""
    return _compact([*map(_said, answers), *([catalogue] if catalogue else [])])


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _said(answer: Answer) -> list[Any]:
    """An answer for JSON: it, its candidates and its hints as lists in the order of their fields, places as
    two numbers. Evidence that only says what the hints say is left out.
    """
    candidates = [
        [*_degrees(found.location), found.radius_km, found.probability, found.place, found.country]
        for found in answer.candidates
    ]
    return [
        *_degrees(answer.location),
        answer.error_km,
        answer.place,
        answer.country,
        "" if answer.evidence == line(answer.hints) else answer.evidence,
        candidates,
        [[hint.kind, hint.source, hint.text, hint.weight] for hint in answer.hints],
    ]


def _degrees(location: Location) -> tuple[float, float]:
    return location.lat, location.lon


def _answers(said: list[Any]) -> tuple[Answer, ...]:
    return tuple(_answer(answer) for answer in said if isinstance(answer, list))


def _answer(said: list[Any]) -> Answer:
    lat, lon, error_km, place, country, evidence, candidates, told = said
    hints = tuple(Hint(*hint) for hint in told)
    places = tuple(Candidate(Location(north, east), *rest) for north, east, *rest in candidates)
    point, words = Location(lat, lon), evidence or line(hints)
    return Answer(point, error_km, place, country, words, places, hints)


def change_row(change: Change, run: int, base: str) -> dict[str, Any]:
    """A change as the named values of INSERT_CHANGE."""
    return {
        "run": run,
        "path": os.fsencode(change.path),
        "target": stored(change.target, base),
        "written": change.written,
        "before": change.before,
        "after": change.after,
        "picture": change.picture,
        "size": change.size,
        "undo": pack(change.undo),
        "state": change.state,
    }


def change_value(row: sqlite3.Row, base: str) -> Change:
    """A row of the table `change` as a change."""
    return Change(
        path=os.fsdecode(row["path"]),
        target=os.path.join(base, os.fsdecode(row["target"])),
        written=Written(row["written"]),
        before=row["before"],
        after=row["after"],
        picture=row["picture"],
        size=row["size"],
        undo=unpack(row["undo"]),
        state=State(row["state"]),
        id=row["id"],
    )


def stored(path: str, base: str) -> bytes:
    """An absolute path as the journal keeps it: relative to `base` if it lies below, so that an archive may
    move; joined to the new base it leads there again.
    """
    return os.fsencode(path.removeprefix(os.path.join(base, "")))


def pack(patch: Patch) -> bytes:
    """A patch as bytes: offset, length and length of the data, then the data, for each splice."""
    return b"".join(
        _SPLICE.pack(splice.offset, splice.length, len(splice.data)) + splice.data for splice in patch
    )


def unpack(packed: bytes) -> Patch:
    """The patch that `pack` packed."""
    splices, at = [], 0
    while at < len(packed):
        offset, length, size = _SPLICE.unpack_from(packed, at)
        at += _SPLICE.size
        splices.append(Splice(offset, length, packed[at : at + size]))
        at += size
    return tuple(splices)
