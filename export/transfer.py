"""What a region's own photographs are worth: `python -m export.transfer --init models/geovision.onnx ...`.

For 100, 300 and 1,000 photographs: a new head on the model's eyes, trained on some cells of the region
(`--cell 0.005` cuts a city into blocks of half a kilometre) and tried on the others, beside the best constant
guess of the same training cells and the world model as it is. One vote per photograph; the differences with
their bootstrap intervals have one vote per cell.
"""

from __future__ import annotations

import argparse
import json

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


def part_of(rows: Rows, count: int, seed: int) -> Rows:
    """So many of the rows at random, in their order; the same seed adds to fewer rather than drawing anew."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:count])


def grown(photos: Index, seen: Seen, config: Config, count: int) -> tuple[Floats, Floats]:
    """Answers and constant guesses, degrees [2, n] each, of `count` photographs from the other folds."""
    fold = folds(photos, FOLDS, config.seed)
    found, constant = np.zeros((2, len(photos))), np.zeros((2, len(photos)))
    for number in range(FOLDS):
        test = np.flatnonzero(fold == number)
        rows = part_of(np.flatnonzero(fold != number), count, config.seed)
        answer = world.answer(world.train(photos, seen, rows, config), seen.statistics[test, 0])
        found[:, test] = answer.lat, answer.lon
        share = shares(photos.cell[rows], config.cap)
        constant[:, test] = np.array(constant_guess(photos.lat[rows], photos.lon[rows], share))[:, None]
    return found, constant


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.transfer", description=__doc__)
    arguments(parser)
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 300, 1000], help="photographs")
    options = parser.parse_args()
    chosen, photos = config(options), read(options.photos, options.layout, options.kinds, options.cell)
    eyes, even = load_eyes(options.init), np.full(len(photos), 1 / len(photos))
    print(f"{len(photos)} photographs in {photos.groups} groups")
    if options.init.suffix == ".onnx":
        run = int8.session(options.init)
        batches = views.pixels(photos, 0, 0)
        lat, lon = np.concatenate([run.run(["coordinates"], {"image": one})[0] for one in batches]).T
        print("world model", json.dumps(figures(photos, lat, lon, votes=even)), flush=True)
    seen = gather(options, photos, eyes, False)
    for count in options.counts:
        found, constant = grown(photos, seen, chosen, count)
        off = [distance_km(photos.lat, photos.lon, *guess) for guess in (found, constant)]
        compared = compare(off[0], off[1], photos.cell)
        for name, guess in ((f"{count} photographs", found), (f"{count} constant guess", constant)):
            print(name, json.dumps(figures(photos, guess[0], guess[1], votes=even)))
        for name in ("median_km", "mean_km"):
            one = compared[name]
            print(
                f"  {name} against it: {one.difference:+.2f} ({one.low:+.2f} to {one.high:+.2f})", flush=True
            )


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
