"""How well `geotag similar` finds the photos of one sequence or landmark, and what a search costs.

    python -m tests.likeness PHOTOS [--model NAME|FILE]

PHOTOS is a folder with photos.csv (id, sequence, ...) and tar shards of the photos. Printed: the share of a
photo's own sequence among its ten nearest, beside chance; and what a search among 100,000 photos costs
beside loading the model, in CPU time, as ratios of medians within this run.
"""

from __future__ import annotations

import csv
import statistics
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from geotag import parallel
from geotag.flows import similar
from geotag.memory.vectors import Index
from geotag.models import shelf
from geotag.observer import Silent
from geotag.predict import Model
from geotag.types import Photo

NEAREST = 10
MANY = 100_000
ROUNDS = 5


def unpack(photos: Path, folder: Path) -> dict[str, str]:
    """The photos of the shards as files of a folder: name and sequence of each that belongs to one."""
    with open(photos / "photos.csv", encoding="utf-8", newline="") as file:
        sequences = {row["id"]: row["sequence"] for row in csv.DictReader(file)}
    for shard in sorted(photos.glob("*.tar")):
        with tarfile.open(shard) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    (folder / Path(member.name).name).write_bytes(content.read())
    return {path.name: sequences.get(path.stem, "") for path in folder.iterdir() if sequences.get(path.stem)}


def recall(folder: Path, output: Path, sequences: dict[str, str], model: Model) -> tuple[float, float, int]:
    """The mean share of a photo's sequence among its NEAREST, what chance gives, how many were asked."""
    similar.index((str(folder),), str(output), model, parallel.cores(), Silent())
    sizes = Counter(sequences.values())
    asked = [name for name, sequence in sequences.items() if sizes[sequence] > 1]
    found, chance = [], []
    with Index(str(output), model.card.identity, model.dimensions) as index:
        photos = len(index)
        for name in asked:
            others = sizes[sequences[name]] - 1
            seen = similar.view(str(folder / name), model)
            matches = similar.search(seen, (str(folder),), str(output), model, NEAREST)
            same = sum(sequences.get(Path(match.path).name) == sequences[name] for match in matches)
            found.append(same / min(others, NEAREST))
            chance.append(NEAREST / (photos - 1) * others / min(others, NEAREST))
    return statistics.mean(found), statistics.mean(chance), len(asked)


def cpu(function: Callable[[], object]) -> float:
    """The median CPU time of a few calls, in seconds."""
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        function()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def cost(output: Path, model: Model) -> float:
    """A search among MANY photos over loading the model, both in CPU time."""
    rng = np.random.default_rng(0)
    with Index(str(output), "random", model.dimensions) as index:
        for start in range(0, MANY, 10_000):
            drawn = rng.normal(size=(10_000, model.dimensions)).astype(np.float32)
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
            index.add([Photo(f"{start + number}.jpg", 1, 1) for number in range(10_000)], drawn)
        asked = drawn[0]
        search = cpu(lambda: index.nearest(asked, NEAREST))
    return search / cpu(lambda: shelf.load(model.card.path, "cpu", 1))


@click.command()
@click.argument("photos", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", default="geovision", show_default=True)
def main(photos: Path, model: str) -> None:
    """Print recall beside chance, and the cost of a search beside that of loading the model."""
    loaded = shelf.load(model, "cpu")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "photos"
        folder.mkdir()
        sequences = unpack(photos, folder)
        share, chance, asked = recall(folder, Path(scratch) / "index", sequences, loaded)
        click.echo(f"{loaded.card.title}: {asked:,} photos of sequences with more than one photo")
        click.echo(f"recall at {NEAREST}: {share:.1%}; by chance {chance:.2%}")
        click.echo(
            f"search among {MANY:,} over loading the model: {cost(Path(scratch) / 'many', loaded):.2f}"
        )


if __name__ == "__main__":
    main()
