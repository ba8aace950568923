"""The model contract at the level of the session: what is loaded, what is answered, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from geotag import predict
from geotag.errors import ModelError, UsageError
from geotag.models import modelfolder, onnxfile, pace, shelf
from geotag.types import Recipe
from tests import models

if TYPE_CHECKING:
    from geotag.types import Pixels

RED = np.full((1, models.SIDE, models.SIDE, 3), (255, 0, 0), np.uint8)


def test_card(tiny: str) -> None:
    card = predict.load(tiny, device="cpu", threads=1).card
    assert card.title == "tiny 1"
    assert card.identity == f"tiny 1 sha256:{onnxfile.digest(tiny)}"
    assert card.recipe == Recipe("squash", models.SIDE, models.SIDE)
    assert card.size == Path(tiny).stat().st_size
    assert any("SHA-256" in line for line in shelf.in_words(card))


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("photos", [1, 7, 23])
def test_answers_do_not_depend_on_the_batch_nor_on_threads(tiny: str, threads: int, photos: int) -> None:
    model = predict.load(tiny, device="cpu", threads=threads)
    batch = np.random.default_rng(0).integers(0, 256, (photos, models.SIDE, models.SIDE, 3), dtype=np.uint8)
    alone = [model.predict(batch[place : place + 1])[0] for place in range(photos)]
    assert model.predict(batch) == alone
    assert len(set(alone)) == photos


def test_a_large_batch_is_shared_out_and_a_small_one_is_not(tiny: str) -> None:
    class Counting:
        def __init__(self, session: object) -> None:
            self.session, self.sizes = session, list[int]()

        def run(self, wanted: list[str], given: dict[str, Pixels]) -> object:
            self.sizes.append(len(given["image"]))
            return self.session.run(wanted, given)  # type: ignore[attr-defined]

    model = predict.load(tiny, device="cpu", threads=3)
    for photos, expected in ((1, [1]), (7, [7]), (8, [4, 4]), (40, [13, 13, 14])):
        counting = Counting(model.session)
        replace(model, session=counting).predict(np.repeat(RED, photos, axis=0))
        assert sorted(counting.sizes) == expected


def test_an_answer_off_the_earth_is_none(tmp_path: Path) -> None:
    path = models.saved(tmp_path / "wild.onnx", models.model(turn=3.0))
    assert predict.load(path, device="cpu", threads=1).predict(RED) == [None]


def test_a_radius_is_never_larger_than_half_the_earth(tmp_path: Path) -> None:
    path = models.saved(tmp_path / "wide.onnx", models.model(km=(1e6, 0.0)))
    (prediction,) = predict.load(path, device="cpu", threads=1).predict(RED)
    assert prediction is not None
    assert prediction.error_km == predict.FARTHEST_KM


@pytest.mark.parametrize("km", [0.0, -5.0, float("nan"), float("inf")])
def test_a_radius_that_says_nothing_is_no_answer(tmp_path: Path, km: float) -> None:
    path = models.saved(tmp_path / "odd.onnx", models.model(km=(km, 0.0)))
    assert predict.load(path, device="cpu", threads=1).predict(RED) == [None]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"drop": "geotag.contract"}, "geotag.contract"),
        ({"drop": "geotag.licence"}, "geotag.licence is missing"),
        ({"meta": {"geotag.resize": "stretch"}}, "stretch"),
        ({"meta": {"geotag.filter": "lanczos"}}, "'lanczos', not bilinear or bicubic"),
        ({"meta": {"geotag.crop": "big"}}, "HEIGHTxWIDTH"),
        ({"meta": {"geotag.crop": "99999x16"}}, "up to 4096"),
        ({"meta": {"geotag.crop": "9" * 5000 + "x16"}}, "up to 4096"),
        ({"shape": (1, models.SIDE, models.SIDE, 3)}, "`image` has shape"),
        ({"names": ("places", "error_km")}, "output `coordinates`"),
    ],
)
def test_breaches_of_the_contract(tmp_path: Path, broken: dict[str, object], said: str) -> None:
    path = models.saved(tmp_path / "broken.onnx", models.model(**broken))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="not by the model contract") as caught:
        predict.load(path, device="cpu", threads=1)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_shipped_model_tells_its_whole_distribution(model: Path) -> None:
    loaded = predict.load(str(model), device="cpu", threads=1)
    side = loaded.card.recipe.height
    batch = np.random.default_rng(0).integers(0, 256, (2, side, side, 3), dtype=np.uint8)
    for found in loaded.predict(batch):
        assert found is not None
        assert 7 < len(found.regions) <= 14
        assert sum(region.probability for region in found.regions) == pytest.approx(1, abs=0.03)
        assert sum(region.usual for region in found.regions) == pytest.approx(1, abs=0.03)


def test_a_model_without_a_distribution_gives_none(tiny: str) -> None:
    (found,) = predict.load(tiny, device="cpu", threads=1).predict(RED)
    assert found is not None
    assert found.regions == ()


@pytest.mark.parametrize(
    "places",
    [
        "",
        "[[1, 2], [3, 4]]",
        "[[1, 2], [3, 4], [95, 0]]",
        "[1, 2, 3]",
        "null",
        "[" * 10**5,
        f"[[1, {10**400}]]",
    ],
)
def test_a_distribution_over_unknown_places_is_a_breach(tmp_path: Path, places: str) -> None:
    content = models.with_cells(models.model(), [[0, 0], [10, 10], [20, 20]], places)
    with pytest.raises(ModelError, match="cells"):
        predict.load(models.saved(tmp_path / "lost.onnx", content), device="cpu", threads=1)


def test_metadata_that_are_no_text(tmp_path: Path) -> None:
    content = models.model(meta={"geotag.training_data": "photographs"}).replace(
        b"photographs", b"photo\xffraphs"
    )
    path = models.saved(tmp_path / "odd.onnx", content)
    with pytest.raises(ModelError, match=r"odd\.onnx: .* no UTF-8"):
        predict.load(path, device="cpu", threads=1)


def test_metrics_nested_without_end_are_none(tmp_path: Path) -> None:
    path = models.saved(tmp_path / "odd.onnx", models.model(meta={"geotag.metrics": "[" * 10**5}))
    assert predict.load(path, device="cpu", threads=1).card.metrics == {}


def test_probabilities_come_as_regions(tmp_path: Path) -> None:
    content = models.with_cells(models.model(), [[70, -30], [-90, 20], [10, 150]])
    path = models.saved(tmp_path / "cells.onnx", content)
    (found,) = predict.load(path, device="cpu", threads=1).predict(RED)
    assert found is not None
    assert [(region.location.lat, region.location.lon) for region in found.regions] == [
        (70, -30),
        (-90, 20),
        (10, 150),
    ]
    assert found.regions[0].probability > 0.4 > found.regions[1].probability


def test_files_that_are_no_model(tmp_path: Path) -> None:
    path = models.saved(tmp_path / "letter.onnx", b"Dear Sir or Madam")
    with pytest.raises(ModelError, match=r"letter\.onnx: not a model that can be loaded"):
        predict.load(path, device="cpu", threads=1)
    with pytest.raises(ModelError, match=r"gone\.onnx: No such file"):
        predict.load(str(tmp_path / "gone.onnx"), device="cpu", threads=1)


@pytest.mark.skipif(pace.has_gpu(), reason="this machine has a GPU")
def test_cuda_is_not_pretended(tiny: str) -> None:
    with pytest.raises(UsageError, match="no CUDA device could be used"):
        predict.load(tiny, device="cuda", threads=1)
    model = predict.load(tiny, device="auto", threads=1)
    assert model.device == "cpu"
    assert model.note == ""


class Recorder:
    """ONNX Runtime as on a machine with a GPU: notes which providers are asked for, and gives `got`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, got: str) -> None:
        self.asked: list[str] = []
        self.preloaded = 0
        real = onnxruntime.InferenceSession

        def session(path: str, options: object, providers: list[str]) -> object:
            self.asked = providers
            made = real(path, options, providers=["CPUExecutionProvider"])
            made.get_providers = lambda: [got, "CPUExecutionProvider"]
            return made

        def preload() -> None:
            self.preloaded += 1

        both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
        monkeypatch.setattr(onnxruntime, "preload_dlls", preload, raising=False)
        monkeypatch.setattr(onnxruntime, "InferenceSession", session)
        monkeypatch.setattr(pace, "has_gpu", lambda: True)


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_gpu_is_asked_for_first_and_said(tiny: str, monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    seen = Recorder(monkeypatch, "CUDAExecutionProvider")
    model = predict.load(tiny, device=device, threads=4)
    assert seen.asked == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert seen.preloaded == 1
    assert (model.device, model.note, model.threads) == ("cuda", "", 1)


def test_a_gpu_that_cannot_be_used_is_said_in_one_line(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Recorder(monkeypatch, "CPUExecutionProvider")
    model = predict.load(tiny, device="auto", threads=4)
    assert (model.device, model.threads) == ("cpu", 4)
    assert "a GPU is here but cannot be used" in model.note
    assert "\n" not in model.note
    with pytest.raises(UsageError, match="--device cuda: no CUDA device could be used"):
        predict.load(tiny, device="cuda", threads=4)


def test_who_wants_the_cpu_asks_for_no_gpu(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Recorder(monkeypatch, "CPUExecutionProvider")
    model = predict.load(tiny, device="cpu", threads=2)
    assert (seen.asked, seen.preloaded, model.note) == (["CPUExecutionProvider"], 0, "")


def test_the_shelf_holds_the_shipped_model(model: Path) -> None:
    assert str(model) in modelfolder.at_hand()
    assert shelf.find("geovision") == str(model)
    assert shelf.cards()[0][0].name == "geovision"


def test_unknown_names_say_what_is_at_hand() -> None:
    with pytest.raises(ModelError, match=r"geoclip: no such file.*at hand: .*geovision"):
        shelf.find("geoclip")
