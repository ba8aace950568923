"""Sheets that show no place, drawn: each has the model's size, is another drawing and is what it says."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnxruntime.quantization", reason="onnx is not installed", exc_type=ImportError)
pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install matplotlib")

from export import papers
from export.model import RECIPE


@pytest.mark.parametrize("name", sorted(papers.PAPERS))
def test_sheets_are_paper_with_ink_on_it(name: str) -> None:
    rng = np.random.default_rng(0)
    one, other = (papers.drawn(papers.PAPERS[name], rng) for _ in range(2))
    assert one.shape == (RECIPE.height, RECIPE.width, 3)
    assert one.dtype == np.uint8
    assert not np.array_equal(one, other)
    paper = (one.mean(axis=2) > 190).mean()
    assert 0.5 < paper < 1 if name != "empty sheets" else 0.95 < paper < 1


def test_the_dark_is_dark_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    assert np.median(papers.dark(rng)) < 20
    assert 120 < papers.noise(rng).mean() < 135
