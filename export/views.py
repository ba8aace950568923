"""What the frozen eyes see of every photograph in many guises, computed once and kept.

With few photographs and frozen convolutions the heads train on these statistics in seconds; that is what
makes two processor cores enough.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from export import augment
from export.index import Index
from export.model import RECIPE, STATISTICS, Eyes, accelerator, fading
from geotag.decode import decode
from geotag.types import Recipe

if TYPE_CHECKING:
    from geotag.types import Pixels

_BATCH = 16
_LARGE = Recipe(RECIPE.resize, RECIPE.height * 3 // 2, RECIPE.width * 3 // 2)
"""Augmented views are cut from the whole picture at half as much again, so that a crop still has detail."""


def look(data: bytes, number: int, rng: np.random.Generator) -> Pixels:
    """View `number` of a coded picture as the model's input: 0 is the picture as the tool decodes it."""
    if number == 0:
        return decode(data, RECIPE)
    return augment.view(decode(data, _LARGE), RECIPE.height, RECIPE.width, rng)


def pixels(index: Index, number: int, seed: int) -> Iterator[Pixels]:
    """Batches, uint8 [at most 16, height, width, 3], of one view of all rows in order."""

    def one(row: int) -> Pixels:
        return look(index.read(row), number, np.random.default_rng([seed, number, row]))

    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(index), _BATCH):
            yield np.stack(list(pool.map(one, range(start, min(start + _BATCH, len(index))))))


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of n photographs besides their places.

    `statistics` float16 [n, views, STATISTICS] is what the eyes see, `faded` float32 [n] how faded they are
    (see model.fading), `taught` float16 [n, T] what a teacher sees of them, None where there is none.
    """

    statistics: NDArray[np.float16]
    faded: NDArray[np.float32]
    taught: NDArray[np.float16] | None = None


def faded(index: Index, cache: Path) -> NDArray[np.float32]:
    """How faded every photograph is as it is: float32 [n], kept in `cache`."""
    file = cache / f"faded-{hashlib.sha256(f'{index.fingerprint()} {RECIPE}'.encode()).hexdigest()[:16]}.npy"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        found = torch.cat([fading(torch.from_numpy(batch)) for batch in pixels(index, 0, 0)])
        half = file.with_suffix(".part.npy")
        np.save(half, found.numpy())
        half.replace(file)
    return np.asarray(np.load(file))


def statistics(index: Index, model: Eyes, count: int, seed: int, cache: Path) -> NDArray[np.float16]:
    """What the eyes see: float16 [n, count, STATISTICS], one file per view in `cache`, mapped into memory.

    The file's name holds a hash of photographs, weights and seed: a view is computed once.
    """
    cache.mkdir(parents=True, exist_ok=True)
    name = key(index, model, seed)
    found = []
    for number in range(count):
        file = cache / f"view-{name}-{number:02d}.npy"
        if not file.exists():
            seen, device = np.empty((len(index), STATISTICS), np.float16), accelerator()
            eyes = copy.deepcopy(model).to(device)
            with torch.no_grad():
                for at, batch in enumerate(pixels(index, number, seed)):
                    sight = eyes(torch.from_numpy(batch).to(device)).cpu()
                    seen[at * _BATCH : at * _BATCH + len(batch)] = sight.numpy()
            half = file.with_suffix(".part.npy")
            np.save(half, seen)
            half.replace(file)
            print(f"view {number + 1} of {count}: {len(index)} photographs", flush=True)
        found.append(np.load(file, mmap_mode="r"))
    return np.stack(found, axis=1)


def key(index: Index, model: Eyes, seed: int) -> str:
    """A name for what these eyes see of these photographs, in the shape the tool gives them."""
    text = f"{index.fingerprint()} {fingerprint(model)} {RECIPE} {STATISTICS} {seed}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fingerprint(model: torch.nn.Module) -> str:
    """SHA-256 of a module's weights, in the order of their names."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.cpu().numpy().tobytes())
    return digest.hexdigest()
