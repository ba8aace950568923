"""`make bench`: what a GPU is worth, by model, precision and batch, beside the CPU of the same machine.

    python -m tests.bench_devices [--only SIZE] [--batches 1,16,512]

A small network (the shipped model) and one of the size of ViT-L/14 (random weights, `tests/vit.py`), that one
in float and in half precision. The CPU takes the batches that geotag chooses for it; printed is how many
times as many photos a second the GPU does, pixels on their way to it and answers on their way back included,
then how many times as fast `geotag run` gets through the same JPEGs. Medians of rounds. Without a GPU only
the CPU's own rows are printed, and why.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

import geotag
from geotag import parallel, predict
from geotag.errors import GeotagError
from geotag.models import pace, shelf
from geotag.predict import Model
from tests import bench, vit

ROUNDS = 3
PHOTOS = 160
"""Through so many JPEGs a whole run goes: a large model takes the CPU a second for each."""


def rate(model: Model, batch: int) -> float:
    """Photos a second in batches of a size; the first batch, which also prepares, does not count."""
    recipe = model.card.recipe
    pixels = np.random.default_rng(0).integers(
        0, 256, (batch, recipe.height, recipe.width, 3), dtype=np.uint8
    )
    model.predict(pixels)
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        model.predict(pixels)
        seconds.append(time.perf_counter() - start)
    return batch / statistics.median(seconds)


def files(folder: Path, only: str) -> Iterator[tuple[str, str]]:
    """The models' names and files."""
    if only != "large":
        yield "shipped", shelf.find("geovision")
    if only != "small":
        yield "ViT-L/14 float", vit.transformer(folder / "float.onnx")
        yield "ViT-L/14 half", vit.transformer(folder / "half.onnx", half=True)


def end_to_end(archive: Path, path: str, device: str) -> float:
    """Seconds that `geotag run` takes for an archive, the model's loading included."""
    with tempfile.TemporaryDirectory() as output:
        start = time.perf_counter()
        geotag.run(archive, model=path, device=device, output=output, evidence=("picture",))
        return time.perf_counter() - start


@click.command()
@click.option("--only", type=click.Choice(["small", "large"]), default=None)
@click.option("--batches", default="1,2,4,8,16,32,64,128,256,512", show_default=True)
def main(only: str | None, batches: str) -> None:
    """Print the table."""
    sizes, cores = [int(size) for size in batches.split(",")], parallel.cores()
    print(f"{cores} cores; photos a second on the CPU, then how many times as many the GPU does, by batch")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        kind = replace(bench.KINDS["JPEG 12 MP"], photos=PHOTOS)
        for name, path in files(folder, only or ""):
            on_cpu = predict.load(path, device="cpu", threads=cores)
            suited = pace.chosen(on_cpu.card.size, "cpu", cores).batch
            usual = rate(on_cpu, suited)
            print(f"{name:<16}{usual:8.3g} (batches of {suited})", end="", flush=True)
            del on_cpu
            try:
                on_gpu = predict.load(path, device="cuda", threads=cores)
            except GeotagError as error:
                print(f"   GPU skipped: {error}", flush=True)
                continue
            for size in sizes:
                print(f"{size:6}: {rate(on_gpu, size) / usual:.3g} x", end="", flush=True)
            del on_gpu
            archive = folder / "JPEG 12 MP"
            if not archive.exists():
                bench.build(kind, archive)
            taken = {device: end_to_end(archive, path, device) for device in ("cpu", "cuda")}
            print(f"   run over {kind.photos} JPEGs: {taken['cpu'] / taken['cuda']:.3g} x", flush=True)


if __name__ == "__main__":
    main()
