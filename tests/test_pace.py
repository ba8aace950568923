"""Batches and threads by what a model costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from geotag import predict
from geotag.models import pace, shelf
from geotag.models.pace import Pace
from tests import archives, models, vit

LARGE = pace.LARGE_BYTES + 1


@pytest.mark.parametrize(
    ("size", "device", "threads", "expected"),
    [
        (1000, "cpu", 1, Pace(16, 1, 1)),
        (1000, "cpu", 8, Pace(64, 8, 1)),
        (LARGE, "cpu", 1, Pace(4, 1, 1)),
        (LARGE, "cpu", 8, Pace(4, 1, 8)),
        (1000, "cuda", 8, Pace(64, 1, 1)),
        (LARGE, "cuda", 8, Pace(32, 1, 1)),
    ],
)
def test_a_large_model_gets_few_photos_and_all_threads(
    size: int, device: str, threads: int, expected: Pace
) -> None:
    assert pace.chosen(size, device, threads) == expected


def test_a_large_model_is_run_once_for_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = vit.transformer(tmp_path / "vit.onnx", vit.TINY)
    batch = np.random.default_rng(0).integers(0, 256, (12, 28, 28, 3), dtype=np.uint8)
    small = predict.load(path, device="cpu", threads=3)
    monkeypatch.setattr(pace, "LARGE_BYTES", 100)
    large = predict.load(path, device="cpu", threads=3)
    assert (small.threads, large.threads) == (3, 1)
    assert large.session.get_session_options().intra_op_num_threads == 3
    for one, other in zip(small.predict(batch), large.predict(batch), strict=True):
        assert one is not None
        assert other is not None
        assert other.location.lat == pytest.approx(one.location.lat, abs=1e-3)


def test_a_run_cuts_its_batches_for_the_largest(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heavy = vit.transformer(tmp_path / "vit.onnx", vit.TINY)
    monkeypatch.setattr(pace, "LARGE_BYTES", Path(tiny).stat().st_size)
    folder = archives.fill(tmp_path / "archive", ["a.jpg", "b.jpg"])
    said = archives.run(folder, (tiny, heavy)).ears.notes
    assert any("batches of 4" in note for note in said)
    assert shelf.batch((tiny,), "cpu", 2) == 16
    assert shelf.batch((tiny, heavy), "cpu", 2) == 4
    assert shelf.batch((), "cuda", 2) == 64


def test_bound_input_and_outputs_give_the_same(tmp_path: Path) -> None:
    path = models.saved(tmp_path / "m.onnx", models.with_embedding(models.model()))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    batch = np.random.default_rng(0).integers(0, 256, (5, models.SIDE, models.SIDE, 3), dtype=np.uint8)
    wanted = ["error_km", "coordinates", "embedding"]
    for pixels in (batch, batch[::2], np.asfortranarray(batch)):
        usual = session.run(wanted, {"image": np.ascontiguousarray(pixels)})
        for one, other in zip(usual, predict.bound(session, wanted, pixels, "cpu"), strict=True):
            assert np.array_equal(one, other)


def test_a_transformer_in_half_precision_says_about_the_same(tmp_path: Path) -> None:
    batch = np.random.default_rng(0).integers(0, 256, (2, 28, 28, 3), dtype=np.uint8)
    said = []
    for half in (False, True):
        path = vit.transformer(tmp_path / f"{half}.onnx", vit.TINY, half=half)
        said.append(predict.load(path, device="cpu", threads=1).predict(batch))
    for one, other in zip(*said, strict=True):
        assert one is not None
        assert other is not None
        assert other.location.lat == pytest.approx(one.location.lat, abs=2)
        assert other.error_km == pytest.approx(one.error_km, rel=0.02)
