"""A run's answers for other programs: ExifTool, JSON Lines, Google Earth, GPS devices, GIS.

KML, GPX and GeoPackage are written by GDAL through pyogrio, Parquet by PyArrow: the extra `gis`.
"""

from __future__ import annotations

import csv
import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np

from geotag.errors import OutputError, UsageError
from geotag.metadata import gps
from geotag.renderings.manifest import COLUMNS, properties
from geotag.texts import guesser
from geotag.types import Record, Source, Status, Tag

_CHUNK = 10_000
_NUMBERS = ("latitude", "longitude", "error_km")
_EXIFTOOL = (
    "SourceFile",
    *("GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef", "GPSMapDatum"),
    *("GPSHPositioningError", "GPSProcessingMethod"),
)
# Who speaks in a file, where it is not the model.
# GeoParquet 1.1.0, "File Metadata"; without a `crs` it is OGC:CRS84, longitude first.
_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
}

Table = list[dict[str, str | float | None]]


def write(records: Iterable[Record], kind: str, path: str) -> int:
    """Write a file of one of the FORMATS, whole or not at all, and return how many photos are in it.

    The file must not exist yet. JSON Lines tell of every photo, the formats for maps of those with a
    position, ExifTool's table of the guesses that are sure enough for a file. Raises UsageError when the
    extra is missing or the file exists, OutputError when it cannot be written.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path}: exists already; name another with --file FILE, or move it away")
    # GDAL goes by the suffix.
    temporary = os.path.join(os.path.dirname(path), f".geotag-new-{os.path.basename(path)}")
    try:
        photos = FORMATS[kind][1](records, temporary)
        os.rename(temporary, path)
    except ImportError as error:
        raise UsageError(
            f"--to {kind}: needs the package {error.name}; pip install 'geovision-geotag[gis]'"
        ) from error
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written: {error.strerror or error}; make room, or name another file with "
            "--file FILE"
        ) from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)
    return photos


def _exiftool_csv(records: Iterable[Record], path: str) -> int:
    """A table for `exiftool -csv=FILE -r .`, called in the archive's own folder."""
    photos = 0
    with open(path, "x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        table = csv.writer(file)
        table.writerow(_EXIFTOOL)
        for record in records:
            if record.status not in (Status.LOCATED, Status.VERIFIED) or record.source is Source.CAMERA:
                continue
            location, error_km = record.location, record.error_km
            assert location is not None
            assert error_km is not None
            review = record.review
            who = (review.reviewer, review.when) if review else ("", "")
            table.writerow(
                [
                    f"./{record.photo.path}",
                    abs(location.lat),
                    "N" if location.lat >= 0 else "S",
                    abs(location.lon),
                    "E" if location.lon >= 0 else "W",
                    "WGS-84",
                    round(error_km * 1000),
                    gps.statement(Tag(location, error_km, guesser(record), reviewer=who[0], reviewed=who[1])),
                ]
            )
            photos += 1
    return photos


def _jsonl(records: Iterable[Record], path: str) -> int:
    photos = 0
    with open(path, "x", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(properties(record), ensure_ascii=False, allow_nan=False) + "\n")
            photos += 1
    return photos


def _kml(records: Iterable[Record], path: str) -> int:
    return _by_gdal(records, path, "KML", {"path": "Name", "evidence": "Description"})


def _gpx(records: Iterable[Record], path: str) -> int:
    # A waypoint of GPX 1.1 has a name and a description; GDAL puts the rest into extensions.
    named = {"path": "name", "evidence": "desc"}
    return _by_gdal(records, path, "GPX", named, layer="waypoints", GPX_USE_EXTENSIONS="YES")


def _gpkg(records: Iterable[Record], path: str) -> int:
    return _by_gdal(records, path, "GPKG", {}, layer="photos")


def _by_gdal(
    records: Iterable[Record],
    path: str,
    driver: str,
    names: dict[str, str],
    layer: str = "photos",
    **options: str,
) -> int:
    """Points with the manifest's columns, under other `names` where the format has its own for them."""
    import pyogrio

    photos = 0
    # Only GeoPackage can be added to; the others are small formats for small numbers.
    for table in _tables(records, _CHUNK if driver == "GPKG" else None):
        columns = _columns(table)
        try:
            pyogrio.raw.write(
                path,
                np.array([_point(row) for row in table], object),
                list(columns.values()),
                [names.get(column, column) for column in columns],
                layer=layer,
                driver=driver,
                geometry_type="Point",
                crs="EPSG:4326",
                append=photos > 0,
                **options,
            )
        except pyogrio.errors.DataSourceError as error:
            raise OSError(None, str(error)) from error
        photos += len(table)
    return photos


def _geoparquet(records: Iterable[Record], path: str) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    fields = [(name, pa.float64() if name in _NUMBERS else pa.string()) for name in COLUMNS]
    schema = pa.schema([*fields, ("geometry", pa.binary())], metadata={"geo": json.dumps(_GEO)})
    photos = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in _tables(records, _CHUNK):
            rows = [{**row, "geometry": _point(row)} for row in table]
            writer.write_table(pa.Table.from_pylist(rows, schema))
            photos += len(table)
    return photos


def _tables(records: Iterable[Record], size: int | None) -> Iterator[Table]:
    """The photos with a position by the manifest's columns, some at a time; one empty table for none."""
    found = (properties(record) for record in records if record.location is not None)
    table = list(islice(found, size))
    yield table
    while size is not None and (table := list(islice(found, size))):
        yield table


def _columns(table: Table) -> dict[str, np.ndarray[Any, Any]]:
    return {
        name: np.array(
            [np.nan if row[name] is None else row[name] for row in table],
            np.float64 if name in _NUMBERS else object,
        )
        for name in COLUMNS
    }


def _point(row: dict[str, str | float | None]) -> bytes:
    """Well-known binary of a point, longitude first (OGC 06-103r4, 8.2)."""
    return struct.pack("<BIdd", 1, 1, row["longitude"], row["latitude"])


FORMATS: dict[str, tuple[str, Callable[[Iterable[Record], str], int]]] = {
    "exiftool-csv": ("exiftool.csv", _exiftool_csv),
    "jsonl": ("manifest.jsonl", _jsonl),
    "kml": ("manifest.kml", _kml),
    "gpx": ("manifest.gpx", _gpx),
    "gpkg": ("manifest.gpkg", _gpkg),
    "geoparquet": ("manifest.parquet", _geoparquet),
}
"""By name: what the file is called where nobody names it, and how it is written."""
