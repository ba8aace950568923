"""The models at hand: found by name, loaded, and their cards in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from geotag import parallel
from geotag.errors import GeotagError, ModelError, UsageError
from geotag.models import modelfolder, onnxfile, pace, trial

if TYPE_CHECKING:
    from geotag.flows.ensemble import Ensemble
    from geotag.predict import Card, Model

T = TypeVar("T")


def find(model: str) -> str:
    """The path of a model given by name or file; raises ModelError when there is none."""
    if os.path.isfile(model):
        return model
    for path in modelfolder.at_hand():
        if Path(path).stem == model:
            return path
    names = ", ".join(modelfolder.names()) or "none"
    if model == modelfolder.default():
        raise ModelError(
            f"{model}: the default model is gone (at hand: {names}); see `geotag models default --help`"
        )
    raise ModelError(
        f"{model}: no such file, nor a model of that name (at hand: {names}); see `geotag models`"
    )


def chosen(models: Sequence[str]) -> tuple[str, list[str]]:
    """The SHA-256 of models given by name or file, joined by "+", and their paths in the same order.

    The order is that of the SHA-256. Files that nobody added are tried once in a process of their own. Raises
    ModelError when there is none of that name or a file is refused, UsageError when one is named twice, for
    it would count twice.
    """
    paths = [find(model) for model in models]
    found = _each_once(models, paths, [onnxfile.digest(path) for path in paths])
    for sha256, path in found.items():
        trial.once(path, sha256)
    return "+".join(found), list(found.values())


def _each_once(models: Sequence[str], files: Sequence[T], hashes: Sequence[str]) -> dict[str, T]:
    """Models, whatever stands for them, by their SHA-256 and in its order; raises UsageError for one that was
    named twice.
    """
    found: dict[str, T] = {}
    for model, file, sha256 in zip(models, files, hashes, strict=True):
        if sha256 in found:
            first = models[list(hashes).index(sha256)]
            raise UsageError(f"--model {model}: the same file as {find(first)}; name two different models")
        found[sha256] = file
    return dict(sorted(found.items()))


def _tried(path: str, *, device: str, threads: int) -> Model:
    """Load a model file as `predict.load`; one that nobody added is tried in a process of its own before."""
    # A finished archive asks which models are meant, and loads none.
    from geotag import predict

    trial.once(path)
    return predict.load(path, device=device, threads=threads)


def gather(
    models: Sequence[str], device: str, jobs: int | None = None, load: Callable[..., Model] = _tried
) -> Ensemble:
    """Load models given by name or file as one ensemble; `load` does it, as `predict.load`, and for files
    that were `chosen` that one will do.

    Raises ModelError when there is none of that name, UsageError when one is named twice.
    """
    from geotag.flows.ensemble import Ensemble

    threads = jobs or parallel.cores()
    loaded = [load(find(model), device=device, threads=threads) for model in models]
    return Ensemble(tuple(_each_once(models, loaded, [model.card.sha256 for model in loaded]).values()))


def batch(models: Sequence[str], device: str, threads: int) -> int:
    """How many photos at a time suit models given by name or file, on "cpu" or "cuda": as many as suit the
    largest, and where there is none as would suit a small one.
    """
    sizes = [os.path.getsize(find(model)) for model in models] or [0]
    return min(pace.chosen(size, device, threads).batch for size in sizes)


def load(model: str, device: str, jobs: int | None = None) -> Model:
    """Load a model given by name or file on "auto", "cpu" or "cuda", with `jobs` threads or one per core."""
    return _tried(find(model), device=device, threads=jobs or parallel.cores())


def cards() -> tuple[list[Card], list[str]]:
    """The cards of all models at hand, and what is wrong with those that cannot be used."""
    found, troubles = [], []
    for path in modelfolder.at_hand():
        try:
            found.append(load(path, "cpu", 1).card)
        except GeotagError as error:
            troubles.append(str(error))
    return found, troubles


def in_words(card: Card) -> list[str]:
    """A model's card for people."""
    lines = [
        f"{card.title}  ({card.path})",
        f"  licence:       {card.licence}",
        f"  size:          {card.size / 1e6:,.1f} MB, SHA-256 {card.sha256}",
        f"  input:         {card.recipe.height} x {card.recipe.width} pixels, {card.recipe.resize}, "
        f"{card.recipe.filter}",
        f"  training data: {card.training_data or 'not stated'}",
        f"  calibration:   {card.calibration or 'not stated'}",
    ]
    if card.origin:
        lines.append(f"  made from:     {card.origin}")
    return lines + [f"  {name}: {value}" for name, value in card.metrics.items()]


def as_json(card: Card) -> dict[str, object]:
    """A model's card for programs."""
    return asdict(card)
