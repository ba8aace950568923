"""What a region's own photographs are worth: `python -m export.transfer --init models/geovision.onnx ...`.

For 100, 300 and 1,000 photographs: a new head on the model's eyes, trained on some cells of the region
(`--cell 0.005` cuts a city into blocks of half a kilometre) and tried on the others, beside the best constant
guess of the same training cells and the world model as it is. So few photographs are a matter of luck: it is
done with several draws of them (`--draws`), and figures are of all draws together. One vote per photograph;
the differences with their bootstrap intervals have one vote per cell.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export import int8, views, world
from export.bundle import load_eyes
from export.fit import Config, Rows
from export.index import Index, folds
from export.sampling import shares
from export.tables import figures
from export.train import arguments, config, gather, read
from export.views import Seen
from export.world import FOLDS
from geotag.geo import distance_km
from geotag.score import compare, constant_guess

Floats = NDArray[np.float64]

COMPARED = ("median_km", "mean_km")


def part_of(rows: Rows, count: int, seed: int) -> Rows:
    """So many of the rows at random, in their order; the same seed adds to fewer rather than drawing anew."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:count])


def grown(photos: Index, seen: Seen, config: Config, count: int, draw: int = 0) -> tuple[Floats, Floats]:
    """Answers and constant guesses, degrees [2, n] each, of `count` photographs from the other folds.

    Each `draw` takes other photographs.
    """
    fold = folds(photos, FOLDS, config.seed)
    found, constant = np.zeros((2, len(photos))), np.zeros((2, len(photos)))
    for number in range(FOLDS):
        test = np.flatnonzero(fold == number)
        rows = part_of(np.flatnonzero(fold != number), count, config.seed + draw)
        answer = world.answer(world.train(photos, seen, rows, config), seen.statistics[test, 0])
        found[:, test] = answer.lat, answer.lon
        share = shares(photos.cell[rows], config.cap)
        constant[:, test] = np.array(constant_guess(photos.lat[rows], photos.lon[rows], share))[:, None]
    return found, constant


def mean_figures(photos: Index, guesses: list[Floats]) -> dict[str, Any]:
    """The mean over draws of each figure of guesses, degrees [2, n]."""
    even = np.full(len(photos), 1 / len(photos))
    tables = [figures(photos, guess[0], guess[1], votes=even) for guess in guesses]
    return {name: round(float(np.mean([one[name] for one in tables])), 2) for name in tables[0]}


def beside(photos: Index, guesses: list[Floats], others: list[Floats]) -> str:
    """Guesses less others, degrees [2, n] for each draw: median and mean with their intervals, in words."""
    off = [
        np.concatenate([distance_km(photos.lat, photos.lon, *guess) for guess in all_draws])
        for all_draws in (guesses, others)
    ]
    compared = compare(off[0], off[1], np.tile(photos.cell, len(guesses)))
    parts = [(name, compared[name]) for name in COMPARED]
    return ", ".join(
        f"{name} {one.difference:+.2f} ({one.low:+.2f} to {one.high:+.2f})" for name, one in parts
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.transfer", description=__doc__)
    arguments(parser)
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 300, 1000], help="photographs")
    parser.add_argument("--draws", type=int, default=5, help="how often so many are drawn")
    options = parser.parse_args()
    chosen, photos = config(options), read(options.photos, options.layout, options.kinds, options.cell)
    print(f"{len(photos)} photographs in {photos.groups} groups")
    as_it_is: Floats | None = None
    if options.init.suffix == ".onnx":
        run = int8.session(options.init)
        batches = views.pixels(photos, 0, 0)
        answers = [run.run(["coordinates"], {"image": one})[0] for one in batches]
        as_it_is = np.concatenate(answers).astype(np.float64).T
        print("world model", json.dumps(mean_figures(photos, [as_it_is])), flush=True)
    seen = gather(options, photos, load_eyes(options.init), False)
    for count in options.counts:
        draws = [grown(photos, seen, chosen, count, draw) for draw in range(options.draws)]
        found, constant = ([draw[part] for draw in draws] for part in (0, 1))
        print(f"{count} photographs", json.dumps(mean_figures(photos, found)))
        print(f"{count} constant guess", json.dumps(mean_figures(photos, constant)))
        print("  against the constant guess:", beside(photos, found, constant), flush=True)
        if as_it_is is not None:
            print("  against the world model:", beside(photos, found, [as_it_is] * len(found)), flush=True)


if __name__ == "__main__":
    torch.set_num_threads(min(2, torch.get_num_threads()))
    main()
