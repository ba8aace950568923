"""Measure heads on places they never saw: `python -m export.evaluate --photos ../shared/photos`.

Five folds by 1-degree cell and sequence, one vote per cell. `--heads` sets several side by side with the same
split, seeds and budget; `--int8` looks through the quantised eyes and head as shipped; `--looks` tries grey,
sepia and faded copies of the photographs held out; `--worst` lists where it fails by source.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from export import augment, to_onnx, views, world
from export.bundle import load_eyes
from export.heads import Answer
from export.index import Index
from export.model import Eyes
from export.tables import figures, summary
from export.train import arguments, config, read
from export.world import Statistics, Trained, Unseen
from geotag.geo import distance_km
from geotag.score import geoscore, one_vote_per_cell

LOOKS: dict[str, Callable[[augment.Picture], augment.Picture]] = {
    "grey": augment.grey,
    "sepia": augment.sepia,
    "faded": lambda picture: augment.faded(picture, 0.5),
}


def int8_statistics(photos: Index, eyes: Eyes) -> NDArray[np.float16]:
    """What the eyes see after quantisation, view 0 of all photographs: float16 [n, 1, STATISTICS]."""
    with tempfile.TemporaryDirectory() as folder:
        exact, small = Path(folder, "eyes.onnx"), Path(folder, "eyes-int8.onnx")
        to_onnx.export_float(eyes, exact, outputs=("statistics",))
        to_onnx.quantize(exact, small, to_onnx.spread(views.pixels(photos, 0, 0), len(photos)))
        run = to_onnx.session(small)
        seen = [run.run(None, {"image": batch})[0] for batch in views.pixels(photos, 0, 0)]
    return np.concatenate(seen).astype(np.float16)[:, None]


def look_statistics(
    photos: Index, eyes: Eyes, look: Callable[[augment.Picture], augment.Picture]
) -> Iterator[NDArray[np.float16]]:
    """What the eyes see of changed copies, batch by batch."""
    with torch.no_grad():
        for batch in views.pixels(photos, 0, 0):
            changed = np.stack([augment.to_bytes(look(one.astype(np.float32))) for one in batch])
            yield eyes(torch.from_numpy(changed)).numpy().astype(np.float16)


def again(photos: Index, unseen: Unseen, heads: list[Trained], seen: Statistics) -> Unseen:
    """The same heads of the folds on other statistics [n, 1, STATISTICS], with the radii they had."""
    values, radius = np.zeros((3, len(photos))), np.zeros(len(photos))
    for number, trained in enumerate(heads):
        test = np.flatnonzero(unseen.fold == number)
        found = world.answer(trained, seen[test, 0])
        values[:, test] = found.lat, found.lon, found.cost
        radius[test] = world.curve(photos, unseen.answer, np.flatnonzero(unseen.fold != number))(found.cost)
    return replace(unseen, answer=Answer(*values), error_km=radius)


def by_source(photos: Index, unseen: Unseen) -> list[tuple[str, int, float, float]]:
    """Source, photographs, mean GeoScore and coverage in %, largest source first, one vote per photograph."""
    km = distance_km(photos.lat, photos.lon, unseen.answer.lat, unseen.answer.lon)
    rows = []
    for number in np.argsort(-np.bincount(photos.source), kind="stable"):
        mine = photos.source == number
        inside = 100 * float(np.mean(km[mine] <= unseen.error_km[mine]))
        rows.append((photos.sources[number], int(mine.sum()), float(geoscore(km[mine]).mean()), inside))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.evaluate", description=__doc__)
    arguments(parser)
    parser.add_argument(
        "--heads", nargs="+", help="heads to set side by side: regressor euclidean cells places"
    )
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--looks", action="store_true")
    parser.add_argument("--worst", action="store_true")
    options = parser.parse_args()
    chosen, photos = config(options), read(options.photos, options.layout, options.kinds)
    eyes = load_eyes(options.init)
    seen = views.statistics(photos, eyes, chosen.views, chosen.seed, options.cache)
    for head in options.heads or [chosen.head]:
        heads: list[Trained] = []
        unseen = world.cross_fit(photos, seen, replace(chosen, head=head), heads)
        print(head, json.dumps(summary(photos, unseen)))
        if options.worst:
            for source, count, points, inside in by_source(photos, unseen):
                print(f"  {source}: {count} photographs, GeoScore {points:.0f}, coverage {inside:.0f} %")
        if options.int8:
            print(
                f"{head} int8",
                json.dumps(summary(photos, again(photos, unseen, heads, int8_statistics(photos, eyes)))),
            )
        for name, look in LOOKS.items() if options.looks else ():
            changed = np.concatenate(list(look_statistics(photos, eyes, look)))[:, None]
            found = again(photos, unseen, heads, changed)
            grown = np.average(
                found.error_km / unseen.error_km, weights=one_vote_per_cell(photos.lat, photos.lon)
            )
            result = figures(photos, found.answer.lat, found.answer.lon, found.error_km)
            print(f"{head} {name}", json.dumps(result), f"radius times {grown:.2f}")


if __name__ == "__main__":
    main()
