"""The models at hand: found by name, loaded, and their cards in words."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

from geotag import parallel, predict
from geotag.errors import ModelError
from geotag.predict import Card, Model


def paths() -> list[str]:
    """Paths of the model files that came with geotag, in the wheel or in a checkout."""
    package = Path(__file__).parent
    folders = [package / "models"]
    if (package.parent / "pyproject.toml").is_file():
        folders.append(package.parent / "models")
    return [str(path) for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.onnx"))]


def find(model: str) -> str:
    """The path of a model given by name or file; raises ModelError when there is none."""
    if os.path.isfile(model):
        return model
    for path in paths():
        if Path(path).stem == model:
            return path
    names = ", ".join(Path(path).stem for path in paths()) or "none"
    raise ModelError(
        f"{model}: no such file, nor a model of that name (at hand: {names}); see `geotag models`"
    )


def load(model: str, device: str, jobs: int | None = None) -> Model:
    """Load a model given by name or file on "auto", "cpu" or "cuda", with `jobs` threads or one per core."""
    return predict.load(find(model), device=device, threads=jobs or parallel.cores())


def cards(model: str | None) -> list[Card]:
    """The card of one model, or of every model that came with geotag."""
    return [load(path, "cpu", 1).card for path in ([find(model)] if model else paths())]


def in_words(card: Card) -> list[str]:
    """A model's card for people."""
    lines = [
        f"{card.title}  ({card.path})",
        f"  licence:       {card.licence}",
        f"  size:          {card.size / 1e6:,.1f} MB, SHA-256 {card.sha256}",
        f"  input:         {card.recipe.height} x {card.recipe.width} pixels, {card.recipe.resize}",
        f"  training data: {card.training_data or 'not stated'}",
        f"  calibration:   {card.calibration or 'not stated'}",
    ]
    return lines + [f"  {name}: {value}" for name, value in card.metrics.items()]


def as_json(card: Card) -> dict[str, object]:
    """A model's card for programs."""
    return asdict(card)
