"""`make bench`: how much of the time that decoding takes do we need, and where does the rest go?

    python -m tests.bench [--rounds N] [--only KIND] [--model FILE]

For each kind of archive three programs go in turn, round by round, so that a slow moment of the machine hits
all of them: geotag with --write-exif (loading of the model included), the naive loop (Pillow decodes the
whole picture, one photo at a time through the same model, `piexif.insert` in place), and, before geotag and
after it, the decode ceiling (one thread per core doing nothing but decoding: of a JPEG what Pillow's `draft`
makes smaller while it decodes, of others what the pipeline decodes). The latter two take some of the same
files; all figures are per photo. Printed are ratios of medians within this run: of wall time, and of the
processors' time, which a busy machine disturbs less. Then each stage alone on one thread, all on the same
photos, sixteen at a time in turn, as a share of what decoding costs; "rest" is what a whole run takes beyond
the stages: walking, loading the model, threads, and what they take from each other.
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
import piexif
from joblib import Parallel, cpu_count, delayed
from PIL import Image
from skimage import data as skimage_data
from sklearn.datasets import load_sample_images

import geotag
from geotag import decide, gather, parallel, read
from geotag.decode import decode
from geotag.evidence import gazetteer
from geotag.memory.journal import Journal
from geotag.models import shelf
from geotag.predict import Model
from geotag.renderings import manifest
from geotag.types import Photo, Policy, Record, Settings
from geotag.write import Writer

GRAIN = 12
"""So much noise makes a JPEG of 12 megapixels as large as a camera's: 3.5 to 3.9 MB."""

WINDOW = 16
"""So many photos at a time go through the stages: a batch of the shipped model."""

REPEATED = 2
"""The model answers so often in each window, for it takes a part of the time that decoding takes."""


@dataclass(frozen=True)
class Kind:
    """A kind of archive: how its pictures are made, how many differ, how many photos there are, and how many
    of them the naive loop and the ceiling are timed on. Where photos are few because each takes long, the
    loading of the model weighs more than in an archive.
    """

    make: Callable[[Image.Image, Path], None]
    size: tuple[int, int]
    different: int
    photos: int
    part: int


def jpeg(picture: Image.Image, path: Path) -> None:
    picture.save(path.with_suffix(".jpg"), quality=92)


def png(picture: Image.Image, path: Path) -> None:
    picture.save(path.with_suffix(".png"), compress_level=1)


def jpeg2000(picture: Image.Image, path: Path) -> None:
    picture.save(path.with_suffix(".jp2"), quality_mode="rates", quality_layers=[12])


def tiff16(picture: Image.Image, path: Path) -> None:
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(path.with_suffix(".tif"))


KINDS = {
    "JPEG 12 MP": Kind(jpeg, (4000, 3000), 6, 480, 16),
    "JPEG 0.3 MP": Kind(jpeg, (640, 480), 40, 800, 120),
    "TIFF 16 bit 100 MP": Kind(tiff16, (11600, 8700), 1, 3, 1),
    "JPEG 2000 12 MP": Kind(jpeg2000, (4000, 3000), 1, 96, 3),
    "PNG 12 MP": Kind(png, (4000, 3000), 2, 32, 4),
}
MIXED = (
    (12, "JPEG 12 MP"),
    (60, "JPEG 0.3 MP"),
    (1, "TIFF 16 bit 100 MP"),
    (4, "JPEG 2000 12 MP"),
    (4, "PNG 12 MP"),
)


@dataclass(frozen=True)
class Cost:
    """Seconds per photo, by the clock and of all processors together."""

    wall: float
    cpu: float


def pictures() -> Iterator[Image.Image]:
    """Photographs that come with scikit-learn and scikit-image, over and over, every other one mirrored."""
    arrays = [
        *load_sample_images().images,
        skimage_data.rocket(),
        skimage_data.coffee(),
        skimage_data.chelsea(),
    ]
    for number, array in enumerate(itertools.cycle(arrays)):
        yield Image.fromarray(array[:, ::-1] if number % 2 else array)


def build(kind: Kind, folder: Path) -> None:
    """An archive of this kind: pictures with a sensor's grain, so that they compress like photographs, made
    once each and repeated, for no program remembers one.
    """
    folder.mkdir(parents=True)
    width, height = kind.size
    grain = np.random.default_rng(0).integers(-GRAIN, GRAIN + 1, (509, 503, 3), dtype=np.int16)
    for index, picture in enumerate(itertools.islice(pictures(), kind.different)):
        pixels = np.array(picture.resize(kind.size, Image.Resampling.BICUBIC))
        for top, left in itertools.product(range(0, height, 509), range(0, width, 503)):
            tile = pixels[top : top + 509, left : left + 503]
            tile[:] = np.clip(tile + grain[: tile.shape[0], : tile.shape[1]], 0, 255)
        kind.make(Image.fromarray(pixels), folder / f"{index:04}")
    made = sorted(folder.iterdir())
    for index in range(len(made), kind.photos):
        shutil.copy(made[index % len(made)], folder / f"{index:04}{made[0].suffix}")


def ours(folder: Path, model: Model) -> None:
    """What `geotag run --write-exif` does, loading of the model included."""
    output = folder.with_name("output")
    geotag.run(
        folder, write_exif=True, max_error_km=20100, model=model.card.path, output=str(output), device="cpu"
    )


def naive(folder: Path, model: Model) -> None:
    """One photo after the other: full decode, one prediction, piexif into the file where it can."""
    recipe = model.card.recipe
    for path in sorted(folder.iterdir()):
        with Image.open(path) as opened:
            opened.load()
            image: Image.Image = opened
            if image.mode.startswith("I;16"):
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            scale = max(recipe.width / image.width, recipe.height / image.height)
            size = (round(image.width * scale) + 1, round(image.height * scale) + 1)
            small = image.convert("RGB").resize(size).crop((0, 0, recipe.width, recipe.height))
        prediction = model.predict(np.asarray(small)[np.newaxis])[0]
        assert prediction is not None
        if path.suffix == ".jpg":
            degrees = {2: ((1, 1),) * 3, 1: b"N", 4: ((1, 1),) * 3, 3: b"E"}
            piexif.insert(piexif.dump({"GPS": degrees}), str(path))


def ceiling(folder: Path, model: Model) -> None:
    """A thread per core that only decodes: JPEG as Pillow drafts it, others as the pipeline does."""
    recipe = model.card.recipe

    def decoded(path: str) -> None:
        if path.endswith(".jpg"):
            with Image.open(path) as image:
                image.draft("RGB", (recipe.width, recipe.height))
                image.load()
        else:
            decode(path, recipe)

    Parallel(cpu_count(), "threading")(delayed(decoded)(str(path)) for path in sorted(folder.iterdir()))


@contextmanager
def copied(source: Path, photos: int) -> Iterator[Path]:
    """A fresh copy of an archive's first photos, on the disk before anybody is timed."""
    with tempfile.TemporaryDirectory(dir=source.parent) as scratch:
        copy = Path(scratch, "archive")
        copy.mkdir()
        for path in sorted(source.iterdir())[:photos]:
            shutil.copy2(path, copy)
        os.sync()
        yield copy


def timed(program: Callable[[Path, Model], None], source: Path, photos: int, model: Model) -> Cost:
    """What a program takes for a photo."""
    with copied(source, photos) as copy:
        wall, cpu = time.perf_counter(), time.process_time()
        program(copy, model)
        return Cost((time.perf_counter() - wall) / photos, (time.process_time() - cpu) / photos)


class Spent:
    """Processor seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, stage: str, times: int = 1) -> Iterator[None]:
        """Count what happens inside, which is done so many times over, towards a stage."""
        start = time.process_time()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + (time.process_time() - start) / times


def stages(source: Path, photos: int, model: Model) -> dict[str, float]:
    """Processor seconds per photo of each stage alone, one after the other on one thread."""
    spent, recipe = Spent(), model.card.recipe
    # What the first batch costs a model (memory, code that has not run yet) is no photo's.
    model.predict(np.zeros((WINDOW, recipe.height, recipe.width, 3), np.uint8))
    with copied(source, photos) as folder, Journal(str(folder.with_name("output")), create=True) as journal:
        base = str(folder)
        journal.begin(base)
        writer = Writer(base, Settings((base,), write_exif=True), journal.mark, datetime.now(UTC))
        for window in parallel.windows(sorted(folder.iterdir()), WINDOW):
            written(located(window, base, model, spent), writer, journal, spent)
        with spent.on("manifest"):
            manifest.render(journal.records(), journal.output)
    return {stage: seconds / photos for stage, seconds in spent.seconds.items()}


def located(window: list[Path], base: str, model: Model, spent: Spent) -> list[Record]:
    """A window of photos with the model's answers."""
    records, frames = [], []
    for path in window:
        photo = Photo.seen(path.name, path.stat())
        with spent.on("read"):
            look = read.look(base, photo, None)
        with spent.on("words"):
            gather.words(base, photo.path, look.texts)
        with spent.on("decode"):
            frames.append(decode(look.source, model.card.recipe))
        records.append(Record(photo, model=model.card.identity))
    with spent.on("model", REPEATED):
        for _ in range(REPEATED):
            predictions = model.predict(np.stack(frames))
    with spent.on("decide"):
        answers = zip(records, predictions, strict=True)
        return [
            decide.decide(replace(record, prediction=answer), Policy(max_error_km=20100))
            for record, answer in answers
        ]


def written(records: list[Record], writer: Writer, journal: Journal, spent: Spent) -> None:
    """Their answers in the files, with the journal told before and after."""
    with spent.on("write"):
        ready = [writer.prepare(record) for record in records]
    with spent.on("journal"):
        changes = journal.intend(records, [item.change for item in ready if item.change])
    with spent.on("write"):
        known = zip(ready, changes, strict=True)
        done = [writer.commit(replace(item, change=change)) for item, change in known]
    with spent.on("journal"):
        journal.settle([item.record for item in done], [item.change for item in done if item.change])


def row(source: Path, photos: int, part: int, model: Model, rounds: int) -> str:
    """One line of the table: ratios of medians over `rounds` rounds, and what each stage costs."""
    alone_on_it = shelf.load(model.card.path, "cpu", 1)
    costs: dict[str, list[Cost]] = {"ours": [], "naive": [], "ceiling": []}
    alone: list[dict[str, float]] = []
    for _ in range(rounds):
        costs["naive"].append(timed(naive, source, part, model))
        costs["ceiling"].append(timed(ceiling, source, min(photos, 4 * part), model))
        costs["ours"].append(timed(ours, source, photos, model))
        costs["ceiling"].append(timed(ceiling, source, min(photos, 4 * part), model))
        alone.append(stages(source, min(photos, 4 * part), alone_on_it))
    wall = {name: statistics.median(cost.wall for cost in found) for name, found in costs.items()}
    cpu = {name: statistics.median(cost.cpu for cost in found) for name, found in costs.items()}
    spent = {stage: statistics.median(found[stage] for found in alone) for stage in alone[0]}
    spent["rest"] = cpu["ours"] - sum(spent.values())
    shares = ", ".join(
        f"{stage} {cost / spent['decode']:.2f}" for stage, cost in spent.items() if stage != "decode"
    )
    return (
        f"{source.name:<20}{wall['naive'] / wall['ours']:>7.1f} x{wall['ceiling'] / wall['ours']:>7.2f}"
        f"{cpu['naive'] / cpu['ours']:>10.1f} x{cpu['ceiling'] / cpu['ours']:>7.2f}   {shares}"
    )


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--only", multiple=True, type=click.Choice([*KINDS, "mixed"]))
@click.option("--model", default="geovision", show_default=True)
def main(rounds: int, only: tuple[str, ...], model: str) -> None:
    """Print the table."""
    loaded = shelf.load(model, "cpu")
    gazetteer.load()
    print(f"{cpu_count()} cores, model {loaded.card.title}, medians of {rounds} rounds, per photo")
    print(f"{'':<20}   wall time:        processor time:     stages alone, decoding = 1")
    print(f"{'':<20} x naive ceiling    x naive ceiling")
    with tempfile.TemporaryDirectory() as scratch:
        archives = Path(scratch)
        for name, kind in KINDS.items():
            if not only or name in only or "mixed" in only:
                build(kind, archives / name)
            if not only or name in only:
                print(row(archives / name, kind.photos, kind.part, loaded, rounds), flush=True)
        if not only or "mixed" in only:
            photos = sum(count for count, _ in MIXED)
            print(row(mixed(archives), photos, photos, loaded, rounds), flush=True)


def mixed(archives: Path) -> Path:
    """Some of each kind together, in turn."""
    folder = archives / "mixed"
    folder.mkdir()
    for place, (count, name) in enumerate(MIXED):
        for number, path in enumerate(sorted((archives / name).iterdir())[:count]):
            shutil.copy(path, folder / f"{100 * number // count:02}-{place}-{number}{path.suffix}")
    return folder


if __name__ == "__main__":
    main()
