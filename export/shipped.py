"""The answers of an int8 file for places never seen: eyes and heads of the folds, quantised as shipped.

The radius that ships is calibrated on these, for int8 moves single answers and with them the distances that a
radius has to hold.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from export import int8, views
from export.heads import Answer
from export.index import Index
from export.model import RECIPE, STATISTICS, Eyes
from export.views import Seen
from export.world import Answers, Statistics, Trained, Unseen, answer_folds, with_answers

if TYPE_CHECKING:
    from geotag.types import Pixels

_BATCH = 16


def eyes_of(photos: Index, eyes: Eyes) -> Callable[[Pixels], NDArray[np.float32]]:
    """The eyes in int8, with the ranges of these photographs: pixels [n, h, w, 3] to [n, STATISTICS]."""
    image = int8.two(RECIPE.height, RECIPE.width, 3, kind=torch.uint8)
    some = int8.spread(views.pixels(photos, 0, 0), len(photos))
    run = int8.quantized(eyes, "image", "statistics", image, some)
    return lambda batch: np.asarray(run.run(None, {"image": batch})[0], np.float32)


def statistics(photos: Index, eyes: Eyes, cache: Path) -> NDArray[np.float16]:
    """What the int8 eyes see of all photographs, as they are: float16 [n, 1, STATISTICS], kept in `cache`."""
    file = cache / f"int8-{views.key(photos, eyes, 0)}.npy"
    if not file.exists():
        see = eyes_of(photos, eyes)
        seen = np.concatenate([see(batch) for batch in views.pixels(photos, 0, 0)]).astype(np.float16)
        half = file.with_suffix(".part.npy")
        np.save(half, seen)
        half.replace(file)
    return np.asarray(np.load(file))[:, None]


def head_of(trained: Trained, seen: Statistics) -> Answers:
    """A trained head in int8, with the ranges of the statistics [n, STATISTICS] it was trained on."""
    batches = [seen[at : at + _BATCH].astype(np.float32) for at in range(0, len(seen), _BATCH)]
    some = int8.spread(batches, len(seen))
    run = int8.quantized(trained.head, "statistics", "outputs", int8.two(STATISTICS), some)

    def answer(statistics: NDArray[Any]) -> Answer:
        outputs = run.run(None, {"statistics": np.asarray(statistics, np.float32)})[0]
        return trained.task.answer(torch.from_numpy(outputs))

    return answer


def heads_of(unseen: Unseen, heads: list[Trained], seen: Seen) -> list[Answers]:
    """The heads of all folds in int8, each with the ranges of its own training photographs."""
    return [head_of(one, seen.statistics[unseen.fold != number, 0]) for number, one in enumerate(heads)]


def cross_fit(photos: Index, unseen: Unseen, heads: list[Trained], seen: Seen, small: Statistics) -> Unseen:
    """The same cross-fit through int8 eyes and heads, its radii calibrated on its own answers.

    `seen` holds what the float eyes see, `small` what the int8 eyes see, float16 [n, views, STATISTICS].
    """
    found = answer_folds(unseen.fold, heads_of(unseen, heads, seen), small[:, 0], seen.faded)
    return with_answers(photos, unseen, found)
