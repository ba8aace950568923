"""Descriptions of models: what is read, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geotag.errors import UsageError
from geotag.models import describe
from geotag.models.describe import Cells, Embedding, Point
from geotag.types import Location, Recipe
from tests import guests
from tests.conftest import ROOT


def said(tmp_path: Path, kind: str, **changed: dict[str, Any]) -> str:
    with pytest.raises(UsageError) as caught:
        describe.read(guests.KINDS[kind]().saved(tmp_path, **changed)[1])
    assert str(caught.value).startswith(str(tmp_path / "model.toml"))
    return str(caught.value)


def test_what_is_described(tmp_path: Path) -> None:
    golden = {"image": "a/b.jpg", "latitude": 1, "longitude": -2.5, "tolerance_km": 7}
    path = guests.planet().saved(tmp_path, golden=golden)[1]
    found = describe.read(path)
    assert (found.name, found.version, found.licence) == ("planet-like", "1", "MIT")
    assert found.picture.recipe == Recipe("squash", 24, 32)
    assert (found.picture.channels, found.picture.range, found.picture.std) == ("BGR", (-1, 1), (1, 1, 1))
    assert found.output == Cells("", "logits", 0.5)
    assert found.radius_km == 750
    assert found.places is not None
    assert found.places.file == str(tmp_path / "cells.csv")
    assert found.golden == describe.Golden(str(tmp_path / "a/b.jpg"), Location(1, -2.5), 7)


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    example = (ROOT / "README.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    path = tmp_path / "model.toml"
    path.write_text(example, encoding="utf-8")
    found = describe.read(str(path))
    assert found.picture.recipe == Recipe("shorter", 256, 256)
    assert found.output == Cells("logits", "logits", 1.0)


def test_the_other_kinds(tmp_path: Path) -> None:
    found = describe.read(guests.osv5m().saved(tmp_path, input={"filter": "bicubic"})[1])
    assert found.picture.recipe == Recipe("shorter", 28, 28, "bicubic")
    assert found.output == Point("", "radians", "latitude", "")
    assert (found.places, found.golden) == (None, None)
    other = describe.read(guests.clip().saved(tmp_path)[1])
    assert other.output == Embedding("image_embeds", 0.05)
    assert other.places is not None
    assert other.places.gallery == str(tmp_path / "gallery.npy")


@pytest.mark.parametrize(
    ("kind", "changed", "what"),
    [
        ("osv5m", {"inptu": {"a": 1}}, "'inptu' has no place in it; there are: [model], [input], [output]"),
        (
            "osv5m",
            {"input": {"heigth": 9}},
            "[input] 'heigth' is no key here; there are: name, layout, height",
        ),
        ("osv5m", {"input": {"height": None}}, "[input] height is missing: a whole number from 1 to 4,096"),
        ("osv5m", {"input": {"height": "24"}}, "[input] height is '24', not a whole number"),
        ("osv5m", {"input": {"width": True}}, "[input] width is True, not a whole number"),
        ("osv5m", {"input": {"width": 5000}}, "[input] width is 5000, not a whole number"),
        ("osv5m", {"input": {"layout": "NHCW"}}, '[input] layout is \'NHCW\', not "NCHW" or "NHWC"'),
        ("osv5m", {"input": {"mean": [0.5]}}, "[input] mean is [0.5], not 3 numbers"),
        ("osv5m", {"input": {"mean": [0, 0, "0"]}}, "not 3 numbers"),
        ("osv5m", {"input": {"std": [1, 0, 1]}}, "[input] std has to be above 0"),
        ("osv5m", {"input": {"range": [1, 0]}}, "range to rise"),
        ("osv5m", {"input": {"resize": "squash"}}, '[input] shorter_side goes with resize = "shorter"'),
        ("osv5m", {"input": {"shorter_side": 23}}, "no less than height and width"),
        ("osv5m", {"input": {"filter": "lanczos"}}, "[input] filter is 'lanczos'"),
        ("osv5m", {"output": {"radius_km": None}}, "[output] radius_km is missing"),
        ("osv5m", {"output": {"radius_km": 0}}, "[output] radius_km is 0, not a number"),
        ("osv5m", {"output": {"radius_km": 30000}}, "[output] radius_km is 30000, not a number"),
        ("osv5m", {"output": {"radius_output": "r"}}, "[output] 'radius_km' is no key here"),
        ("osv5m", {"output": {"gives": "answers"}}, "[output] gives is 'answers', not \"coordinates\" or"),
        ("osv5m", {"output": {"temperature": 2}}, "[output] 'temperature' is no key here"),
        ("osv5m", {"places": {"file": "a.csv"}}, "'places' has no place in it"),
        (
            "osv5m",
            {"golden": {"latitude": 95, "longitude": 0, "image": "a"}},
            "latitude is 95, not a number from",
        ),
        ("osv5m", {"golden": {"latitude": 9, "longitude": 0}}, "[golden] image is missing"),
        ("osv5m", {"model": {"licence": None}}, "[model] licence is missing"),
        ("osv5m", {"model": {"licence": ""}}, "[model] licence is '', not a text"),
        ("osv5m", {"model": {"name": "a\x1b[2J"}}, "[model] name is 'a\\x1b[2J', not a text on one line"),
        ("planet", {"output": {"temperature": 0}}, "[output] temperature is 0, not a number"),
        ("planet", {"output": {"activation": "probabilities"}}, "[output] temperature is for logits"),
        ("planet", {"places": {"gallery": "g.npy"}}, "[places] 'gallery' is no key here"),
        ("planet", {"places": {"file": None}}, "[places] file is missing"),
        ("clip", {"places": {"gallery": None}}, "[places] gallery is missing"),
        ("clip", {"output": {"temperature": None}}, "[output] temperature is missing"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, kind: str, changed: dict[str, Any], what: str) -> None:
    message = said(tmp_path, kind, **changed)
    assert what in message
    assert "\x1b" not in message


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    message = said(tmp_path, "osv5m", input={"heigth": 9, "layout": None}, output={"unit": "grad"})
    assert all(key in message for key in ("heigth", "layout", "unit"))


@pytest.mark.parametrize(
    ("content", "what"), [(b"[model", "no TOML"), (b"\xff", "no TOML"), (b"", "table [model] is missing")]
)
def test_what_is_no_description(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.toml: ") as caught:
        describe.read(str(path))
    assert what in str(caught.value)
    with pytest.raises(UsageError, match="cannot be read: no such file"):
        describe.read(str(tmp_path / "gone.toml"))


def test_nesting_without_end_is_an_error_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(UsageError, match="no TOML"):
        describe.read(str(path))
