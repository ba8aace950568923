"""The losses where the sphere is awkward, the heads, exact resuming, and a model from photographs to ONNX."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")

from export import heads, int8, loss, views, world  # noqa: E402
from export.bundle import load_eyes  # noqa: E402
from export.connected import Head, joined  # noqa: E402
from export.fit import Config, standard  # noqa: E402
from export.index import Index  # noqa: E402
from export.model import STATISTICS, Eyes, GeoVision  # noqa: E402
from geotag.geo import HALF_TURN_KM, distance_km  # noqa: E402
from geotag.score import one_vote_each  # noqa: E402
from geotag.types import Recipe  # noqa: E402
from tests.export_toys import SMALL, toy  # noqa: E402
from tests.golden_pictures import pictures  # noqa: E402

# Beside other work on few cores, waiting threads cost more than a second one gains on such small tasks.
torch.set_num_threads(1)

AWKWARD = [
    ((90.0, 0.0), (90.0, 123.0)),
    ((90.0, 0.0), (-90.0, 0.0)),
    ((0.0, 180.0), (0.0, -180.0)),
    ((10.0, 179.9), (10.0, -179.9)),
    ((0.0, 0.0), (0.0, 180.0)),
    ((48.85, 2.35), (-48.85, -177.65)),
    ((48.85, 2.35), (48.85, 2.35)),
    ((51.5, -0.1), (40.7, -74.0)),
]


@pytest.mark.parametrize(("first", "second"), AWKWARD)
def test_the_great_circle_loss_is_right_and_its_slope_finite(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    guess = torch.tensor([first], dtype=torch.float64, requires_grad=True)
    truth = torch.tensor([second], dtype=torch.float64)
    km = loss.great_circle_km(loss.directions(guess), loss.directions(truth))
    assert km.item() == pytest.approx(float(distance_km(*first, *second)), abs=0.02)
    km.sum().backward()
    assert torch.isfinite(guess.grad).all()


def test_the_euclidean_yardstick_is_wrong_at_the_antimeridian() -> None:
    pair = torch.tensor([[10.0, 179.9]]), torch.tensor([[10.0, -179.9]])
    assert loss.euclidean_degrees(*pair).item() == pytest.approx(359.8, abs=0.01)
    assert loss.great_circle_km(*(loss.directions(one) for one in pair)).item() < 25


@pytest.mark.parametrize("head", ["regressor", "cells", "places", "likeness"])
def test_every_head_learns_what_there_is_to_learn(head: str) -> None:
    index, seen = toy()
    unseen = world.cross_fit(index, seen, replace(SMALL, head=head))
    km = distance_km(index.lat, index.lon, unseen.answer.lat, unseen.answer.lon)
    constant = distance_km(index.lat, index.lon, unseen.constant_lat, unseen.constant_lon)
    assert km.mean() < 0.6 * constant.mean()
    assert np.isfinite(unseen.error_km).all()


def test_a_joined_head_says_the_mean_of_its_members() -> None:
    torch.manual_seed(0)
    mean, std = torch.zeros(STATISTICS), torch.ones(STATISTICS)
    members = [Head(mean, std, 6, 11).eval() for _ in range(3)]
    for member in members:
        torch.nn.init.normal_(member.fc7.weight)
    seen = torch.randn(5, STATISTICS)
    together = torch.stack([member(seen) for member in members]).mean(dim=0)
    assert torch.allclose(joined(members)(seen), together, atol=1e-4)


def test_a_channel_that_never_moves_says_nothing() -> None:
    seen = toy()[1].statistics
    seen[:, :, 5] = 1.0
    mean, std = standard(seen, np.full(160, 1 / 160))
    head = Head(mean, std, 4, 3).eval()
    torch.nn.init.normal_(head.fc7.weight)
    plain = torch.from_numpy(seen[:3, 0]).float()
    moved = plain.clone()
    moved[:, 5] = 0.6
    assert torch.equal(head(plain), head(moved))
    assert torch.isfinite(head(plain)).all()


def test_levels_added_up_say_the_same() -> None:
    index, seen = toy()
    trained = world.train(index, seen, np.arange(160), replace(SMALL, head="cells", members=1))
    assert isinstance(trained.task, heads.Places)
    statistics = torch.from_numpy(seen.statistics[:9, 0]).float()
    with torch.no_grad():
        scores = trained.task.logits(trained.head(statistics))
        assert torch.allclose(trained.task.plain(trained.head)(statistics), scores, atol=1e-4)


def test_training_resumes_to_the_bit(tmp_path: Path) -> None:
    index, seen = toy()
    rows, config = np.arange(160), replace(SMALL, steps=120, members=1)
    whole = world.train(index, seen, rows, config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(index, seen, rows, config, tmp_path / "cut")
    assert torch.load(tmp_path / "cut/member-00.pt", weights_only=True)["step"] == 100
    again = world.train(index, seen, rows, config, tmp_path / "cut")
    for one, other in zip(whole.head.state_dict().values(), again.head.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    with pytest.raises(ValueError, match="another training"):
        world.train(index, seen, rows, replace(config, rate=0.1), tmp_path / "cut")


def _interrupted(index: Index, seen: views.Seen, rows: np.ndarray, config: Config, folder: Path) -> None:
    """Train until somebody presses Ctrl-C at step 110."""
    steps, plain = 0, heads.Places.loss

    def counting(self: heads.Places, outputs: object, chosen: np.ndarray) -> object:
        nonlocal steps
        steps += 1
        if steps == 110:
            raise KeyboardInterrupt
        return plain(self, outputs, chosen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads.Places, "loss", counting)
        world.train(index, seen, rows, config, folder)


def test_the_model_answers_on_the_earth_with_a_radius_on_its_curve() -> None:
    index, seen = toy()
    trained = world.train(index, seen, np.arange(160), replace(SMALL, members=1))
    assert isinstance(trained.task, heads.Places)
    at, km = torch.tensor([0.2, 0.5, 1.0]), torch.tensor([300.0, 2000.0, 9000.0])
    model = GeoVision(Eyes().eval(), trained.head, trained.task.atlas, at, km).eval()
    with torch.no_grad():
        coordinates, error_km, places, embedding = model(torch.from_numpy(pictures(227, 227)))
    assert (coordinates[:, 0].abs() <= 90).all()
    assert (coordinates[:, 1].abs() <= 180).all()
    assert ((error_km >= 300) & (error_km <= 9000) & (error_km <= HALF_TURN_KM)).all()
    assert torch.allclose(places.sum(dim=1), torch.ones(8), atol=1e-5)
    norms = embedding.norm(dim=1)
    assert ((norms - 1).abs() < 1e-4).logical_or(norms == 0).all()
    curve = model._radius(torch.tensor([0.0, 0.2, 0.35, 0.5, 2.0]))
    assert curve.tolist() == pytest.approx([300, 300, 1150, 2000, 9000])


def test_bfloat16_trains_float32_weights() -> None:
    index, seen = toy()
    trained = world.train(index, seen, np.arange(160), replace(SMALL, precision="bfloat16"))
    exact = world.train(index, seen, np.arange(160), SMALL)
    assert trained.head.fc6.weight.dtype == torch.float32
    assert not torch.equal(trained.head.fc6.weight, exact.head.fc6.weight)
    found = world.answer(trained, seen.statistics[:, 0])
    assert np.mean((found.lat > 10) == (index.lat > 10)) > 0.9


def test_cells_are_as_small_as_an_archive_needs(tmp_path: Path) -> None:
    from export import train

    rng = np.random.default_rng(0)
    corners = rng.uniform((40.6, -74.1), (40.8, -73.9), (400, 2))
    lines = ["path,lat,lon", *(f"{n}.jpg,{lat:.5f},{lon:.5f}" for n, (lat, lon) in enumerate(corners))]
    table = tmp_path / "town.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    town = train.read([table], None, None)
    assert train.ENOUGH <= town.groups < 400
    assert train.read([table], None, None, 0.01).groups < train.ENOUGH
    assert train.read([table], None, None, 1.0 / 8).groups < 20
    table.write_text("\n".join(lines[:4]) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="3 photographs with a position, in too few places"):
        train.read([table], None, None)


def _archive(folder: Path, count: int) -> None:
    """Green photographs from the tropics and white ones from the north, with a table of their places."""
    rng = np.random.default_rng(1)
    lines = ["path,lat,lon"]
    for number in range(count):
        north = number % 2
        colour = (235, 240, 245) if north else (30, 130, 40)
        pixels = np.clip(rng.normal(colour, 20, (60, 90, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        lat = rng.uniform(60, 75) if north else rng.uniform(-8, 8)
        lines.append(f"{number}.png,{lat:.4f},{rng.uniform(10, 40):.4f}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_from_photographs_to_a_model_file_by_the_contract(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from geotag import predict

    _archive(tmp_path, 40)
    torch.manual_seed(3)
    save_file(Eyes().state_dict(), tmp_path / "eyes.safetensors")
    small = ["--views", "1", "--members", "1", "--steps", "40", "--hidden", "16", "--batch", "16"]
    photos = ["--photos", str(tmp_path / "table.csv"), "--cache", str(tmp_path / "views")]
    _run(
        "export.train",
        *photos,
        *small,
        "--init",
        str(tmp_path / "eyes.safetensors"),
        "--out",
        str(tmp_path / "out"),
    )
    target, golden = tmp_path / "tiny.onnx", tmp_path / "golden.json"
    log = _run(
        "export.to_onnx", str(tmp_path / "out/model.pt"), str(target), *photos, "--golden", str(golden)
    )
    assert "parity at batch 7" in log
    model = predict.load(str(target), device="cpu", threads=1)
    card = model.card
    assert (card.name, card.recipe) == ("tiny", Recipe("squash", 227, 227))
    assert card.metrics["weights"] == "int8"
    kinds = torch.load(tmp_path / "out/model.pt", weights_only=True)["radius"]
    assert set(kinds) == {"float32", "int8"}
    graph = onnx.load(target).graph
    corners = [onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer]
    assert any(one.size and np.isclose(one.ravel()[0], float(kinds["int8"][1, 0])) for one in corners)
    answers = model.predict(pictures())
    wanted = json.loads(golden.read_text())
    assert wanted["sha256"] == card.sha256
    found = [[answer.location.lat, answer.location.lon] for answer in answers if answer]
    assert np.allclose(found, wanted["coordinates"], atol=1e-3)
    assert len(model.predict(pictures()[:1])) == 1
    # The file carries its own eyes on to the next training, within a step of int8.
    before, after = (load_eyes(path).state_dict() for path in (tmp_path / "out/model.pt", target))
    for name, value in before.items():
        assert torch.allclose(after[name], value, atol=float(value.abs().max()) / 100), name


def test_a_model_file_is_run_with_no_more_threads_than_torch_has(tiny: str) -> None:
    assert int8.session(Path(tiny)).get_session_options().intra_op_num_threads == torch.get_num_threads() == 1


def test_copies_that_say_less_score_less_and_every_source_is_listed() -> None:
    from export import evaluate

    index, seen = toy()
    trained: list[world.Trained] = []
    unseen = world.cross_fit(index, seen, SMALL, trained)
    answers = [partial(world.answer, one) for one in trained]
    plain, faded = seen.statistics[:, 0], seen.faded
    same = evaluate.changed(index, unseen, world.answer_folds(unseen.fold, answers, plain, faded))
    empty = evaluate.changed(index, unseen, world.answer_folds(unseen.fold, answers, 0 * plain, faded))
    paler = world.answer_folds(unseen.fold, answers, plain, faded + 2)
    radius = world.radii(index, unseen.answer, paler, unseen.fold)
    assert "radius times 1.00 on average, larger for 0 %" in same
    # Where it was the largest there is, it has nowhere to grow.
    largest = [unseen.error_km[unseen.fold == fold].max() for fold in unseen.fold]
    assert ((radius > unseen.error_km) | (radius >= largest)).all()
    share = np.average(radius > unseen.error_km, weights=one_vote_each(index.cell))
    assert f"larger for {100 * share:.0f} %" in evaluate.changed(index, unseen, paler)
    assert _median_km(same) < 0.6 * _median_km(empty)
    assert [row[:2] for row in evaluate.by_source(index, unseen)] == [("toy", 160)]


def test_a_region_is_known_better_with_more_of_its_photographs() -> None:
    from export import transfer

    index, seen = toy()
    truth = index.lat, index.lon
    few, more = (distance_km(*truth, *transfer.grown(index, seen, SMALL, count)[0]) for count in (12, 120))
    constant = distance_km(*truth, *transfer.grown(index, seen, SMALL, 120)[1])
    assert more.mean() < few.mean()
    assert more.mean() < 0.6 * constant.mean()
    assert set(transfer.part_of(np.arange(50), 10, 0)) < set(transfer.part_of(np.arange(50), 20, 0))


def test_draws_are_told_by_their_mean_and_compared_in_pairs() -> None:
    from export import transfer

    index, _ = toy()
    right, wrong = np.stack([index.lat, index.lon]), np.stack([index.lat + 1, index.lon])
    assert transfer.mean_figures(index, [right, wrong])["median_km"] == pytest.approx(55.5, abs=0.1)
    assert "mean_km -111.20 (-111.20 to -111.20)" in transfer.beside(index, [right] * 2, [wrong] * 2)


def _median_km(line: str) -> float:
    """The median of the figures that a line starts with."""
    return float(json.JSONDecoder().raw_decode(line)[0]["median_km"])


def _run(module: str, *arguments: str) -> str:
    """Run a command of export as a person would, from the checkout."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
