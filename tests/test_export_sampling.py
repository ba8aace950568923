"""Balanced sampling on a skewed set, places that follow the data, looks of an archive, the radius curve."""

import numpy as np
import pytest

from export import augment
from export.radius import calibrate
from export.sampling import Sampler, centre, places, shares
from geotag.geo import HALF_TURN_KM
from geotag.score import cells


def _skewed() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    crowd = np.column_stack([48.8 + rng.uniform(0, 0.1, 900), 2.3 + rng.uniform(0, 0.1, 900)])
    others = np.column_stack([rng.uniform(-60, 40, 100), rng.uniform(-170, 170, 100)])
    lat, lon = np.concatenate([crowd, others]).T
    return lat, lon


def test_a_crowded_cell_counts_up_to_its_cap() -> None:
    lat, lon = _skewed()
    assert shares(cells(lat, lon), np.inf)[:900].sum() == pytest.approx(0.9)
    assert shares(cells(lat, lon), 1)[:900].sum() == pytest.approx(1 / 101, rel=0.05)
    assert shares(cells(lat, lon), 10)[:900].sum() == pytest.approx(10 / 110, rel=0.05)


def test_the_sampler_draws_what_the_shares_say() -> None:
    lat, lon = _skewed()
    drawn = Sampler(shares(cells(lat, lon), 1)).draw(20_000, np.random.default_rng(1))
    assert np.mean(drawn < 900) == pytest.approx(1 / 101, abs=0.004)
    assert set(np.unique(drawn[drawn >= 900])) == set(range(900, 1000))


def test_places_follow_the_data_from_coarse_to_fine() -> None:
    lat, lon = _skewed()
    share = shares(cells(lat, lon), 1)
    coarse, fine = (places(lat, lon, share, most, 10) for most in (8, 60))
    assert [len(coarse), len(fine)] == [8, 60]
    for regions in (coarse, fine):
        assert sorted(np.concatenate(regions)) == list(range(1000))
    for region in fine:
        assert sum(set(region) <= set(wide) for wide in coarse) == 1
    # A place needs no cutting when its photographs lie together, however many there are.
    assert len(places(lat[:900], lon[:900], share[:900], 50, 30)) == 1


def test_the_centre_of_points_around_the_antimeridian_is_there() -> None:
    assert centre([10, -10], [179, -179], [1, 1]) == pytest.approx((0, 180))


def test_looks_of_an_archive() -> None:
    rng = np.random.default_rng(2)
    picture = rng.uniform(0, 255, (40, 60, 3)).astype(np.float32)
    grey = augment.grey(picture)
    assert np.ptp(grey, axis=2).max() == 0
    brown = augment.sepia(picture)
    assert (brown[..., 0] > brown[..., 2]).all()
    assert augment.faded(picture, 0.5).std() == pytest.approx(picture.std() / 2, rel=0.1)
    framed = augment.border(picture, rng)
    assert framed[0].std() == 0
    assert framed.shape == picture.shape
    assert augment.blurred(picture, rng).std() < 0.7 * picture.std()
    assert augment.grain(picture, rng).std() > picture.std()
    smooth = augment.resized(augment.resized(picture, 6, 9), 40, 60)
    assert 0 < np.abs(augment.blocky(smooth, rng) - smooth).mean() < 10


def test_resizing_keeps_flat_pictures_flat_and_the_mean() -> None:
    assert augment.resized(np.full((31, 17, 3), 7, np.float32), 12, 50) == pytest.approx(7)
    ramp = np.repeat(np.arange(64, dtype=np.float32)[:, None, None], 3, axis=2)
    assert augment.resized(ramp, 16, 1).mean() == pytest.approx(31.5, abs=0.5)


def test_a_view_is_repeatable_and_by_its_recipe() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 130, 3)).astype(np.uint8)
    views = [augment.view(pixels, 50, 70, np.random.default_rng(seed)) for seed in range(30)]
    assert {(view.shape, view.dtype.name) for view in views} == {((50, 70, 3), "uint8")}
    assert np.array_equal(views[3], augment.view(pixels, 50, 70, np.random.default_rng(3)))
    assert len({view.tobytes() for view in views}) == 30


def test_the_radius_covers_four_of_five_at_every_confidence_and_never_falls() -> None:
    rng = np.random.default_rng(5)
    cost = rng.uniform(0.2, 1, 40_000)
    km = np.minimum(rng.exponential(4000 * cost), HALF_TURN_KM)
    curve = calibrate(cost[:20_000], km[:20_000], np.ones(20_000), 9)
    assert (np.diff(curve.km) >= 0).all()
    # However confident, no radius is smaller than what the most confident ninth was held by.
    surest = np.argsort(cost[:20_000])[: 20_000 // 9]
    held = np.quantile(km[:20_000][surest], 0.8)
    assert curve(np.array([-9.0, 0.0, 0.2])).min() >= 0.999 * held
    inside = km[20_000:] <= curve(cost[20_000:])
    for low, high in ((0.2, 0.46), (0.46, 0.73), (0.73, 1)):
        part = (cost[20_000:] >= low) & (cost[20_000:] < high)
        assert inside[part].mean() == pytest.approx(0.8, abs=0.04)
    assert curve(0.0) == curve.km[0] > 0
    assert curve(9.0) == curve.km[-1] <= HALF_TURN_KM


def test_no_confidence_at_all_still_gives_a_radius() -> None:
    curve = calibrate(np.zeros(40), np.arange(40.0), np.ones(40), 2)
    assert curve(0.0) == pytest.approx(32, abs=2)
    with pytest.raises(ValueError, match="20 are needed"):
        calibrate(np.zeros(5), np.zeros(5), np.ones(5), 2)
