"""The quicker decoder of JPEGs: the very pixels that Pillow gives, or Pillow's turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.pixels import turbo
from geotag.types import Recipe
from tests.pictures import photograph, saved

RECIPES = (Recipe("squash", 40, 40), Recipe("shorter", 64, 48), Recipe("pad", 150, 150))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every picture that was offered to the quicker decoder: whether it took it."""
    pytest.importorskip("simplejpeg", reason="has no wheels for this machine")
    found: list[bool] = []
    real = turbo.decode

    def noted(data: bytes, width: int, height: int) -> Any:
        pixels = real(data, width, height)
        found.append(pixels is not None)
        return pixels

    monkeypatch.setattr(turbo, "decode", noted)
    return found


def by_pillow(data: bytes, recipe: Recipe) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turbo, "decode", lambda *_: None)
        return decode(data, recipe)


@pytest.mark.parametrize(
    "how",
    [
        {"subsampling": "4:4:4"},
        {"subsampling": "4:2:2"},
        {"subsampling": "4:2:0", "quality": 30},
        {"subsampling": "4:1:1"},
        {"keep_rgb": True},
        {"restart_marker_blocks": 3},
        {"optimize": True, "comment": b"words"},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [(17, 9), (333, 257), (801, 1203)])
def test_the_very_pixels(taken: list[bool], size: tuple[int, int], how: dict[str, Any]) -> None:
    data = saved(photograph(*size), "JPEG", **how)
    for recipe in RECIPES:
        assert np.array_equal(decode(data, recipe), by_pillow(data, recipe)), recipe
    assert taken == [True] * len(RECIPES)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright(taken: list[bool], orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(photograph(400, 300), "JPEG", exif=exif)
    assert np.array_equal(decode(data, RECIPES[0]), by_pillow(data, RECIPES[0]))
    assert taken == [True]


@pytest.mark.parametrize(
    ("mode", "how"),
    [("L", {}), ("CMYK", {}), ("RGB", {"progressive": True})],
    ids=["grey", "ink", "progressive"],
)
def test_others_are_not_even_offered(taken: list[bool], mode: str, how: dict[str, Any]) -> None:
    data = saved(photograph(400, 300).convert(mode), "JPEG", **how)
    assert np.array_equal(decode(data, RECIPES[0]), by_pillow(data, RECIPES[0]))
    assert taken == []


def test_what_it_warns_of_is_left_to_pillow(taken: list[bool]) -> None:
    """A restart marker that is not the one whose turn it is (ITU-T T.81, E.2.4)."""
    data = saved(photograph(400, 300), "JPEG", restart_marker_blocks=3).replace(b"\xff\xd1", b"\xff\xd5", 1)
    assert np.array_equal(decode(data, RECIPES[0]), by_pillow(data, RECIPES[0]))
    assert taken == [False]


def test_a_truncated_picture_fails_as_before(taken: list[bool]) -> None:
    data = saved(photograph(400, 300), "JPEG")[:-2000]
    with pytest.raises(PhotoError, match="truncated"):
        decode(data, RECIPES[0])
    assert taken == [False]


def test_without_the_package_pillow_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(photograph(400, 300), "JPEG")
    pixels = decode(data, RECIPES[0])
    monkeypatch.setattr(turbo, "simplejpeg", None)
    assert turbo.decode(data, 400, 300) is None
    assert np.array_equal(decode(data, RECIPES[0]), pixels)


def test_a_size_that_no_scale_gives_is_refused() -> None:
    pytest.importorskip("simplejpeg", reason="has no wheels for this machine")
    data = saved(photograph(400, 300), "JPEG")
    assert turbo.decode(data, 200, 149) is None
    assert turbo.decode(data, 900, 900) is None
    assert turbo.decode(b"\xff\xd8\xff rubbish", 40, 30) is None
