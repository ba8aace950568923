"""What a teacher teaches, doubt, and how faded a picture is: what the answers and radii are made from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")

from torch import Tensor  # noqa: E402

from export import augment, lens, teacher, world  # noqa: E402
from export.fit import standard  # noqa: E402
from export.model import STATISTICS, Atlas, doubt, fading  # noqa: E402
from geotag.geo import HALF_TURN_KM, distance_km  # noqa: E402
from tests.export_toys import SMALL, taught_toy  # noqa: E402
from tests.golden_pictures import pictures  # noqa: E402

torch.set_num_threads(1)


def test_a_lens_sees_what_the_teacher_would() -> None:
    index, seen = taught_toy()
    rows = np.arange(0, 160, 2)
    assert seen.taught is not None
    known = seen.statistics[rows]
    mean, std = standard(known, np.full(80, 1 / 80))
    ground, through_others = lens.grind(known, index.group[rows], seen.taught[rows], mean, std, 3, 1.0)
    assert through_others.shape == (80, 2, 3)
    side = index.lat > 10
    sight = ((torch.from_numpy(seen.statistics[1::2, 0]).float() - mean) / std) @ ground.weight
    assert abs(np.corrcoef(sight[:, 0].numpy(), side[1::2])[0, 1]) > 0.8
    assert abs(np.corrcoef(through_others[:, 0, 0], side[rows])[0, 1]) > 0.6


def test_places_are_read_from_the_teachers_sight() -> None:
    index, seen = taught_toy()
    config = replace(SMALL, head="readout", taught=3)
    trained = world.train(index, seen, np.arange(0, 160, 2), config)
    found = world.answer(trained, seen.statistics[1::2, 0])
    assert np.mean((found.lat > 10) == (index.lat[1::2] > 10)) > 0.85
    # Most photographs are sure of their continent; pure noise is not.
    noise = np.random.default_rng(0).normal(0, 1, (80, STATISTICS)).astype(np.float16)
    assert np.median(found.doubt) < np.median(world.answer(trained, noise).doubt)
    with pytest.raises(SystemExit, match="--teacher"):
        world.train(index, replace(seen, taught=None), np.arange(160), config)


def test_doubt_is_the_score_an_answer_expects_to_lose() -> None:
    points = np.array([[0.0, 0.0], [0.0, 90.0], [0.0, 180.0]])
    places = torch.tensor([[1.0, 0, 0], [0, 0, 1.0], [0.5, 0.5, 0]])
    atlas = Atlas(points, points, 4 * 1492.7, 0.7)
    lost = doubt(places, torch.from_numpy(atlas.cost())[:, [0, 0, 0]].T, 0.7)
    quarter = 1 - np.exp(-HALF_TURN_KM / 2 / 1492.7)
    assert lost.tolist() == pytest.approx([0, 1 - np.exp(-HALF_TURN_KM / 1492.7), quarter / 2], abs=1e-3)


def test_doubt_tells_the_streets_of_a_town_apart() -> None:
    rng = np.random.default_rng(0)
    streets = rng.normal((40.7, -74.0), 0.002, (30, 2))
    probabilities = rng.dirichlet(np.ones(30), 8)
    atlas = Atlas(streets, streets, 0.5, 0.7)
    lost = doubt(torch.from_numpy(probabilities).float(), torch.from_numpy(atlas.cost())[:, :8].T, 0.7)
    km = distance_km(*streets.T[:, :, None], *streets[:8].T)
    exact = 1 - (probabilities * np.exp(-km.T / (0.5 / 4))).sum(axis=1)
    assert np.allclose(lost.numpy(), exact, atol=1e-5)


def test_grey_sepia_and_faded_copies_are_more_faded() -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (40, 40, 3)).astype(np.float32)
    copies = [picture, augment.faded(picture, 0.5), augment.sepia(picture), augment.grey(picture)]
    plain, pale, brown, grey = fading(torch.from_numpy(np.stack(copies))).tolist()
    assert pale == pytest.approx(plain + 1.2, abs=0.2)
    assert min(brown, grey) > plain + 1.5


def test_the_teacher_reads_its_own_file(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    with pytest.raises(SystemExit, match="is missing"):
        teacher.load(tmp_path / "none.safetensors")
    save_file({"conv1.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(SystemExit, match="has not the layers"):
        teacher.load(tmp_path / "other.safetensors")
    save_file(_small_teacher(), tmp_path / "small.safetensors")
    weights = teacher.load(tmp_path / "small.safetensors")
    seen = teacher.see(weights, torch.from_numpy(pictures(227, 227)))
    assert seen.shape == (8, 3 * 2 * 4 * 2)
    assert len(torch.unique(seen, dim=0)) > 4


def _small_teacher() -> dict[str, Tensor]:
    """A network of GoogLeNet's shape with two channels in every layer."""
    torch.manual_seed(1)
    sizes = {"conv1": (2, 3, 7), "conv2r": (2, 2, 1), "conv2": (2, 2, 3)}
    for at, block in enumerate(("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")):
        wide = 8 if at else 2
        for name, kernel in (("b1", 1), ("b3r", 1), ("b5r", 1), ("bp", 1)):
            sizes[f"inc.{block}.{name}"] = (2, wide, kernel)
        sizes |= {f"inc.{block}.b3": (2, 2, 3), f"inc.{block}.b5": (2, 2, 5)}
    weights = {}
    for name, (out, into, kernel) in sizes.items():
        weights[f"{name}.weight"] = torch.randn(out, into, kernel, kernel) / (into**0.5 * kernel)
        weights[f"{name}.bias"] = torch.full((out,), 0.1)
    return weights
