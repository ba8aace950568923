"""Coarse positions: on a grid, the same for the same place, and nothing beside them betrays the fine ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geotag import geo, metadata
from geotag.coarsen import coarsened, snapped
from geotag.metadata import xmp
from geotag.types import Hint, Location, Photo, Position, Prediction, Record, Source, Status
from tests import archives
from tests.archives import run

CAIRO = Location(30.0444, 31.2357)


def answer(**fields: object) -> Record:
    record = Record(
        Photo("a.jpg", 1, 2),
        camera=Position(CAIRO),
        prediction=Prediction(CAIRO, 3.0),
        words=(),
        location=CAIRO,
        error_km=12.0,
        source=Source.FUSED,
        place="Cairo",
        country="EG",
        evidence="caption 'Cairo' 0.97",
        hints=(Hint("words", "caption", "Cairo", 0.97), Hint("picture", "tiny 1", "agrees", 0.1)),
        status=Status.LOCATED,
    )
    return Record(**{name: getattr(record, name) for name in record.__slots__} | fields)


@pytest.mark.parametrize("km", [0.1, 1.0, 10.0, 137.0, 1000.0, 5000.0])
def test_a_coarse_position_is_near_and_one_of_few(km: float) -> None:
    rng = np.random.default_rng(0)
    lats, lons = np.degrees(np.arcsin(rng.uniform(-1, 1, 300))), rng.uniform(-180, 180, 300)
    for lat, lon in [
        *zip(lats, lons, strict=True),
        (90, 0),
        (-90, 180),
        (89.9999, -180),
        (0, 180),
        (0, -180),
    ]:
        coarse = snapped(Location(lat, lon), km)
        assert geo.distance_km(lat, lon, coarse.lat, coarse.lon) <= km + 1e-6


def test_neighbours_share_a_point() -> None:
    points = {
        snapped(Location(30.05 + north / 1000, 31.23 + east / 1000), 50)
        for north in range(9)
        for east in range(9)
    }
    assert len(points) == 1


def test_names_and_evidence_betray_no_more() -> None:
    coarse = coarsened(answer(), 50)
    assert coarse.location == snapped(CAIRO, 50)
    assert coarse.error_km == 62
    assert (coarse.place, coarse.country) == ("", "EG")
    assert coarse.evidence == "words; picture; made coarse by 50 km"
    assert "Cairo" not in repr(coarse)
    assert str(CAIRO.lat) not in repr(coarse)


def test_a_name_that_is_coarser_stays_and_a_country_that_is_finer_goes() -> None:
    assert coarsened(answer(place="Bavaria", error_km=130.0), 50).place == "Bavaria"
    assert coarsened(answer(country="MC"), 50).country == ""
    assert coarsened(answer(country="XX"), 50).country == ""


def test_a_camera_gets_a_radius() -> None:
    assert coarsened(answer(error_km=None), 10).error_km == 10


def test_nothing_is_coarse_unasked() -> None:
    assert coarsened(answer(), 0) == answer()
    assert coarsened(answer(location=None), 50).evidence == "caption 'Cairo' 0.97"


def test_whatever_leaves_a_run_is_coarse(tmp_path: Path, tiny: str) -> None:
    folder = archives.fill(tmp_path / "archive", ["red.jpg", "plain.png"])
    (folder / "placed.jpg").write_bytes(archives.placed(3))
    before = (folder / "placed.jpg").read_bytes()
    fine = run(folder, tiny, evidence=("picture",))
    assert fine.summary.predicted == 2
    ran = run(folder, tiny, evidence=("picture",), coarsen=200.0, write_exif=True)
    assert ran.summary.predicted == 0
    assert (folder / "placed.jpg").read_bytes() == before
    output = Path(ran.summary.output)
    features = json.loads((output / "manifest.geojson").read_text())["features"]
    drawn = {item["properties"]["path"]: item["geometry"]["coordinates"][::-1] for item in features}
    for path, row in ran.rows.items():
        was = Location(float(fine.rows[path]["latitude"]), float(fine.rows[path]["longitude"]))
        now = Location(float(row["latitude"]), float(row["longitude"]))
        assert now == snapped(now, 200)
        assert now != was
        assert float(row["error_km"]) >= 200
        assert drawn[path] == [now.lat, now.lon]
    written = metadata.read((folder / "red.jpg").read_bytes())
    assert written is not None
    assert written.location.lat == pytest.approx(float(ran.rows["red.jpg"]["latitude"]), abs=0.01)
    again = run(folder, tiny, evidence=("picture",), write_exif=True)
    assert again.rows["placed.jpg"]["latitude"] == fine.rows["placed.jpg"]["latitude"]


def test_a_sidecar_is_coarse(tmp_path: Path, tiny: str) -> None:
    folder = archives.fill(tmp_path / "archive", ["red.jpg"])
    ran = run(folder, tiny, evidence=("picture",), coarsen=200.0, only_sidecar=True)
    position = xmp.read((folder / "red.jpg.xmp").read_bytes())
    assert position is not None
    assert position.location.lon == pytest.approx(float(ran.rows["red.jpg"]["longitude"]), abs=0.01)


def test_a_sidecar_names_the_place_where_the_radius_supports_it(tmp_path: Path, tiny: str) -> None:
    folder = archives.fill(tmp_path / "archive", ["Cairo 1905/red.jpg", "blue.jpg"])
    run(folder, tiny, only_sidecar=True, max_error_km=20100)
    packet = (folder / "Cairo 1905/red.jpg.xmp").read_text(encoding="utf-8")
    assert all(word in packet for word in ("LocationCreated", ">Cairo<", ">Egypt<", ">EG<"))
    assert "LocationCreated" not in (folder / "blue.jpg.xmp").read_text(encoding="utf-8")


def test_a_coarse_sidecar_names_no_town(tmp_path: Path, tiny: str) -> None:
    folder = archives.fill(tmp_path / "archive", ["Cairo 1905/red.jpg"])
    run(folder, tiny, only_sidecar=True, max_error_km=20100, coarsen=50.0)
    packet = (folder / "Cairo 1905/red.jpg.xmp").read_text(encoding="utf-8")
    assert ">Egypt<" in packet
    assert "Cairo" not in packet
