"""The manifests, manifest.csv (RFC 4180) and manifest.geojson (RFC 7946): renderings of the journal."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import TextIO

from geotag.errors import OutputError
from geotag.types import Location, Record, Source

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
)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet runs a cell that starts like this as a formula (OWASP, "CSV Injection")."""


def render(records: Callable[[], Iterable[Record]], output: str) -> None:
    """Write both manifests of an output folder anew, each whole or not at all, in bounded memory.

    `records` gives the journal's records afresh at each call. Raises OutputError when the folder cannot be
    written.
    """
    for name, write in ((CSV_NAME, _write_csv), (GEOJSON_NAME, _write_geojson)):
        put(os.path.join(output, name), partial(write, records=records()), f"geotag report {output}")


def put(path: str, write: Callable[[TextIO], None], again: str) -> None:
    """Write a rendering of the journal, whole or not at all; `again` is the command that makes it.

    Raises OutputError when it cannot be written.
    """
    new = path + ".new"
    try:
        with open(new, "w", encoding="utf-8", newline="") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(new)
        raise OutputError(
            f"{path}: cannot be written: {error.strerror or error}; make room, "
            f"then `{again}` makes it from the journal"
        ) from error


def present(output: str) -> bool:
    """Whether both manifests are in an output folder."""
    return all(os.path.isfile(os.path.join(output, name)) for name in (CSV_NAME, GEOJSON_NAME))


def _write_csv(file: TextIO, records: Iterable[Record]) -> None:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, records))


def _cells(record: Record) -> Iterator[str]:
    for value in properties(record).values():
        if isinstance(value, str):
            yield "'" + value if value.startswith(FORMULA) else value
        else:
            yield "" if value is None else f"{value:.10g}"


def _write_geojson(file: TextIO, records: Iterable[Record]) -> None:
    file.write('{"type": "FeatureCollection", "features": [')
    between = "\n"
    for record in records:
        file.write(between)
        # json.dump would do the same several times slower, in Python.
        file.write(json.dumps(feature(record), ensure_ascii=False, allow_nan=False))
        between = ",\n"
    file.write("\n]}\n")


def feature(record: Record) -> dict[str, object]:
    """A record as a GeoJSON Feature; its geometry is null where there is no answer."""
    return {"type": "Feature", "geometry": _point(record.location), "properties": properties(record)}


def _point(location: Location | None) -> dict[str, object] | None:
    if location is None:
        return None
    return {"type": "Point", "coordinates": [round(location.lon, 6), round(location.lat, 6)]}


def properties(record: Record) -> dict[str, str | float | None]:
    """A record by the manifest's columns; degrees with at most 6 decimals, km with one."""
    location = record.location
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
        "model": "" if record.source is Source.TEXT else record.model,
        "message": readable(record.message),
    }


def readable(text: str) -> str:
    """A path as UTF-8 can hold it: bytes that are no UTF-8 become \\xNN."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
