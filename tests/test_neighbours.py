"""What photographs of one folder say about one another: ways, gaps, clocks, outliers, radii."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from export import evaluate_neighbours, journeys
from geotag import geo
from geotag.evidence.neighbours import Neighbours
from geotag.evidence.strands import Roll, Shot, numbered
from geotag.evidence.tracks import LEAST_KM
from geotag.texts import Answer
from geotag.types import Location

HOUR = 3600.0


def shot(number: int, minute: float | None, place: tuple[float, float] | None = None, **more: object) -> Shot:
    """A photograph by number, taken at a minute, at degrees north and east."""
    when = None if minute is None else 1e9 + 60 * minute
    location = None if place is None else Location(*place)
    return replace(Shot(f"IMG_{number:04d}.jpg", when, camera="one", location=location), **more)  # type: ignore[arg-type]


def about(shots: list[Shot], index: int) -> Answer:
    answer = Neighbours(Roll(shots)).about(index)
    assert answer is not None
    return answer


def km(answer: Answer, lat: float, lon: float) -> float:
    return float(geo.distance_km(answer.location.lat, answer.location.lon, lat, lon))


def test_a_photo_between_two_fixes_lies_between_them_by_its_time() -> None:
    shots = [shot(1, 0, (48, 2)), shot(2, 3), shot(3, 4, (48.004, 2))]
    answer = about(shots, 1)
    assert km(answer, 48.003, 2) < 0.01
    assert 0.02 < answer.error_km < 1
    assert answer.evidence.startswith(
        "taken 3 min after IMG_0001.jpg (position in the file) and 60 s before IMG_0003.jpg"
    )


def test_the_longer_ago_the_wider() -> None:
    radii = [
        about([shot(1, 0, (48, 2)), shot(2, minutes)], 1).error_km for minutes in (1, 10, 60, 600, 10_000)
    ]
    assert radii == sorted(radii)
    assert radii[0] < 0.3
    assert 1 < radii[2] < 10
    assert radii[4] > 100


def test_a_fix_before_counts_as_one_after() -> None:
    after = about([shot(1, 0, (48, 2)), shot(2, 30)], 1)
    before = about([shot(1, 0), shot(2, 30, (48, 2))], 0)
    assert after.error_km == pytest.approx(before.error_km)
    assert "before IMG_0002.jpg" in before.evidence


def test_who_stays_at_one_place_gets_a_small_radius_and_who_drives_a_large_one() -> None:
    still = [shot(n, 10 * n, (48, 2) if n % 5 == 0 else None) for n in range(41)]
    driven = [shot(n, 10 * n, (48 + 0.1 * n, 2) if n % 5 == 0 else None) for n in range(41)]
    assert about(still, 22).error_km < 0.1
    assert km(about(driven, 22), 50.2, 2) < 1
    curved = [shot(n, 10 * n, (48 + 0.1 * n, 2 + n % 2) if n % 5 == 0 else None) for n in range(41)]
    assert about(curved, 22).error_km > 10 * about(still, 22).error_km


def test_a_position_that_nobody_could_reach_does_not_pull() -> None:
    way = [shot(n, 2 * n, (48 + 0.001 * n, 2) if n % 4 == 0 else None) for n in range(41)]
    way[20] = replace(way[20], location=Location(-33.0, 151.0))
    assert km(about(way, 19), 48.019, 2) < 0.15
    assert km(about(way, 21), 48.021, 2) < 0.15
    near = [*way]
    near[20] = replace(way[20], location=Location(48.3, 2.0))
    assert km(about(near, 19), 48.019, 2) < 0.15


def test_a_flight_is_a_jump_in_the_one_pause_that_is_long_enough() -> None:
    home = [shot(n, 10 * n, (48, 2) if n in (0, 2) else None) for n in range(6)]
    away = [shot(n, 1000 + 10 * n, (40.7, -74) if n in (14, 15) else None) for n in range(10, 16)]
    shots = home + away
    for index in (3, 4, 5):
        assert km(about(shots, index), 48, 2) < 5
    for index in (6, 7, 8, 9):
        assert km(about(shots, index), 40.7, -74) < 5
    assert about(shots, 5).error_km < 50


def test_the_way_crosses_the_date_line() -> None:
    shots = [shot(1, 0, (0, 179.99)), shot(2, 5), shot(3, 10, (0, -179.99))]
    answer = about(shots, 1)
    assert km(answer, 0, 180) < 0.1


def test_scans_go_by_the_numbers_in_their_names() -> None:
    shots = [
        Shot(f"roll12_{n:03d}.tif", location=Location(48 + 0.01 * n, 2) if n in (3, 7) else None)
        for n in range(1, 10)
    ]
    answer = about(shots, 4)
    assert km(answer, 48.05, 2) < 0.1
    assert "2 shots after roll12_003.tif" in answer.evidence
    assert about(shots, 8).error_km > answer.error_km / 2


def test_names_and_their_numbers() -> None:
    assert numbered("IMG_0123.JPG") == ("img_", 123)
    assert numbered("roll12_034.tif") == ("roll12_", 34)
    assert numbered("DSC00017") == ("dsc", 17)
    assert numbered("0017a.png") == ("", 17)
    assert numbered("beach.jpg") == ("beach", -1)


def test_without_times_of_its_own_a_photo_stands_between_its_numbers() -> None:
    shots = [shot(n, 10 * n, (48 + 0.001 * n, 2) if n in (0, 9) else None) for n in range(10)]
    shots[4] = replace(shots[4], when=None, camera="")
    assert km(about(shots, 4), 48.004, 2) < 0.05


def test_one_rolls_numbers_say_little_of_another_rolls() -> None:
    shots = [Shot("roll1_001.tif", location=Location(48, 2)), Shot("roll2_001.tif"), Shot("roll1_002.tif")]
    assert about(shots, 1).error_km > 3 * about(shots, 2).error_km


def test_another_cameras_clock_is_trusted_less_than_its_own() -> None:
    walk = [shot(n, 10 * n, (48 + 0.02 * n, 2), camera="phone") for n in range(30)]
    own = about([*walk, shot(99, 155, camera="phone")], 30)
    strange = about([*walk, shot(99, 155, camera="camera")], 30)
    assert strange.error_km > 3 * own.error_km
    assert "another camera" in strange.evidence


def test_clocks_that_tell_their_zone_are_aligned() -> None:
    walk = [shot(n, 10 * n, (48 + 0.02 * n, 2), camera="phone", offset=0.0) for n in range(30)]
    there = shot(99, 155 + 120, camera="camera", offset=2 * HOUR)
    answer = about([*walk, there], 30)
    assert km(answer, 48.31, 2) < 0.3
    assert answer.error_km < 2


def test_a_zone_left_out_once_is_the_zone_of_the_others() -> None:
    shots = [shot(n, 10 * n, (48 + 0.02 * n, 2), offset=2 * HOUR) for n in range(30)]
    shots[15] = replace(shots[15], location=None, offset=None)
    assert km(about(shots, 15), 48.3, 2) < 0.1


def test_what_has_a_position_is_not_asked_and_nothing_comes_from_nothing() -> None:
    found = Neighbours(Roll([shot(1, 0, (48, 2)), shot(2, 1)]))
    assert found.about(0) is None
    assert Neighbours(Roll([shot(1, 0), shot(2, 1)])).about(0) is None
    assert Neighbours(Roll([shot(1, 0)])).about(0) is None


def test_a_photo_without_order_is_somewhere_in_the_folder() -> None:
    shots = [shot(n, n, (48, 2)) for n in range(9)] + [Shot("beach.jpg")]
    answer = about(shots, 9)
    assert km(answer, 48, 2) < 1
    assert answer.error_km > 10


def test_bursts_and_equal_times_are_no_trouble() -> None:
    shots = [shot(n, 0, (48, 2) if n < 5 else None) for n in range(8)]
    assert km(about(shots, 6), 48, 2) < 0.1
    shots += [shot(20, 10), shot(21, 20, (48.001, 2)), shot(22, 20, (48.001, 2))]
    assert km(about(shots, 8), 48.0005, 2) < 0.2
    assert about(shots, 8).error_km >= LEAST_KM


@pytest.mark.parametrize("kind", sorted(journeys.KINDS))
def test_answers_are_places_with_probabilities(kind: str) -> None:
    journey = journeys.KINDS[kind](np.random.default_rng(1))
    found = Neighbours(Roll(journey.shots))
    asked = [index for index, one in enumerate(journey.shots) if one.location is None]
    for index in asked[:40]:
        answer = found.about(index)
        assert answer is not None
        total = sum(candidate.probability for candidate in answer.candidates)
        assert 0.2 < total < 1
        assert all(candidate.radius_km >= LEAST_KM for candidate in answer.candidates)
        assert 0 < answer.error_km <= 20_000
        assert answer.hints[0].kind == "neighbours"


def test_order_in_the_folder_does_not_matter() -> None:
    journey = journeys.walk(np.random.default_rng(2))
    turned = Neighbours(Roll(reversed(journey.shots)))
    straight = Neighbours(Roll(journey.shots))
    last = len(journey.shots) - 1
    asked = [index for index, one in enumerate(journey.shots) if one.location is None]
    for index in asked[:20]:
        one, other = straight.about(index), turned.about(last - index)
        assert one is not None
        assert other is not None
        assert one.location.lat == pytest.approx(other.location.lat, abs=1e-9)
        assert one.error_km == pytest.approx(other.error_km)


@pytest.mark.parametrize("kind", ["walk", "drive", "tour with flights", "numbers, no times"])
def test_rolls_come_near_to_what_interpolation_can(kind: str) -> None:
    rng = np.random.default_rng(3)
    judged = [evaluate_neighbours.judge(journeys.KINDS[kind](rng)) for _ in range(6)]
    off, radius = (np.concatenate(parts) for parts in list(zip(*judged, strict=True))[:2])
    best = min(np.median(np.concatenate([item[2][way] for item in judged])) for way in ("linear", "cubic"))
    assert np.median(off) <= 1.4 * best
    assert 0.6 < np.mean(off <= radius) < 0.98
