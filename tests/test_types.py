"""Values refuse what cannot be and never change under your hands."""

from __future__ import annotations

import dataclasses
import math

import pytest

from geotag import errors, types
from geotag.types import Location

VALUES = [
    value for value in vars(types).values() if dataclasses.is_dataclass(value) and isinstance(value, type)
]


@pytest.mark.parametrize("lat", [-90.0, 0.0, 90.0])
@pytest.mark.parametrize("lon", [-180.0, 0.0, 180.0])
def test_location_goes_to_the_edges(lat: float, lon: float) -> None:
    assert (Location(lat, lon).lat, Location(lat, lon).lon) == (lat, lon)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e9])
def test_location_refuses_what_is_no_coordinate(wrong: float) -> None:
    with pytest.raises(ValueError, match="latitude"):
        Location(wrong, 0)
    with pytest.raises(ValueError, match="longitude"):
        Location(0, wrong)


def test_location_refuses_latitude_95_and_longitude_181() -> None:
    with pytest.raises(ValueError, match="latitude 95 is not between -90 and 90"):
        Location(95, 0)
    with pytest.raises(ValueError, match="longitude -181 is not between -180 and 180"):
        Location(0, -181)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_every_value_is_frozen_and_has_slots(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)


def test_there_are_values_to_check() -> None:
    assert {"Location", "Photo", "Prediction", "Record", "Frame", "Settings"} <= {v.__name__ for v in VALUES}


def test_names_that_users_see() -> None:
    assert [*types.Status] == ["located", "kept", "unsure", "failed", "verified", "rejected"]
    assert {*types.Source} == {"camera", "model", "text", "neighbours", "fused", "person"}
    assert [*types.Written] == ["exif", "sidecar", "none"]


def test_exit_codes_that_callers_rely_on() -> None:
    wanted = {
        "OK": 0,
        "UNEXPECTED": 1,
        "USAGE": 2,
        "SOME_FAILED": 3,
        "NO_MODEL": 4,
        "OUTPUT": 5,
        "INTERRUPTED": 130,
    }
    assert {code.name: code.value for code in errors.Exit} == wanted
    assert errors.UsageError.exit_code == 2
    assert errors.ModelError.exit_code == 4
    assert errors.OutputError.exit_code == 5


def test_one_photos_trouble_does_not_end_a_run() -> None:
    assert not issubclass(errors.PhotoError, errors.GeotagError)
    assert issubclass(errors.RefusedError, errors.PhotoError)
