"""The GPS directory: values to the last digit, what stays, what goes, and whose answer it is."""

from __future__ import annotations

import ast
import struct
from pathlib import Path

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geotag.errors import RefusedError
from geotag.metadata import gps
from geotag.metadata.ifd import Field
from geotag.types import Location, Position, Tag
from tests.blocks import Value, camera_gps, rationals, text

PARIS = Tag(Location(48.858370, 2.294481), 2500.0, "geovision-1")


def fields(values: list[Value]) -> list[Field]:
    return [Field(*value) for value in values]


@given(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000), st.sampled_from("<>"))
def test_six_decimals_come_back_exactly(lat: int, lon: int, order: str) -> None:
    location = Location(lat / 1e6, lon / 1e6)
    found = gps.position(gps.renewed([], order, Tag(location, 1.0, "m"), False), order)
    assert found == Position(location, "geotag m")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("lat", "lon", "letters"),
    [(0.0, 0.0, b"NE"), (-0.000001, -0.000001, b"SW"), (90.0, 180.0, b"NE"), (-90.0, -180.0, b"SW")],
)
def test_values_as_the_standard_wants_them(lat: float, lon: float, letters: bytes, order: str) -> None:
    by_tag = {f.tag: f for f in gps.renewed([], order, Tag(Location(lat, lon), 12.3456, "m"), False)}
    assert by_tag[0].data == bytes((2, 3, 0, 0))
    assert (by_tag[1].data, by_tag[3].data) == (letters[:1] + b"\0", letters[1:] + b"\0")
    degrees, minutes, seconds = (struct.unpack(order + "6I", by_tag[2].data)[i : i + 2] for i in (0, 2, 4))
    assert (degrees[1], minutes[1], seconds[1]) == (1, 1, 10_000)
    assert minutes[0] < 60
    assert seconds[0] < 600_000
    assert by_tag[18].data == b"WGS-84\0"
    assert by_tag[27].data == b"ASCII\0\0\0geotag m (requires verification)"
    assert struct.unpack(order + "2I", by_tag[31].data) == (12346, 1), "metres, rounded up"
    assert set(by_tag) == {0, 1, 2, 3, 4, 18, 27, 31}, "a prediction has no altitude and no time"


@pytest.mark.parametrize(("km", "metres"), [(0.0, 1), (0.0001, 1), (2500.0, 2_500_000), (0.0011, 2)])
def test_the_radius_is_never_rounded_to_nothing(km: float, metres: int) -> None:
    error = next(f for f in gps.renewed([], ">", Tag(PARIS.location, km, "m"), False) if f.tag == 31)
    assert struct.unpack(">2I", error.data) == (metres, 1)


def test_a_model_with_a_foreign_name_comes_back_whole() -> None:
    made = gps.renewed([], "<", Tag(PARIS.location, 1.0, "modèle"), False)
    found = gps.position(made, "<")
    assert found is not None
    assert found.machine == "geotag modèle"


def test_a_reader_of_the_position_sees_that_nobody_has_verified_it() -> None:
    method = next(field for field in gps.renewed([], "<", PARIS, False) if field.tag == 27)
    assert method.data == b"ASCII\0\0\0geotag geovision-1 (requires verification)"


def test_a_position_whose_status_a_person_removed_is_still_the_machine_s() -> None:
    made = [
        Field(field.tag, field.type, field.count, field.data.replace(b" (requires verification)", b""))
        for field in gps.renewed([], "<", PARIS, False)
    ]
    assert gps.position(made, "<") == Position(PARIS.location, "geotag geovision-1")


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_is_no_position_is_carried_over_word_for_word(order: str) -> None:
    direction = [
        text(16, "M"),
        rationals(order, 17, 18_550, 100),
        text(29, "2019:07:14"),
        (99, 77, 3, b"\1\2\3\4"),
    ]
    made = gps.renewed(fields([(0, 1, 4, bytes((2, 2, 0, 0))), *direction]), order, PARIS, False)
    assert made[: len(direction)] == fields(direction)
    assert sum(f.tag == 0 for f in made) == 1


def test_replacing_drops_what_describes_the_old_fix() -> None:
    made = gps.renewed(fields(camera_gps("<")), "<", PARIS, True)
    assert sorted(f.tag for f in made) == [0, 1, 2, 3, 4, 16, 17, 18, 27, 31]


def test_a_renewal_keeps_what_was_carried_over() -> None:
    carried = fields([text(29, "2019:07:14"), rationals("<", 6, 35, 1)])
    first = gps.renewed(carried, "<", PARIS, False)
    second = gps.renewed(first, "<", Tag(Location(1.0, 2.0), 3.0, "other"), True)
    assert second[:2] == carried
    assert len(second) == len(first)


def test_a_position_that_is_not_ours_stands() -> None:
    with pytest.raises(RefusedError, match="already has a position"):
        gps.renewed(fields(camera_gps(">")), ">", PARIS, False)


def test_our_answer_moved_by_another_program_is_not_ours_any_more() -> None:
    moved = gps.renewed([], "<", PARIS, False)
    moved = [Field(*rationals("<", 2, 48, 1, 513, 10, 0, 1)) if f.tag == 2 else f for f in moved]
    found = gps.position(moved, "<")
    assert found == Position(Location(48.855, PARIS.location.lon), None)
    with pytest.raises(RefusedError, match="already has a position"):
        gps.renewed(moved, "<", PARIS, False)


UNREADABLE: dict[str, list[Value]] = {
    "nothing divided by nothing": [
        *camera_gps("<")[:2],
        rationals("<", 2, 0, 0, 0, 0, 0, 0),
        *camera_gps("<")[3:],
    ],
    "text": [text(1, "N"), text(2, "48.85"), text(3, "E"), text(4, "2.29")],
    "no letter": [v for v in camera_gps("<") if v[0] != 1],
    "strange letter": [text(1, "X"), *(v for v in camera_gps("<") if v[0] != 1)],
    "no longitude": [v for v in camera_gps("<") if v[0] not in (3, 4)],
    "beyond the pole": [text(1, "N"), rationals("<", 2, 95, 1), *camera_gps("<")[3:]],
    "four parts": [text(1, "N"), rationals("<", 2, 1, 1, 1, 1, 1, 1, 1, 1), *camera_gps("<")[3:]],
    "a count that lies": [text(1, "N"), (2, 5, 3, b"\1\2\3\4"), *camera_gps("<")[3:]],
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_position_that_cannot_be_read_is_not_overwritten_unasked(name: str) -> None:
    old = fields(UNREADABLE[name])
    assert gps.position(old, "<") is None
    with pytest.raises(RefusedError, match="cannot be read"):
        gps.renewed(old, "<", PARIS, False)
    found = gps.position(gps.renewed(old, "<", PARIS, True), "<")
    assert found == Position(PARIS.location, "geotag geovision-1")


@pytest.mark.parametrize(
    ("values", "lat"),
    [
        ([text(1, "s"), rationals("<", 2, 33, 1, 30, 1, 0, 1)], -33.5),
        ([text(1, "N"), rationals("<", 2, 33, 1, 3050, 100)], 33.508333333333333),
        ([text(1, "N"), rationals("<", 2, 3350, 100)], 33.5),
        ([text(1, "South"), (2, 10, 3, struct.pack("<6i", 33, 1, 30, 1, 0, 1))], -33.5),
    ],
    ids=["small letter", "two parts", "one part", "signed"],
)
def test_positions_in_other_spellings_are_read(values: list[Value], lat: float) -> None:
    found = gps.position(fields([*values, text(3, "W"), rationals("<", 4, 70, 1, 0, 1, 0, 1)]), "<")
    assert found == Position(Location(lat, -70.0), None)


def test_a_whole_block_reads_in_piexif() -> None:
    found = piexif.load(b"Exif\0\0" + gps.block(PARIS))
    assert found["GPS"][piexif.GPSIFD.GPSLatitude] == ((48, 1), (51, 1), (301_320, 10_000))
    assert found["GPS"][piexif.GPSIFD.GPSHPositioningError] == (2_500_000, 1)
    assert [bool(found[name]) for name in ("0th", "Exif", "Interop", "1st", "thumbnail")] == [True] + [
        False
    ] * 4


def test_piexif_is_a_table_of_tags_and_nothing_else() -> None:
    """`piexif.insert` and `piexif.load` followed by `dump` lose thumbnails, maker's notes and JFIF."""
    package = Path(gps.__file__).parent.parent
    used = {
        (path.relative_to(package).as_posix(), alias.name)
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "piexif")
        or (isinstance(node, ast.Import) and any(a.name.startswith("piexif") for a in node.names))
        for alias in node.names
    }
    assert used == {("metadata/gps.py", "GPSIFD")}
