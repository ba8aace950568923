"""Names that a radius supports, and areas whose name gives a radius of their own size."""

from __future__ import annotations

import numpy as np
import pytest

from geotag import geo
from geotag.evidence import areas, gazetteer
from geotag.evidence.places import locate
from geotag.texts import Candidate, Origin, Text
from geotag.types import Location, Prediction, Region

CAIRO, AT_SEA = Location(30.06, 31.25), Location(0.0, -30.0)


def piece(location: Location, km: float, share: float, place: str = "", country: str = "") -> Candidate:
    return Candidate(location, km, share, place, country)


@pytest.mark.parametrize(
    ("name", "km"),
    [
        ("Lake Como", 20),
        ("Lake Constance", 30),
        ("Lake Balaton", 38),
        ("Loch Ness", 18),
        ("Dartmoor", 20),
        ("New Forest", 18),
        ("Lake District", 25),
        ("Black Forest", 65),
        ("Bohemian Forest", 55),
        ("Provence", 90),
        ("Tuscany", 85),
        ("Vatnajökull", 60),
        ("Rhine", 280),
        ("Alps", 330),
        ("Hindu Kush", 280),
        ("Mississippi River", 650),
        ("Mekong", 600),
        ("Gobi", 600),
        ("Patagonia", 700),
        ("Siberia", 1500),
        ("Sahara", 1900),
    ],
)
def test_an_area_gives_an_area_sized_radius(name: str, km: float) -> None:
    answer = locate([Text(Origin.CAPTION, f"View of {name}")])
    assert answer is not None
    assert answer.place == name
    assert km / 1.5 <= answer.error_km <= 1.5 * km


def test_the_sea_has_no_towns() -> None:
    chosen = piece(AT_SEA, 5.0, 1.0)
    assert areas.names(chosen, [chosen], 5.0) == ("", "")
    wide = piece(AT_SEA, 100.0, 1.0)
    assert areas.names(wide, [wide], 100.0) == ("", "")


def test_a_point_in_a_town_bears_its_name_only_while_the_radius_is_a_town_s() -> None:
    chosen = piece(CAIRO, 3.0, 1.0)
    assert areas.names(chosen, [chosen], 3.0) == ("Cairo", "EG")
    vague = piece(CAIRO, 60.0, 1.0)
    place, country = areas.names(vague, [vague], 60.0)
    assert place != "Cairo"
    assert country == "EG"


def test_a_picture_alone_names_a_continent_where_most_of_it_lies_there() -> None:
    regions = (Region(Location(48, 9), 300, 0.5, 0.1), Region(Location(41, 14), 300, 0.4, 0.1))
    assert areas.of_picture(Prediction(Location(46, 11), 900, regions)) == ("Europe", "")
    split = (Region(Location(48, 9), 300, 0.5, 0.1), Region(CAIRO, 300, 0.4, 0.1))
    assert areas.of_picture(Prediction(Location(40, 20), 1800, split)) == ("", "")


def test_a_picture_of_anywhere_names_nothing() -> None:
    regions = (Region(Location(48, 9), 300, 0.9, 0.1),)
    assert areas.of_picture(Prediction(Location(48, 9), 9000, regions)) == ("", "")
    assert areas.of_picture(Prediction(Location(48, 9), 900)) == ("", "")


def test_countries_by_their_code() -> None:
    assert areas.country_name("EG") == "Egypt"
    assert areas.country_name("") == areas.country_name("XX") == ""
    listed = [code for codes in areas.CONTINENTS.values() for code in codes.split()]
    assert len(listed) == len(set(listed)) > 240


@pytest.mark.parametrize("point", [(-17.8, 179.99), (-17.8, -179.99), (89.9, 0.0), (50.08, 14.43)])
def test_towns_near_a_point_are_all_there_are(point: tuple[float, float]) -> None:
    extract = gazetteer.load()
    kind, population, lat, lon = (extract.arrays[name] for name in ("kind", "population", "lat", "lon"))
    towns = np.flatnonzero((kind == gazetteer.Kind.TOWN) & (population >= 15_000))
    off = geo.distance_km(*point, lat[towns] / 100, lon[towns] / 100)
    numbers, km = extract.near(Location(*point), 700, 15_000)
    assert sorted(numbers.tolist()) == towns[off <= 700].tolist()
    assert np.sort(km) == pytest.approx(np.sort(off[off <= 700]))
