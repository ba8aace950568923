"""Train GeoVision: `python -m export.train --photos ../shared/photos --out work/geovision`.

Writes `model.pt` (weights, configuration, seed, fingerprint of the photographs), `unseen.npz` (the answers
of the int8 file for places never seen) and the members' checkpoints; the same command goes on where it
stopped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch

from export import index, readers, shipped, views, world
from export.bundle import Bundle, load_eyes
from export.fit import Config
from export.heads import Places
from export.tables import summary


def read(
    photos: list[Path], layout: str | None, kinds: list[str] | None, degrees: float = 1.0
) -> index.Index:
    """Index the photographs below the paths; raises SystemExit with a sentence when there are none."""
    try:
        rows = []
        for path in photos:
            name = layout or readers.guess_layout(path)
            only = frozenset(kinds) if kinds else None
            rows.append(readers.shards(path, kinds=only) if name == "shards" else readers.LAYOUTS[name](path))
        found = index.build(itertools.chain(*rows), degrees)
    except (readers.LayoutError, ValueError) as error:
        raise SystemExit(str(error)) from error
    if not len(found):
        raise SystemExit(f"no photograph with a position in {', '.join(map(str, photos))}")
    return found


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
        "--cell", type=float, default=1.0, metavar="DEGREES", help="cells with one vote, never split"
    )
    parser.add_argument("--init", type=Path, default=Path("models/geovision.onnx"), metavar="MODEL")
    parser.add_argument("--cache", type=Path, default=Path("work/views"), help="where views are kept")
    for field in fields(Config):
        kind = str if field.name == "head" else type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)


def config(options: argparse.Namespace) -> Config:
    """The configuration that the options spell."""
    return Config(**{field.name: getattr(options, field.name) for field in fields(Config)})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.train", description=__doc__)
    arguments(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the trained model")
    options = parser.parse_args()
    began, chosen = time.perf_counter(), config(options)
    photos = read(options.photos, options.layout, options.kinds, options.cell)
    eyes = load_eyes(options.init)
    print(f"{len(photos)} photographs in {int(photos.group.max()) + 1} groups, {len(photos.sources)} sources")
    seen = views.statistics(photos, eyes, chosen.views, chosen.seed, options.cache)
    heads: list[world.Trained] = []
    unseen = {"float32": world.cross_fit(photos, seen, chosen, heads)}
    small = shipped.statistics(photos, eyes, options.cache)
    unseen["int8"] = shipped.cross_fit(photos, unseen["float32"], heads, seen, small)
    trained = world.train(photos, seen, np.arange(len(photos)), chosen, options.out)
    if not isinstance(trained.task, Places):
        raise SystemExit(f"--head {chosen.head} has no radius to ship; measure it with export.evaluate")
    everything = np.arange(len(photos))
    bundle = Bundle(
        eyes,
        trained.task.plain(trained.head),
        trained.task.atlas,
        {kind: world.curve(photos, one.answer, everything) for kind, one in unseen.items()},
        {
            "config": asdict(chosen),
            "data": photos.fingerprint(),
            "photographs": len(photos),
            "sources": photos.sources,
            "metrics": {kind: summary(photos, one) for kind, one in unseen.items()},
            "seconds": round(time.perf_counter() - began),
        },
    )
    options.out.mkdir(parents=True, exist_ok=True)
    bundle.save(options.out / "model.pt")
    found = unseen["int8"]
    np.savez(
        options.out / "unseen.npz",
        lat=found.answer.lat,
        lon=found.answer.lon,
        cost=found.answer.cost,
        error_km=found.error_km,
    )
    print(json.dumps(bundle.card["metrics"], indent=1))
    print(f"{options.out / 'model.pt'} written after {bundle.card['seconds']} s")


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
