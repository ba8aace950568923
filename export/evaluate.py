"""Measure heads on places they never saw: `python -m export.evaluate --photos ../shared/photos`.

Five folds by 1-degree cell and sequence, one vote per cell. `--heads` sets several side by side with the same
split, seeds and budget. `--int8` measures eyes and heads quantised as the shipped file is, radii calibrated
on their own answers; `--looks` tries grey, sepia and faded copies of the photographs held out, `--worst`
lists how it fares by source: both through int8 where `--int8` is given.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from export import augment, shipped, views, world
from export.bundle import load_eyes
from export.heads import HEADS, Answer
from export.index import Index
from export.model import Eyes, fading
from export.tables import figures, summary
from export.train import arguments, config, gather, read
from export.world import Answers, Trained, Unseen
from geotag.geo import distance_km
from geotag.score import geoscore, one_vote_each

if TYPE_CHECKING:
    from geotag.types import Pixels

LOOKS: dict[str, Callable[[augment.Picture], augment.Picture]] = {
    "as they are": lambda picture: picture,
    "grey": augment.grey,
    "sepia": augment.sepia,
    "faded": lambda picture: augment.faded(picture, 0.5),
}


def look_statistics(
    photos: Index, see: Callable[[Pixels], NDArray[np.float32]], file: Path
) -> dict[str, tuple[NDArray[np.float16], NDArray[np.float32]]]:
    """What the eyes see of changed copies, by look: float16 [n, STATISTICS], and how faded they are, [n].

    Kept in `file`.
    """
    if not file.exists():
        parts: dict[str, list[NDArray[Any]]] = {}
        for batch in views.pixels(photos, 0, 0):
            for name, look in LOOKS.items():
                copies = np.stack([augment.to_bytes(look(one.astype(np.float32))) for one in batch])
                parts.setdefault(f"{name} seen", []).append(see(copies).astype(np.float16))
                parts.setdefault(f"{name} faded", []).append(fading(torch.from_numpy(copies)).numpy())
        half = file.with_suffix(".part.npz")
        np.savez(half, allow_pickle=False, **{name: np.concatenate(part) for name, part in parts.items()})
        half.replace(file)
    with np.load(file) as kept:
        return {name: (kept[f"{name} seen"], kept[f"{name} faded"]) for name in LOOKS}


def float_eyes(eyes: Eyes, batch: Pixels) -> NDArray[np.float32]:
    """What the eyes see of pixels [n, h, w, 3], in float32."""
    with torch.no_grad():
        return np.asarray(eyes(torch.from_numpy(batch)).numpy())


def changed(photos: Index, unseen: Unseen, found: Answer) -> str:
    """One line on changed copies: their figures, with the radii calibrated on photographs as they are."""
    radius = world.radii(photos, unseen.answer, found, unseen.fold)
    votes = one_vote_each(photos.cell)
    grown = np.average(radius / unseen.error_km, weights=votes)
    larger = np.average(radius > unseen.error_km, weights=votes)
    result = figures(photos, found.lat, found.lon, radius)
    return f"{json.dumps(result)} radius times {grown:.2f} on average, larger for {100 * larger:.0f} %"


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
    # Heads side by side see the same guises, whatever each would choose.
    parser.set_defaults(views=3)
    parser.add_argument("--heads", nargs="+", choices=HEADS, help="heads to set side by side")
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--looks", action="store_true")
    parser.add_argument("--worst", action="store_true")
    options = parser.parse_args()
    chosen, photos = config(options), read(options.photos, options.layout, options.kinds, options.cell)
    eyes = load_eyes(options.init)
    seen = gather(options, photos, eyes, options.int8)
    looks: dict[str, tuple[NDArray[np.float16], NDArray[np.float32]]] = {}
    if options.looks:
        see = shipped.eyes_of(photos, eyes) if options.int8 else partial(float_eyes, eyes)
        kind = "int8" if options.int8 else "float"
        looks = look_statistics(photos, see, options.cache / f"looks-{kind}-{views.key(photos, eyes, 0)}.npz")
    for head in options.heads or [world.settled(chosen, photos).head]:
        trained: list[Trained] = []
        unseen = world.cross_fit(photos, seen, replace(chosen, head=head), trained)
        print(f"{head} float32", json.dumps(summary(photos, unseen)), flush=True)
        answers: list[Answers] = [partial(world.answer, one) for one in trained]
        if options.int8:
            answers = shipped.heads_of(unseen, trained, seen)
            small = shipped.statistics(photos, eyes, options.cache)
            found = world.answer_folds(unseen.fold, answers, small[:, 0], seen.faded)
            unseen = world.with_answers(photos, unseen, found)
            print(f"{head} int8", json.dumps(summary(photos, unseen)), flush=True)
        for name, (statistics, faded) in looks.items():
            found = world.answer_folds(unseen.fold, answers, statistics, faded)
            print(f"{head} {name}", changed(photos, unseen, found), flush=True)
        for source, count, points, inside in by_source(photos, unseen) if options.worst else ():
            print(f"  {source}: {count} photographs, GeoScore {points:.0f}, coverage {inside:.0f} %")


if __name__ == "__main__":
    main()
