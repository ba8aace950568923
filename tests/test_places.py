"""Words to places: the gazetteer as shipped, names in context, honest radii."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from geotag import geo
from geotag.evidence.gazetteer import Gazetteer, Kind, load
from geotag.evidence.mentions import mentions
from geotag.evidence.places import locate
from geotag.texts import Answer, Caption, Origin, Text
from geotag.types import Location

Point = tuple[float, float]

PARIS, WROCLAW, MUMBAI, OSLO = (48.86, 2.35), (51.11, 17.03), (19.08, 72.88), (59.91, 10.75)
ISTANBUL, PETERSBURG, SAIGON, KALININGRAD = (41.01, 28.95), (59.94, 30.31), (10.82, 106.63), (54.71, 20.51)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load()


def said(caption: str = "", *, folder: str = "", place: str = "") -> Answer | None:
    parts = ((Origin.FIELD, place), (Origin.CAPTION, caption), (Origin.FOLDER, folder))
    return locate(Text(origin, text) for origin, text in parts if text)


def sure(answer: Answer | None) -> bool:
    return answer is not None and answer.error_km <= 50


def gap_km(answer: Answer | None, point: Point) -> float:
    assert answer is not None
    return float(geo.distance_km(answer.location.lat, answer.location.lon, *point))


@pytest.mark.parametrize(
    ("caption", "point"),
    [
        ("A street in Constantinople", ISTANBUL),
        ("Ansicht von Breslau", WROCLAW),
        ("The harbour of Bombay", MUMBAI),
        ("Christiania, Norway, in winter", OSLO),
        ("Leningrad, 1938", PETERSBURG),
        ("Market in Saigon", SAIGON),
        ("Blick auf Königsberg", KALININGRAD),
        ("Breitet sich aus: das alte Breslauer Rathaus", WROCLAW),
        ("Вид на реку в Ленинграде", PETERSBURG),
        ("Άποψη της Αθήνας, Αθήνα", (37.98, 23.73)),
        ("منظر من القاهرة", (30.04, 31.24)),
        ("רחוב בירושלים, ירושלים", (31.77, 35.22)),
        ("東京の街", (35.68, 139.76)),
        ("北京", (39.91, 116.4)),
    ],
)
def test_old_names_and_other_scripts(caption: str, point: Point) -> None:
    answer = said(caption)
    assert sure(answer)
    assert gap_km(answer, point) < 25


@pytest.mark.parametrize(
    "caption",
    [
        "Man reading",
        "Nice orange flowers in March",
        "Most men die young",
        "The Die. Most of the March",
        "Portrait of Florence George",
        "Paris Hilton arrives",
        "Mr. Lincoln and Mrs. Washington with George",
        "Reading room with two women",
        "Portrait of a lady",
        "12345",
        "",
    ],
)
def test_everyday_words_and_people_are_no_places(caption: str) -> None:
    assert not sure(said(caption))


@pytest.mark.parametrize(
    ("texts", "point"),
    [
        ({"caption": "Springfield, Ohio"}, (39.92, -83.81)),
        ({"caption": "Paris, Texas"}, (33.66, -95.56)),
        ({"caption": "Paris, France"}, PARIS),
        ({"caption": "The boulevards of Paris"}, PARIS),
        ({"caption": "Courthouse in Paris", "folder": "Lamar County, Texas"}, (33.66, -95.56)),
        ({"caption": "Old town, Tbilisi", "folder": "Georgia"}, (41.69, 44.83)),
        ({"caption": "Peach harvest near Macon", "folder": "Georgia"}, (32.84, -83.63)),
        ({"caption": "Albany, New York"}, (42.65, -73.76)),
        ({"caption": "Two men on a street", "folder": "Stadtarchiv Uster"}, (47.35, 8.72)),
        ({"caption": "Two men", "place": "Boise, Ada County, Idaho"}, (43.61, -116.2)),
    ],
)
def test_context_says_which(texts: dict[str, str], point: Point) -> None:
    answer = said(**texts)
    assert sure(answer)
    assert gap_km(answer, point) < 25


@pytest.mark.parametrize(
    ("caption", "least_km", "most_km", "point"),
    [
        ("Bergdorf in Bayern", 80, 400, (48.9, 11.7)),
        ("Caravan in the Sahara", 1000, 4000, (23.5, 9)),
        ("Villa at Lake Como", 10, 60, (46, 9.27)),
        ("Farm in Kansas", 100, 500, (38.5, -98)),
        ("Boats on the Seine", 100, 400, (48.9, 2.2)),
        ("An der Isar", 60, 200, (48.1, 11.7)),
        ("Winter in the Jura", 80, 400, (46.9, 6.4)),
        ("Hop picking in Kent", 40, 200, (51.2, 0.75)),
        ("Steamer on the Amazon", 700, 2000, (-3.5, -60.5)),
    ],
)
def test_an_area_has_an_area_sized_radius(
    caption: str, least_km: float, most_km: float, point: Point
) -> None:
    answer = said(caption)
    assert answer is not None
    assert least_km < answer.error_km < most_km
    assert gap_km(answer, point) < most_km


@pytest.mark.parametrize(
    ("name", "km"),
    [("Bavaria", 146), ("Saxony", 82), ("Ohio", 182), ("Tuscany", 85), ("Vistula", 220), ("Nile", 900)],
)
def test_the_bare_name_of_an_area_is_enough(name: str, km: float) -> None:
    answer = said(name)
    assert answer is not None
    assert km < answer.error_km < 2.2 * km


@pytest.mark.parametrize("name", ["Georgia", "Victoria"])
def test_a_name_of_areas_far_apart_says_no_more_than_that(name: str) -> None:
    answer = said(name)
    assert answer is None or answer.error_km > 2500


def test_a_collection_called_after_a_town_shows_the_town_itself() -> None:
    named, titled = said("A street in Uster"), said("Two men on a street", folder="Stadtarchiv Uster")
    assert named is not None
    assert titled is not None
    assert named.candidates[0].place == titled.candidates[0].place == "Uster"
    assert named.candidates[0].radius_km > titled.candidates[0].radius_km


def test_a_doubt_between_places_widens_the_radius() -> None:
    alone, settled = said("Springfield"), said("Springfield, Ohio")
    assert settled is not None
    assert alone is None or alone.error_km > 10 * settled.error_km


def test_two_far_places_are_not_one_answer() -> None:
    assert not sure(said("From Chicago to Moscow"))


def test_streets_are_not_towns() -> None:
    assert not sure(said("Houses in Richmond Road"))
    assert not sure(said("Vue de la rue de Berlin"))


def test_an_answer_says_what_spoke_for_it() -> None:
    answer = said("Main street", place="Springfield, Ohio")
    assert answer is not None
    assert answer.country == "US"
    assert answer.place == "Springfield"
    assert "place field 'Springfield'" in answer.evidence
    assert "'Ohio'" in answer.evidence


def test_candidates_are_a_distribution() -> None:
    for caption in ("Springfield", "Paris, Texas", "Georgia", "Hotel in Lincoln"):
        answer = said(caption)
        if answer is not None:
            odds = [candidate.probability for candidate in answer.candidates]
            assert odds == sorted(odds, reverse=True)
            assert 0 < sum(odds) <= 1 + 1e-9
            assert all(candidate.radius_km > 0 for candidate in answer.candidates)


def test_a_caption_and_its_texts_are_the_same() -> None:
    texts = (Text(Origin.CAPTION, "Paris, Texas"),)
    assert locate(Caption(texts)) == locate(texts)


def test_nothing_written_is_no_place() -> None:
    assert locate(()) is None
    assert locate([Text(Origin.CAPTION, "¿?… \n\t")]) is None


def test_long_and_odd_texts_are_taken() -> None:
    assert sure(said("Paris. " * 5000))
    said("\ud800 \x00 Paris\u202e ,,,((( " * 50)


def test_a_state_is_short_only_where_it_is_written_so(gazetteer: Gazetteer) -> None:
    found = mentions((Text(Origin.CAPTION, "Boise, ID. Me and mine in OR out, or by id"),), gazetteer)
    assert [mention.written for mention in found] == ["Boise", "ID"]


def test_the_gazetteer_holds_small_towns_and_their_areas(gazetteer: Gazetteer) -> None:
    names = gazetteer.names("coolin")
    assert names is not None
    place = gazetteer.place(names.ids[0])
    assert (place.name, place.country, place.kind) == ("Coolin", "US", Kind.HAMLET)
    areas = [gazetteer.place(area).name for area in place.within]
    assert areas == ["Bonner County", "Idaho", "United States"]


def test_every_place_lies_on_earth_within_areas_before_it(gazetteer: Gazetteer) -> None:
    column = gazetteer.arrays
    assert abs(column["lat"]).max() <= 9000
    assert abs(column["lon"]).max() <= 18000
    areas = len(column["radius"])
    assert (column["kind"][:areas] < Kind.TOWN).all()
    assert (column["kind"][areas:] >= Kind.TOWN).all()
    assert column["parent"].max() < areas
    assert (column["radius"] > 0).all()


def test_names_lie_in_order_so_that_they_are_found(gazetteer: Gazetteer) -> None:
    names = gazetteer.keys
    ends = np.cumsum(names.sizes).tolist()
    keys = [bytes(names.spelt[ends[row - 1] : ends[row]]) for row in range(1, len(names), 997)]
    assert keys == sorted(keys)
    assert all(gazetteer.continues(key.decode().partition(" ")[0]) for key in keys if b" " in key)
    assert all(gazetteer.names(key.decode()) is not None for key in keys)
    assert gazetteer.names("no such place at all") is None


def test_names_of_people_are_found_as_a_whole(gazetteer: Gazetteer) -> None:
    assert "anna" in gazetteer.given
    assert "smith" in gazetteer.family
    for word in ("", "annb", "anna smith", "zzzzz", "0"):
        assert word not in gazetteer.given
        assert word not in gazetteer.family


def test_the_gazetteer_lies_in_a_file_and_not_in_memory(gazetteer: Gazetteer) -> None:
    arrays = gazetteer.arrays.values()
    assert not any(array.flags.owndata or array.flags.writeable for array in arrays)
    assert all(array.ctypes.data % array.itemsize == 0 for array in arrays)


def test_radius_of_nothing_is_no_answer() -> None:
    from geotag.evidence import spread

    place, radius = spread.centre([Location(0, 0)], [5.0], [0.5])
    assert (place, radius) == (0, spread.NOWHERE_KM)
    _, certain = spread.centre([Location(0, 0)], [5.0], [1.0])
    assert 4.5 < certain < 6
    _, pair = spread.centre([Location(0, 0), Location(0, 90)], [5.0, 5.0], [0.5, 0.5])
    assert pair > 9000


def test_words_load_no_model_and_no_interface() -> None:
    code = (
        "import sys, geotag.evidence.gazetteer, geotag.evidence.places; "
        "bad = {'onnxruntime', 'torch', 'click', 'rich', 'PIL'} & set(sys.modules); "
        "sys.exit(str(bad) if bad or geotag.evidence.gazetteer._load.cache_info().currsize else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("caption", ["Portrait of Charlotte", "Het portret van Hans van Breukelen"])
def test_portraits_and_names_with_von_are_people(caption: str) -> None:
    assert not sure(said(caption))


def test_an_inflected_name_may_begin_a_text_when_the_town_is_large() -> None:
    assert sure(said("Breslauer Rathaus im Winter"))
    assert said("Parkers at home") is None
