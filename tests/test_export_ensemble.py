"""Several heads side by side in one network: their opinions pooled, on disk, and as a graph."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")

from export import int8, world  # noqa: E402
from export.bundle import Bundle, load  # noqa: E402
from export.connected import Ensemble  # noqa: E402
from export.heads import MEMBERS, Places  # noqa: E402
from export.model import STATISTICS, Eyes, GeoVision  # noqa: E402
from export.radius import Curve  # noqa: E402
from export.to_onnx import OUTPUTS, check_parity  # noqa: E402
from geotag.geo import distance_km  # noqa: E402
from tests.export_toys import SMALL, taught_toy  # noqa: E402
from tests.golden_pictures import pictures  # noqa: E402

torch.set_num_threads(1)

TOGETHER = replace(SMALL, head="ensemble", taught=3)
CURVE = Curve(np.array([0.0, 1.0]), np.array([10.0, 90.0]))


@pytest.fixture(scope="module")
def trained() -> world.Trained:
    """An ensemble of every member that ships, of sixty photographs."""
    index, seen = taught_toy(60)
    return world.train(index, seen, np.arange(60), TOGETHER)


def test_its_members_are_the_heads_by_themselves_and_its_scores_their_mean(
    trained: world.Trained,
) -> None:
    index, seen = taught_toy(60)
    statistics = torch.from_numpy(seen.statistics[:, 0]).float()
    expected = torch.zeros(60, trained.task.outputs)
    for name in MEMBERS:
        alone = world.train(index, seen, np.arange(60), replace(TOGETHER, head=name))
        expected += alone.head(statistics).detach() / len(MEMBERS)
    with torch.no_grad():
        assert torch.allclose(trained.head(statistics), expected, atol=1e-3)


def test_what_pictures_are_compared_by_is_what_its_first_member_sees(trained: world.Trained) -> None:
    assert isinstance(trained.head, Ensemble)
    statistics = torch.from_numpy(taught_toy(60)[1].statistics[:, 0]).float()
    with torch.no_grad():
        first = trained.head.members[0].embedding(statistics)
        whole = trained.head.embedding(statistics)
    assert whole.shape[1] > first.shape[1]
    assert torch.equal(trained.head.sight(whole), first)


def test_it_places_photographs_that_it_never_saw() -> None:
    index, seen = taught_toy()
    unseen = world.cross_fit(index, seen, TOGETHER)
    km = distance_km(index.lat, index.lon, unseen.answer.lat, unseen.answer.lon)
    constant = distance_km(index.lat, index.lon, unseen.constant_lat, unseen.constant_lon)
    assert km.mean() < 0.6 * constant.mean()


def test_it_is_the_same_when_it_comes_back_from_disk(trained: world.Trained, tmp_path: Path) -> None:
    assert isinstance(trained.task, Places)
    Bundle(Eyes().eval(), trained.head, trained.task.atlas, {"int8": CURVE}, {}).save(tmp_path / "model.pt")
    again = load(tmp_path / "model.pt").head
    statistics = torch.from_numpy(taught_toy(60)[1].statistics[:, 0]).float()
    with torch.no_grad():
        assert torch.equal(again(statistics), trained.head(statistics))


def test_its_graph_says_what_torch_says(trained: world.Trained, tmp_path: Path) -> None:
    assert isinstance(trained.task, Places)
    torch.manual_seed(3)
    corners = torch.from_numpy(CURVE.at), torch.from_numpy(CURVE.km)
    model = GeoVision(Eyes().eval(), trained.head, trained.task.atlas, *corners).eval()
    target, images = tmp_path / "whole.onnx", pictures(227, 227)
    int8.export_float(model, target, int8.two(227, 227, 3, kind=torch.uint8), "image", OUTPUTS)
    check_parity(model, target, images)
    with torch.no_grad():
        wanted = model(torch.from_numpy(images))
    found = int8.session(target).run(list(OUTPUTS), {"image": images})
    places, vectors = (value.numpy() for value in wanted[2:])
    assert np.allclose(found[2], places, atol=1e-3)
    # Eyes made up by chance see numbers of thousands, which float32 rounds.
    assert np.allclose((found[3] * vectors).sum(axis=1), 1, atol=1e-3)


def test_in_int8_its_outputs_stay_close(trained: world.Trained) -> None:
    statistics = taught_toy(60)[1].statistics[:, 0].astype(np.float32)
    run = int8.quantized(trained.head, "statistics", "outputs", int8.two(STATISTICS), [statistics])
    outputs = torch.from_numpy(run.run(None, {"statistics": statistics})[0])
    with torch.no_grad():
        exact = trained.head(torch.from_numpy(statistics))
    apart = torch.softmax(outputs, dim=1) - torch.softmax(exact, dim=1)
    assert float(apart.abs().sum(dim=1).median()) < 0.1
