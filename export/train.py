"""Train GeoVision: `python -m export.train --photos ../shared/photos --out work/geovision`.

Writes `model.pt` (weights, configuration, seed, fingerprint of the photographs), the models of the folds,
`unseen.npz` (the answers of the int8 file for places never seen) and the members' checkpoints; the same
command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from export import index, readers, shipped, teacher, views, world
from export.bundle import Bundle, load_eyes
from export.fit import Config
from export.heads import HEADS, Places
from export.model import Eyes
from export.radius import Curve
from export.tables import summary

CELLS = (1.0, 0.1, 0.05, 0.01, 0.005)
"""Cells in degrees that an archive is cut into: a country's, a town's, a quarter's, some blocks'."""

ENOUGH = 300
"""Groups of photographs that are enough to train on some and try on others."""


def read(
    photos: list[Path], layout: str | None, kinds: list[str] | None, degrees: float | None = None
) -> index.Index:
    """Index the photographs below the paths, in cells of so many degrees.

    Without `degrees` the cells are the largest of CELLS that give ENOUGH groups, or else the most: a city is
    cut into blocks. Raises SystemExit with a sentence when there are too few photographs or places.
    """
    best: index.Index | None = None
    try:
        for size in [degrees] if degrees else CELLS:
            found = index.build(_rows(photos, layout, kinds), size)
            if best is None or found.groups > best.groups:
                best = found
            if best.groups >= ENOUGH:
                break
    except (readers.LayoutError, ValueError) as error:
        raise SystemExit(str(error)) from error
    if best is None or best.groups < world.FOLDS:
        count, names = len(best or ()), ", ".join(map(str, photos))
        raise SystemExit(f"{names}: {count} photographs with a position, in too few places to hold some out")
    return best


def _rows(photos: list[Path], layout: str | None, kinds: list[str] | None) -> Iterator[index.Tagged]:
    for path in photos:
        name = layout or readers.guess_layout(path)
        only = frozenset(kinds) if kinds else None
        yield from readers.shards(path, kinds=only) if name == "shards" else readers.LAYOUTS[name](path)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that training and measuring share."""
    parser.add_argument(
        "--photos", type=Path, nargs="+", required=True, help="folders or tables of photographs"
    )
    parser.add_argument(
        "--layout", choices=sorted(readers.LAYOUTS), help="how they are kept (default: looked up)"
    )
    parser.add_argument("--kinds", nargs="+", help="of shards, only photographs whose column `kind` says so")
    parser.add_argument(
        "--cell", type=float, metavar="DEGREES", help="cells with one vote, never split (default: as fits)"
    )
    parser.add_argument("--init", type=Path, default=Path("models/geovision.onnx"), metavar="MODEL")
    parser.add_argument("--teacher", type=Path, metavar="WEIGHTS", help="GoogLeNet, whose sight is learned")
    parser.add_argument("--cache", type=Path, default=Path("work/views"), help="where views are kept")
    parser.add_argument(
        "--head", choices=["auto", *HEADS], default="auto", help="see heads.py; auto: as fits"
    )
    for field in fields(Config)[1:]:
        kind = str if isinstance(field.default, str) else type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)


def config(options: argparse.Namespace) -> Config:
    """The configuration that the options spell."""
    return Config(**{field.name: getattr(options, field.name) for field in fields(Config)})


def gather(options: argparse.Namespace, photos: index.Index, eyes: Eyes, int8: bool) -> views.Seen:
    """What the eyes, and the teacher if there is one, see of the photographs; computed once and kept.

    With `int8` one more view is what the int8 eyes see, so that heads learn to live with their rounding.
    """
    chosen = world.settled(config(options), photos)
    taught = None
    if options.teacher:
        taught = teacher.statistics(photos, teacher.load(options.teacher), options.cache)
    statistics = views.statistics(photos, eyes, chosen.views, chosen.seed, options.cache)
    if int8:
        small = shipped.statistics(photos, eyes, options.cache)
        statistics = np.concatenate([statistics, small], axis=1)
    return views.Seen(statistics, views.faded(photos, options.cache), taught)


def bundled(eyes: Eyes, trained: world.Trained, radius: dict[str, Curve], card: dict[str, Any]) -> Bundle:
    """A trained head with eyes, radius and card; raises SystemExit for a head that has no radius to ship."""
    if not isinstance(trained.task, Places):
        raise SystemExit("this head has no radius to ship; measure it with export.evaluate")
    return Bundle(eyes, trained.task.plain(trained.head), trained.task.atlas, radius, card)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.train", description=__doc__)
    arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("work/model"), help="folder for the model")
    options = parser.parse_args()
    began = time.perf_counter()
    photos = read(options.photos, options.layout, options.kinds, options.cell)
    eyes = load_eyes(options.init)
    print(f"{len(photos)} photographs in {photos.groups} groups, {len(photos.sources)} sources", flush=True)
    seen = gather(options, photos, eyes, True)
    chosen = world.settled(config(options), photos)
    small = shipped.statistics(photos, eyes, options.cache)
    heads: list[world.Trained] = []
    unseen = {"float32": world.cross_fit(photos, seen, chosen, heads)}
    print(f"head {chosen.head} tried on places held out; next as int8, then with all places", flush=True)
    unseen["int8"] = shipped.cross_fit(photos, unseen["float32"], heads, seen, small)
    everything = np.arange(len(photos))
    card: dict[str, Any] = {
        "config": asdict(chosen),
        "data": photos.fingerprint(),
        "photographs": len(photos),
        "sources": photos.sources,
        "metrics": {kind: summary(photos, one) for kind, one in unseen.items()},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    keep_folds(options.out, photos, eyes, heads, unseen["int8"], card)
    trained = world.train(photos, seen, everything, chosen, options.out)
    card["seconds"] = round(time.perf_counter() - began)
    card["cpu_seconds"] = round(time.process_time())
    radius = {kind: world.curve(photos, one.answer, everything) for kind, one in unseen.items()}
    bundled(eyes, trained, radius, card).save(options.out / "model.pt")
    print(json.dumps(card["metrics"], indent=1))
    print(
        f"{options.out / 'model.pt'} written after {card['seconds']} s, {card['cpu_seconds']} s of processor"
    )


def keep_folds(
    out: Path,
    photos: index.Index,
    eyes: Eyes,
    heads: list[world.Trained],
    found: world.Unseen,
    card: dict[str, Any],
) -> None:
    """Write the models of the folds, `fold-N.pt`, and their int8 answers for the places held out."""
    for number, head in enumerate(heads):
        radius = {"int8": world.curve(photos, found.answer, np.flatnonzero(found.fold != number))}
        bundled(eyes, head, radius, card).save(out / f"fold-{number}.pt")
    np.savez(
        out / "unseen.npz",
        lat=found.answer.lat,
        lon=found.answer.lon,
        doubt=found.answer.doubt,
        error_km=found.error_km,
        fold=found.fold,
    )


if __name__ == "__main__":
    torch.set_num_threads(min(2, torch.get_num_threads()))
    main()
