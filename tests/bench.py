"""`make bench`: how much of the time that decoding takes do we need, and where does the rest go?

    python -m tests.bench [--rounds N] [--only KIND] [--model FILE]

For each kind of archive the same files go through four programs in turn, round by round, so that a slow
moment of the machine hits all of them: geotag with --write-exif, the naive loop (Pillow decodes the whole
picture, one photo at a time through the same model, `piexif.insert` in place), and the decode ceiling (one
thread per core doing nothing but Pillow's reduced decoding). Printed are ratios of medians within this run;
absolute times of one machine on one day say nothing and are not printed.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import piexif
from joblib import Parallel, cpu_count, delayed
from PIL import Image
from skimage import data as skimage_data
from sklearn.datasets import load_sample_images

import geotag
from geotag import pipeline, shelf
from geotag.decode import decode
from geotag.predict import Model


@dataclass(frozen=True)
class Kind:
    """A kind of archive: how many photos, and how one of them is made."""

    photos: int
    make: Callable[[Image.Image, Path], None]
    size: tuple[int, int]


def jpeg(picture: Image.Image, path: Path) -> None:
    picture.save(path.with_suffix(".jpg"), quality=90)


def png(picture: Image.Image, path: Path) -> None:
    picture.save(path.with_suffix(".png"), compress_level=3)


def jpeg2000(picture: Image.Image, path: Path) -> None:
    picture.save(path.with_suffix(".jp2"), quality_mode="rates", quality_layers=[12])


def tiff16(picture: Image.Image, path: Path) -> None:
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(path.with_suffix(".tif"))


KINDS = {
    "JPEG 12 MP": Kind(160, jpeg, (4000, 3000)),
    "JPEG 0.3 MP": Kind(400, jpeg, (640, 480)),
    "TIFF 16 bit 100 MP": Kind(4, tiff16, (11600, 8700)),
    "JPEG 2000 12 MP": Kind(12, jpeg2000, (4000, 3000)),
    "PNG 12 MP": Kind(12, png, (4000, 3000)),
}


def pictures() -> list[Image.Image]:
    """Photographs that come with scikit-learn and scikit-image."""
    arrays = [
        *load_sample_images().images,
        skimage_data.rocket(),
        skimage_data.coffee(),
        skimage_data.chelsea(),
    ]
    return [Image.fromarray(array) for array in arrays]


def build(kind: Kind, folder: Path) -> None:
    """Photographs of this kind, each different, with a sensor's grain so that they compress like photos."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    originals = pictures()
    for index in range(kind.photos):
        picture = originals[index % len(originals)].resize(kind.size, Image.Resampling.BICUBIC)
        if index % 2:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        width, height = kind.size
        grain = rng.integers(-6, 7, (min(512, height), min(512, width), 3), dtype=np.int16)
        tiles = (-(-height // grain.shape[0]), -(-width // grain.shape[1]), 1)
        noisy = np.asarray(picture, np.int16) + np.tile(grain, tiles)[:height, :width]
        kind.make(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)), folder / f"{index:04}")


def ours(folder: Path, model: Model) -> pipeline.Summary:
    """What `geotag run --write-exif` does, loading of the model included."""
    output = folder.with_name(folder.name + ".geotag")
    summary = geotag.run(
        folder, write_exif=True, max_error_km=20100, model=model.card.path, output=str(output), device="cpu"
    )
    shutil.rmtree(output)
    return summary


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
    """A thread per core, doing nothing but decoding as the pipeline does."""
    paths = sorted(map(str, folder.iterdir()))
    Parallel(cpu_count(), "threading")(delayed(decode)(path, model.card.recipe) for path in paths)


def timed(program: Callable[[Path, Model], object], source: Path, model: Model) -> tuple[float, object]:
    """Seconds that a program takes over a fresh copy of an archive, and what it returned."""
    with tempfile.TemporaryDirectory(dir=source.parent) as scratch:
        copy = Path(scratch) / "archive"
        shutil.copytree(source, copy)
        start = time.perf_counter()
        result = program(copy, model)
        return time.perf_counter() - start, result


def mixed(archives: Path) -> Path:
    """A few of each kind together."""
    folder = archives / "mixed"
    folder.mkdir()
    for place, name in enumerate(KINDS):
        share = 2 if "100 MP" in name else 12
        for path in sorted((archives / name).iterdir())[:share]:
            shutil.copy(path, folder / f"{path.stem}-{place}{path.suffix}")
    return folder


def row(source: Path, model: Model, rounds: int) -> str:
    """One line of the table: ratios of medians over `rounds` rounds, and where our time went."""
    seconds: dict[str, list[float]] = {"ours": [], "naive": [], "ceiling": []}
    busy: dict[str, float] = {}
    for _ in range(rounds):
        for name, program in (("ours", ours), ("naive", naive), ("ceiling", ceiling)):
            taken, result = timed(program, source, model)
            seconds[name].append(taken)
            if isinstance(result, pipeline.Summary):
                busy = {stage: busy.get(stage, 0.0) + spent for stage, spent in result.busy.items()}
    median = {name: statistics.median(values) for name, values in seconds.items()}
    shares = "  ".join(f"{stage} {100 * spent / sum(busy.values()):.0f} %" for stage, spent in busy.items())
    return (
        f"{source.name:<20} {median['naive'] / median['ours']:>6.1f} x naive "
        f"{median['ceiling'] / median['ours']:>6.2f} of the decode ceiling   {shares}"
    )


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--only", multiple=True, type=click.Choice([*KINDS, "mixed"]))
@click.option("--model", default="geovision", show_default=True)
def main(rounds: int, only: tuple[str, ...], model: str) -> None:
    """Print the table."""
    loaded = shelf.load(model, "cpu")
    print(
        f"{cpu_count()} cores, model {loaded.card.title}, medians of {rounds} rounds; busy threads by stage"
    )
    with tempfile.TemporaryDirectory() as scratch:
        archives = Path(scratch)
        for name in KINDS:
            if not only or name in only or "mixed" in only:
                build(KINDS[name], archives / name)
        names = [name for name in KINDS if not only or name in only]
        for name in names:
            print(row(archives / name, loaded, rounds), flush=True)
        if not only or "mixed" in only:
            print(row(mixed(archives), loaded, rounds), flush=True)


if __name__ == "__main__":
    main()
