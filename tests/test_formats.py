"""The formats for other programs, read back by other programs."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from geotag.cli import main
from geotag.errors import OutputError, UsageError
from geotag.renderings import formats
from geotag.renderings.manifest import properties
from geotag.types import Location, Photo, Record, Source, Status
from tests.archives import fill, placed, run

GUESS = Record(
    Photo("box/é, 1.jpg", 1, 1),
    location=Location(-33.86, 151.2),
    error_km=12.5,
    source=Source.FUSED,
    place="Sydney",
    country="Australia",
    evidence="caption 'Sydney <Harbour>' 0.9",
    status=Status.LOCATED,
    model="geovision 1 sha256:00",
)
KEPT = Record(Photo("kept.jpg", 1, 1), location=Location(1.5, -2.5), source=Source.CAMERA, status=Status.KEPT)
UNSURE = Record(
    Photo("unsure.jpg", 1, 1),
    location=Location(40, -100),
    error_km=9000,
    source=Source.MODEL,
    status=Status.UNSURE,
    model="geovision 1 sha256:00",
)
FAILED = Record(Photo("z.jpg", 1, 1), status=Status.FAILED, message="truncated picture")
RECORDS = (GUESS, KEPT, UNSURE, FAILED)
PLACED = (GUESS, KEPT, UNSURE)
GIS = pytest.mark.parametrize(
    ("kind", "path_field", "layer"),
    [("kml", "Name", None), ("gpx", "name", "waypoints"), ("gpkg", "path", None)],
)


@GIS
def test_gdal_reads_every_photo_with_a_position(
    tmp_path: Path, kind: str, path_field: str, layer: str | None
) -> None:
    pyogrio = pytest.importorskip("pyogrio", reason="pyogrio is not installed")
    path = str(tmp_path / f"x.{kind}")
    assert formats.write(RECORDS, kind, path) == 3
    meta, _, points, fields = pyogrio.raw.read(path, layer=layer)
    found = dict(zip(meta["fields"], fields, strict=True))
    assert list(found[path_field]) == [record.photo.path for record in PLACED]
    for point, record in zip(points, PLACED, strict=True):
        assert record.location is not None
        _, _, lon, lat = _unpacked(point)
        assert (lat, lon) == pytest.approx((record.location.lat, record.location.lon), abs=1e-6)
    assert meta["crs"] == "EPSG:4326"


def _unpacked(point: bytes) -> tuple[float, ...]:
    import struct

    return struct.unpack("<BIdd", point[:21])


@pytest.mark.parametrize("photos", [0, 1, 25])
def test_tables_are_written_some_rows_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photos: int
) -> None:
    pyogrio = pytest.importorskip("pyogrio", reason="pyogrio is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not installed")
    monkeypatch.setattr(formats, "_CHUNK", 10)
    for kind in ("gpkg", "geoparquet"):
        assert formats.write([GUESS] * photos, kind, str(tmp_path / f"{kind}.{kind}")) == photos
    assert pyogrio.read_info(str(tmp_path / "gpkg.gpkg"))["features"] == photos
    assert parquet.read_table(tmp_path / "geoparquet.geoparquet").num_rows == photos


def test_geoparquet_has_columns_points_and_what_they_mean(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not installed")
    path = tmp_path / "x.parquet"
    assert formats.write(RECORDS, "geoparquet", str(path)) == 3
    table = parquet.read_table(path)
    rows = table.to_pylist()
    assert [{**row, "geometry": None} for row in rows] == [
        {**properties(record), "geometry": None} for record in PLACED
    ]
    assert _unpacked(rows[0]["geometry"]) == (1, 1, 151.2, -33.86)
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["columns"][geo["primary_column"]]["encoding"] == "WKB"


def test_json_lines_tell_of_every_photo(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    assert formats.write(RECORDS, "jsonl", str(path)) == 4
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [properties(record) for record in RECORDS]


def test_exiftool_gets_the_guesses_that_are_sure_enough(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert formats.write(RECORDS, "exiftool-csv", str(path)) == 1
    with open(path, encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["SourceFile"] == "./box/é, 1.jpg"
    assert (row["GPSLatitude"], row["GPSLatitudeRef"]) == ("33.86", "S")
    assert (row["GPSLongitude"], row["GPSLongitudeRef"]) == ("151.2", "E")
    assert row["GPSHPositioningError"] == "12500"
    assert row["GPSProcessingMethod"] == "geotag geovision 1 (requires verification)"


EXIFTOOL = shutil.which("exiftool")


@pytest.mark.skipif(EXIFTOOL is None, reason="no ExifTool here")
def test_exiftool_applies_the_table(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg", "b/ü, c.jpg"])
    (archive / "kept.jpg").write_bytes(placed(3))
    before = (archive / "kept.jpg").read_bytes()
    ran = run(archive, tiny, max_error_km=20100)
    done = CliRunner().invoke(main, ["export", ran.summary.output, "--to", "exiftool-csv"])
    assert (done.exit_code, "2 photos" in done.stderr) == (0, True)
    table = Path(ran.summary.output) / "exiftool.csv"
    told = subprocess.run(
        [str(EXIFTOOL), f"-csv={table}", "-overwrite_original", "-r", "."],
        cwd=archive,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 image files updated" in told.stdout + told.stderr
    assert (archive / "kept.jpg").read_bytes() == before
    again = run(archive, tiny, output=str(tmp_path / "again"))
    for path in ("a.jpg", "b/ü, c.jpg"):
        # What another program wrote, a person wanted there.
        assert again.rows[path]["status"] == "kept"
        wanted = ran.rows[path]
        asked = subprocess.run(
            [str(EXIFTOOL), "-n", "-j", "-GPSLatitude", "-GPSLongitude", "-GPSHPositioningError", path],
            cwd=archive,
            capture_output=True,
            text=True,
            check=True,
        )
        (found,) = json.loads(asked.stdout)
        assert found["GPSLatitude"] == pytest.approx(float(wanted["latitude"]), abs=1e-5)
        assert found["GPSLongitude"] == pytest.approx(float(wanted["longitude"]), abs=1e-5)
        assert found["GPSHPositioningError"] == pytest.approx(float(wanted["error_km"]) * 1000, rel=1e-3)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        formats.write(RECORDS, "jsonl", str(path))
    assert path.read_text() == "mine"


def test_a_missing_folder_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        formats.write(RECORDS, "jsonl", str(tmp_path / "no" / "x.jsonl"))


@pytest.mark.parametrize("kind", ["kml", "gpx", "gpkg", "geoparquet"])
def test_a_missing_extra_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"geotag\[gis\]"):
        formats.write(RECORDS, kind, str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []
