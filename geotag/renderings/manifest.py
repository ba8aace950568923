"""The manifests, manifest.csv (RFC 4180) and manifest.geojson (RFC 7946): renderings of the journal."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from geotag.errors import OutputError
from geotag.types import Location, Record

CSV_NAME = "manifest.csv"
GEOJSON_NAME = "manifest.geojson"
COLUMNS = (
    "path",
    "status",
    "latitude",
    "longitude",
    "error_km",
    "source",
    "place",
    "country",
    "evidence",
    "written",
    "model",
    "message",
    "reviewer",
    "reviewed",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet runs a cell that starts like this as a formula (OWASP, "CSV Injection")."""


def render(records: Iterable[Record], output: str) -> None:
    """Write both manifests of an output folder anew, each whole or not at all, in bounded memory.

    Raises OutputError when the folder cannot be written.
    """
    again = f"geotag report {output}"
    with (
        renewed(os.path.join(output, CSV_NAME), again) as table,
        renewed(os.path.join(output, GEOJSON_NAME), again) as features,
    ):
        _write(table, features, records)


@contextmanager
def renewed(path: str, again: str) -> Iterator[TextIO]:
    """A file for a new rendering of the journal, which takes the old one's place once it is whole.

    `again` is the command that makes it. Raises OutputError when it cannot be written.
    """
    new = path + ".new"
    try:
        with open(new, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(new)
        if isinstance(error, OSError):
            raise OutputError(
                f"{path}: cannot be written: {error.strerror or error}; make room, "
                f"then `{again}` makes it from the journal"
            ) from error
        raise


def present(output: str) -> bool:
    """Whether both manifests are in an output folder."""
    return all(os.path.isfile(os.path.join(output, name)) for name in (CSV_NAME, GEOJSON_NAME))


def _write(table: TextIO, features: TextIO, records: Iterable[Record]) -> None:
    """Both manifests in one pass, for making the records is most of the work."""
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    features.write('{"type": "FeatureCollection", "features": [')
    between = "\n"
    for record in records:
        told = properties(record)
        writer.writerow(map(_cell, told.values()))
        features.write(between)
        # json.dump would do the same several times slower, in Python.
        features.write(json.dumps(_feature(record.location, told), ensure_ascii=False, allow_nan=False))
        between = ",\n"
    features.write("\n]}\n")


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA) else value
    return "" if value is None else f"{value:.10g}"


def feature(record: Record) -> dict[str, object]:
    """A record as a GeoJSON Feature; its geometry is null where there is no answer."""
    return _feature(record.location, properties(record))


def _feature(location: Location | None, told: dict[str, str | float | None]) -> dict[str, object]:
    return {"type": "Feature", "geometry": _point(location), "properties": told}


def _point(location: Location | None) -> dict[str, object] | None:
    if location is None:
        return None
    return {"type": "Point", "coordinates": [round(location.lon, 6), round(location.lat, 6)]}


def properties(record: Record) -> dict[str, str | float | None]:
    """A record by the manifest's columns; degrees with at most 6 decimals, km with one."""
    location, review = record.location, record.review
    return {
        "path": readable(record.photo.path),
        "status": record.status,
        "latitude": None if location is None else round(location.lat, 6),
        "longitude": None if location is None else round(location.lon, 6),
        "error_km": None if record.error_km is None else round(record.error_km, 1),
        "source": record.source or "",
        "place": record.place,
        "country": record.country,
        "evidence": record.evidence,
        "written": record.written,
        "model": record.model,
        "message": readable(record.message),
        "reviewer": review.reviewer if review else "",
        "reviewed": review.when if review else "",
    }


def readable(text: str) -> str:
    """A path as UTF-8 can hold it: bytes that are no UTF-8 become \\xNN."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
