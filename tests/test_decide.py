"""Evidence to one answer: what stands, what is sure enough, how many digits it deserves."""

from __future__ import annotations

import pytest

from geotag import decide
from geotag.types import (
    Calibration,
    Location,
    Photo,
    Policy,
    Position,
    Prediction,
    Record,
    Source,
    Status,
)

PHOTO = Photo("a.jpg", 10, 20)
GUESS = Prediction(Location(48.856612, 2.352243), 300.0)
MODEL = "geovision 1 sha256:00ff"


def record(**fields: object) -> Record:
    return Record(PHOTO, prediction=GUESS, model=MODEL, **fields)  # type: ignore[arg-type]


def test_sure_guess_is_located() -> None:
    decided = decide.decide(record(), Policy(300))
    assert decided.status is Status.LOCATED
    assert decided.source is Source.MODEL
    assert decided.error_km == 300
    assert decided.evidence == "picture: geovision 1"
    assert decided.message == ""


def test_unsure_guess_stays_in_the_manifest() -> None:
    decided = decide.decide(record(), Policy(299))
    assert decided.status is Status.UNSURE
    assert decided.location is not None
    assert "299 km" in decided.message


@pytest.mark.parametrize(
    ("error_km", "lat", "lon"),
    [
        (0.004, 48.856612, 2.352243),
        (3.0, 48.8566, 2.3522),
        (300.0, 48.86, 2.35),
        (2500.0, 48.9, 2.4),
        (9000.0, 49, 2),
    ],
)
def test_digits_follow_the_radius(error_km: float, lat: float, lon: float) -> None:
    assert decide.cut(GUESS.location, error_km) == Location(lat, lon)


@pytest.mark.parametrize("guess", [Location(89.99, 179.97), Location(-89.99, -179.97)])
def test_rounding_stays_on_the_earth(guess: Location) -> None:
    cut = decide.cut(guess, 20000)
    assert abs(cut.lat) <= 90
    assert abs(cut.lon) <= 180


def test_camera_stands() -> None:
    camera = Position(Location(1.23456789, 2))
    decided = decide.decide(record(camera=camera), Policy(20100))
    assert decided.status is Status.KEPT
    assert decided.source is Source.CAMERA
    assert decided.location == camera.location
    assert decided.error_km is None


def test_camera_gives_way_only_on_demand() -> None:
    decided = decide.decide(record(camera=Position(Location(1, 2))), Policy(20100, replace_gps=True))
    assert decided.status is Status.LOCATED
    assert decided.location == decide.cut(GUESS.location, 300)
    assert decided.camera == Position(Location(1, 2))


def test_our_own_guess_does_not_stand() -> None:
    decided = decide.decide(record(camera=Position(Location(1, 2), "geotag geovision 0")), Policy(20100))
    assert decided.status is Status.LOCATED


def test_calibration_scales_the_radius_and_is_named() -> None:
    policy = Policy(500, calibration=Calibration("/archive", 123, 2.0))
    decided = decide.decide(record(), policy)
    assert decided.error_km == 600
    assert decided.status is Status.UNSURE
    assert "123 photos of /archive" in decided.evidence
    assert decided.prediction == GUESS


def test_calibration_never_exceeds_half_the_earth() -> None:
    decided = decide.decide(record(), Policy(30000, calibration=Calibration("/archive", 20, 1000.0)))
    assert decided.error_km is not None
    assert 20015 < decided.error_km < 20016
