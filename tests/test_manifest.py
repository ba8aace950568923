"""The manifests as other programs read them: CSV by RFC 4180, GeoJSON by RFC 7946."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from geotag.errors import OutputError
from geotag.flows import upkeep
from geotag.renderings import manifest
from geotag.types import Location, Photo, Record, Source, Status
from tests.archives import fill, placed, run

HEADER = (
    "path,status,latitude,longitude,error_km,source,place,country,evidence,written,model,message,"
    "reviewer,reviewed"
)


def record(
    path: str, location: Location | None = None, message: str = "", error_km: float | None = 12.34
) -> Record:
    return Record(
        Photo(path, 1, 1),
        location=location,
        error_km=error_km if location else None,
        source=Source.MODEL if location else None,
        status=Status.LOCATED if location else Status.FAILED,
        message=message,
    )


def rendered(folder: Path, records: Iterable[Record]) -> tuple[bytes, dict[str, object]]:
    kept = list(records)
    manifest.render(kept, str(folder))
    geojson = json.loads((folder / "manifest.geojson").read_bytes(), parse_constant=pytest.fail)
    return (folder / "manifest.csv").read_bytes(), geojson


def cells(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode().splitlines(keepends=True), strict=True))


def test_one_row_per_image_in_path_order(tmp_path: Path, tiny: str) -> None:
    names = ["b/a.jpg", "b.jpg", "B.jpg", "a/z/y.jpg", "ä.jpg", "a.jpg", "a b.jpg"]
    archive = fill(tmp_path / "archive", names)
    (archive / "broken.jpg").write_bytes(b"")
    (archive / "notes.txt").write_text("no image")
    ran = run(archive, tiny)
    assert list(ran.rows) == sorted([*names, "broken.jpg"], key=os.fsencode)
    geojson = json.loads((Path(ran.summary.output) / "manifest.geojson").read_bytes())
    assert [feature["properties"]["path"] for feature in geojson["features"]] == list(ran.rows)


def test_csv_is_by_rfc_4180(tmp_path: Path) -> None:
    odd = 'a "quoted", name\nwith\r\ntwo lines.jpg'
    content, _ = rendered(tmp_path, [record(odd, Location(1.5, -2.25)), record("b", None, "x, y")])
    lines = content.split(b"\r\n")
    assert lines[0].decode() == HEADER
    assert lines[-1] == b""
    assert [row["path"] for row in cells(content)] == [odd, "b"]
    first, second = cells(content)
    assert (first["latitude"], first["longitude"], first["error_km"]) == ("1.5", "-2.25", "12.3")
    assert (second["latitude"], second["longitude"], second["error_km"]) == ("", "", "")
    assert second["message"] == "x, y"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_runs_as_a_formula(tmp_path: Path, start: str) -> None:
    formula = f'{start}HYPERLINK("x")'
    content, geojson = rendered(tmp_path, [record(formula, Location(-1, -2), formula)])
    (row,) = cells(content)
    assert (row["path"], row["message"]) == ("'" + formula, "'" + formula)
    assert (row["latitude"], row["longitude"]) == ("-1", "-2"), "numbers stay numbers"
    assert geojson["features"][0]["properties"]["path"] == formula  # type: ignore[index]


def test_names_that_are_no_utf8_are_readable(tmp_path: Path) -> None:
    content, geojson = rendered(tmp_path, [record(os.fsdecode(b"caf\xe9\xff.jpg"), Location(0, 0))])
    assert cells(content)[0]["path"] == "caf\\xe9\\xff.jpg"
    assert geojson["features"][0]["properties"]["path"] == "caf\\xe9\\xff.jpg"  # type: ignore[index]


def test_geojson_by_hand(tmp_path: Path) -> None:
    records = [
        record("a", Location(48.8583701, 2.2944813)),
        record("b", Location(-90, 180)),
        record("c", Location(90, -180), error_km=0.04),
        record("d", None, "truncated picture"),
    ]
    _, geojson = rendered(tmp_path, records)
    assert set(geojson) == {"type", "features"}
    assert geojson["type"] == "FeatureCollection"
    features = geojson["features"]
    assert isinstance(features, list)
    assert [feature["geometry"] and feature["geometry"]["coordinates"] for feature in features] == [
        [2.294481, 48.85837],
        [180, -90],
        [-180, 90],
        None,
    ]
    for feature in features:
        assert set(feature) == {"type", "geometry", "properties"}
        assert list(feature["properties"]) == HEADER.split(",")
        if feature["geometry"]:
            assert feature["geometry"]["type"] == "Point"
            lon, lat = feature["geometry"]["coordinates"]
            assert abs(lat) <= 90
            assert abs(lon) <= 180
    assert features[3]["properties"]["latitude"] is None


def test_an_empty_archive_has_whole_manifests(tmp_path: Path) -> None:
    content, geojson = rendered(tmp_path, [])
    assert content.decode() == HEADER + "\r\n"
    assert geojson == {"type": "FeatureCollection", "features": []}


def test_another_program_reads_the_geojson(tmp_path: Path, tiny: str) -> None:
    if not shutil.which("ogr2ogr"):
        pytest.skip("needs ogr2ogr (Debian package gdal-bin)")
    archive = fill(tmp_path / "archive", [os.fsdecode(b"caf\xe9 \xe2\x82\xac.jpg"), "two\nlines.jpg"])
    (archive / "broken.jpg").write_bytes(b"")
    ran = run(archive, tiny)
    program = ["ogr2ogr", "-f", "CSV", "/vsistdout/", f"{ran.summary.output}/manifest.geojson"]
    done = subprocess.run(
        [*program, "-lco", "GEOMETRY=AS_XY"], capture_output=True, text=True, check=True, timeout=60
    )
    read = {row["path"]: row for row in csv.DictReader(io.StringIO(done.stdout, newline=""))}
    assert set(read) == set(ran.rows)
    for path, row in ran.rows.items():
        assert (read[path]["X"] != "") == (row["status"] == "located")
        if row["latitude"]:
            assert (float(read[path]["Y"]), float(read[path]["X"])) == pytest.approx(
                (float(row["latitude"]), float(row["longitude"])), abs=1e-6
            )


def test_several_archives_in_one_run(tmp_path: Path, tiny: str) -> None:
    one, two = fill(tmp_path / "one", ["a.jpg", "b.jpg"]), fill(tmp_path / "two/deep", ["a.jpg"], start=9)
    (two / "c.jpg").write_bytes(placed())
    ran = run([two, one, one, one / "b.jpg"], tiny)
    assert list(ran.rows) == ["one/a.jpg", "one/b.jpg", "two/deep/a.jpg", "two/deep/c.jpg"]
    assert ran.summary.output == f"{two}.geotag"


def test_a_report_makes_the_same_manifests_again(tmp_path: Path, tiny: str) -> None:
    output = Path(run(fill(tmp_path / "archive", ["a.jpg", "b.tif"]), tiny).summary.output)
    names = ("manifest.csv", "manifest.geojson")
    old = {name: (output / name).read_bytes() for name in names}
    for name in names:
        (output / name).unlink()
    shutil.rmtree(tmp_path / "archive")
    assert upkeep.report(str(output), mapped=False) == 2
    assert {name: (output / name).read_bytes() for name in names} == old


def test_a_lost_manifest_comes_back_with_the_next_run(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    output = Path(run(archive, tiny).summary.output)
    (output / "manifest.geojson").unlink()
    assert run(archive, tiny).summary.predicted == 0
    assert (output / "manifest.geojson").exists()


def test_an_old_manifest_stays_whole_when_a_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = rendered(tmp_path, [record("a", Location(1, 2))])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"manifest\.geojson: cannot be written: No space left.*make room"):
        manifest.render([record("b")], str(tmp_path))
    assert (tmp_path / "manifest.csv").read_bytes() == old
    assert sorted(os.listdir(tmp_path)) == ["manifest.csv", "manifest.geojson"]
