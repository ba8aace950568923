"""Places read from how alike a picture is to the photographs known: for a region's few photographs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geovision-geotag[export]'")

from export import likeness, world  # noqa: E402
from export.bundle import Bundle, load  # noqa: E402
from export.connected import Recall  # noqa: E402
from export.fit import Config  # noqa: E402
from export.heads import Places, build_atlas  # noqa: E402
from export.model import STATISTICS, Eyes  # noqa: E402
from export.radius import Curve  # noqa: E402
from geotag.geo import distance_km  # noqa: E402
from geotag.score import constant_guess  # noqa: E402
from tests.export_toys import SMALL, toy  # noqa: E402

torch.set_num_threads(1)


def test_a_picture_is_wholly_alike_to_itself_and_less_to_others() -> None:
    known = torch.from_numpy(np.random.default_rng(0).normal(0, 1, (20, 50)).astype(np.float32))
    standards, spread = (torch.zeros(STATISTICS), torch.ones(STATISTICS)), torch.full((50,), 3.0)
    alike = Recall(*standards, known, spread, torch.ones(4) / 4).alike(known)
    assert torch.allclose(alike.diagonal(), torch.ones(20), atol=1e-4)
    others = alike[~torch.eye(20, dtype=torch.bool)]
    assert others.max() < 0.8
    assert others.median() == pytest.approx(np.exp(-1), abs=0.03)


def test_the_head_that_suits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    index, _ = toy(40)
    auto = replace(SMALL, head="auto")
    assert world.settled(auto, index).head == "likeness"
    assert world.settled(replace(SMALL, head="cells"), index).head == "cells"
    monkeypatch.setattr(world, "FEW", 39)
    assert world.settled(auto, index).head == "places"


def test_a_region_sees_each_photograph_once_unless_told_otherwise() -> None:
    index, _ = toy(40)
    region, many = world.settled(Config(), index), world.settled(Config(head="likeness"), index)
    assert (region.head, region.views) == ("likeness", 1)
    assert many.views > 1
    assert region.ridge < many.ridge
    told = world.settled(Config(views=2, ridge=7.0), index)
    assert (told.head, told.views, told.ridge) == ("likeness", 2, 7.0)
    # What is settled stays so: a training settles what its command has settled before.
    assert world.settled(region, index) == region


def test_one_wrong_place_does_not_stretch_a_town_nor_is_the_world_cut() -> None:
    rng = np.random.default_rng(0)
    lat, lon = rng.normal((40.7, -74.0), 0.05, (300, 2)).T
    share = np.full(300, 1 / 300)
    town = world.scale_km(lat, lon, share)
    assert 4 < town < 8
    lat[0], lon[0] = 1.3, 103.8
    assert world.scale_km(lat, lon, share) == pytest.approx(town, rel=0.05)
    index, _ = toy()
    share = np.full(160, 1 / 160)
    away = distance_km(index.lat, index.lon, *constant_guess(index.lat, index.lon, share))
    assert world.scale_km(index.lat, index.lon, share) == pytest.approx(away.mean())


def test_what_is_seen_through_a_lens_is_its_product_with_what_the_eyes_see() -> None:
    rng = np.random.default_rng(2)
    statistics = rng.normal(3, 2, (12, 3, STATISTICS)).astype(np.float16)
    mean, std = torch.full((STATISTICS,), 3.0), torch.full((STATISTICS,), 2.0)
    lens, seen = likeness.own_sight(statistics, mean, std, 5)
    assert seen.shape == (12, 3, 5)
    for photograph, guise in ((0, 0), (3, 2), (11, 1)):
        inputs = (torch.from_numpy(statistics[photograph, guise]).float() - mean) / std
        assert np.allclose(inputs @ lens.weight, seen[photograph, guise], atol=1e-4)


def test_it_is_the_same_when_it_comes_back_from_disk(tmp_path: Path) -> None:
    index, seen = toy(40)
    trained = world.train(index, seen, np.arange(40), replace(SMALL, head="likeness"))
    assert isinstance(trained.task, Places)
    radius = {"int8": Curve(np.array([0.0, 1.0]), np.array([10.0, 90.0]))}
    Bundle(Eyes().eval(), trained.head, trained.task.atlas, radius, {}).save(tmp_path / "model.pt")
    again = load(tmp_path / "model.pt").head
    statistics = torch.from_numpy(seen.statistics[:, 0]).float()
    with torch.no_grad():
        assert torch.equal(again(statistics), trained.head(statistics))


def test_every_place_is_next_to_somebody() -> None:
    # Far outliers pull the middle of a region to where nobody is: it happens to one of these twenty.
    rng, share = np.random.default_rng(0), np.full(120, 1 / 120)
    for _ in range(20):
        lat, lon = (middle + 0.025 * rng.standard_t(1.5, 120) for middle in (40.7, -74))
        atlas = build_atlas(lat, lon, share, 60, 40.0, 0.7)
        assert (Places(lat, lon, atlas, share, 1.0, levels=False).prior > 0).all()
