"""Eyes with factorised convolutions: what is lost, what a model file keeps of them, and 7-bit weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")

from export import int8  # noqa: E402
from export.bundle import load_eyes  # noqa: E402
from export.model import STATISTICS, Eyes, Norm  # noqa: E402
from export.slim import slim  # noqa: E402
from tests.golden_pictures import pictures  # noqa: E402

torch.set_num_threads(1)

SIDE = 99
MODEL = Path(__file__).parents[1] / "models" / "geovision.onnx"


def images(seed: int) -> Any:
    """Soft noise: 8 pictures whose neighbours are alike."""
    rough = torch.rand((8, 3, 25, 25), generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(rough, (SIDE, SIDE), mode="bilinear")
    return 255 * smooth.permute(0, 2, 3, 1)


def eyes() -> Eyes:
    torch.manual_seed(0)
    made = Eyes()
    made.eval()
    return made


def test_kernels_that_are_mixtures_of_few_are_found_and_nothing_is_lost() -> None:
    whole = eyes()
    third, fourth = whole.features[8], whole.features[10]
    with torch.no_grad():
        third.weight.copy_(torch.einsum("ab,bcde->acde", torch.randn(384, 6), third.weight[:6].clone()))
        halves = [
            torch.einsum("ab,bcde->acde", torch.randn(192, 4), part[:4]) for part in fourth.weight.split(192)
        ]
        fourth.weight.copy_(torch.cat(halves))
    thin, lost = slim(whole, [images(1), images(2)], {8: 6, 10: 8})
    assert lost == pytest.approx({8: 0, 10: 0}, abs=1e-4)
    assert thin.features[8][0].weight.shape == (6, 256, 3, 3)
    assert thin.features[10][0].weight.shape == (8, 192, 3, 3)
    with torch.no_grad():
        wanted, found = whole(images(3)), thin(images(3))
    assert torch.allclose(wanted, found, atol=1e-3 * float(wanted.max()))


def test_more_kernels_lose_less_and_later_layers_make_up_for_earlier_ones() -> None:
    whole, seen = eyes(), [images(1), images(2)]
    few, more = (slim(whole, seen, {0: count})[1][0] for count in (4, 24))
    assert 0 < more < few < 1
    # The factors of the second convolution are fitted to what the whole eyes say, through a poor first one.
    thin, lost = slim(whole, seen, {0: 4, 4: 64})
    assert 0 < lost[4] < 1
    blind = [*thin.features[:4], whole.features[4]]
    with torch.no_grad():
        maps = images(1).permute(0, 3, 1, 2)
        wanted = whole.features[:5](maps)
        lessons = [torch.nn.Sequential(*layers)(maps) for layers in (thin.features[:5], blind)]
    taught, untaught = (float(((found - wanted) ** 2).mean()) for found in lessons)
    assert taught < untaught


def test_a_model_file_gives_slim_eyes_back(tmp_path: Path) -> None:
    thin, _ = slim(eyes(), [images(1)], {0: 8, 4: 16, 12: 32})
    exact, small = tmp_path / "exact.onnx", tmp_path / "small.onnx"
    int8.export_float(thin, exact, int8.two(SIDE, SIDE, 3, kind=torch.uint8), "image", ("statistics",))
    batches = [images(1).numpy().astype(np.uint8)]
    int8.quantize(exact, small, "image", batches)
    for path, step in ((exact, 1e-6), (small, 1 / 100)):
        found = load_eyes(path).state_dict()
        for name, value in thin.state_dict().items():
            assert torch.allclose(found[name], value, atol=step * float(value.abs().max())), (path.name, name)


def test_int8_weights_leave_room_for_the_sum_of_two_products(tmp_path: Path) -> None:
    exact, small = tmp_path / "exact.onnx", tmp_path / "small.onnx"
    int8.export_float(eyes(), exact, int8.two(SIDE, SIDE, 3, kind=torch.uint8), "image", ("statistics",))
    int8.quantize(exact, small, "image", [images(1).numpy().astype(np.uint8)])
    graph = onnx.load(small).graph
    kernels = [onnx.numpy_helper.to_array(one) for one in graph.initializer if len(one.dims) == 4]
    kernels = [one.astype(int) for one in kernels if one.dtype == np.int8]
    assert len(kernels) == 5
    assert all(2 * 255 * np.abs(one).max() < 2**15 for one in kernels)


def test_the_shipped_file_still_opens_its_eyes() -> None:
    shipped = load_eyes(MODEL)
    with torch.no_grad():
        seen = shipped(torch.from_numpy(pictures(SIDE, SIDE)))
    assert seen.shape == (8, STATISTICS)
    assert torch.isfinite(seen).all()
    assert float(seen.std(dim=0).max()) > 1


def test_the_norm_is_that_of_the_paper() -> None:
    maps = 300 * torch.randn(2, 7, 3, 4)
    wanted = torch.nn.functional.local_response_norm(maps, 5, alpha=1e-4, beta=0.75, k=1)
    assert torch.allclose(Norm()(maps), wanted, atol=1e-3)
