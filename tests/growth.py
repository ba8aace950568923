"""`make growth`: measures and draws how time and memory grow with photos and with megapixels.

    python -m tests.growth measure FILE.csv [--most-photos N] [--most-megapixels N]
    python -m tests.growth draw FILE.csv FILE.png        (needs matplotlib, from the extra `export`)

Every point is a process of its own: `geotag run --write-exif` over small JPEGs and the naive loop of
`tests.bench` over the same; decoding one picture, and Pillow decoding it whole. Time is CPU time beyond that
of a process with one photo, or with no picture to decode, relative to our first point, because seconds of one
machine on one day say nothing.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from tests import costs, giants, scale

PHOTOS = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
MOST_NAIVE = 3_000
SIZES = ((480, 640), (1_008, 1_008), (2_000, 1_504), (3_008, 4_000), (6_000, 8_000), giants.HUNDRED)
NAIVE_LOOP = """
import sys
from pathlib import Path
from geotag.models import shelf
from tests import bench
bench.naive(Path(sys.argv[1]), shelf.load("geovision", "cpu"))
"""
WHOLE = """
import sys
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
for path in sys.argv[1:]:
    with Image.open(path) as image:
        image.convert("RGB").resize((224, 224))
"""
COLUMNS = ("against", "series", "size", "cpu_s", "peak")
Row = tuple[str, str, float, float, int]


def python(program: str, *arguments: str) -> costs.Cost:
    """What a Python program costs; raises RuntimeError where it fails."""
    cost = costs.of([sys.executable, "-c", program, *arguments])
    if cost.code:
        raise RuntimeError(cost.said)
    return cost


def by_photos(most: int) -> Iterator[Row]:
    """Runs over more and more small photos."""
    jpeg = scale.tiny_jpeg()
    nothing: dict[str, float] = {}
    for photos in (1, *(count for count in PHOTOS if count <= most)):
        with tempfile.TemporaryDirectory() as scratch:
            archive, naive = Path(scratch, "archive"), Path(scratch, "naive")
            scale.fill(archive, photos, jpeg)
            if photos <= MOST_NAIVE:
                naive.mkdir()
                for path in archive.rglob("*.jpg"):
                    (naive / path.name).write_bytes(path.read_bytes())
                cost = python(NAIVE_LOOP, str(naive))
                least = nothing.setdefault("naive", cost.cpu_s)
                if photos > 1:
                    yield "photos", "naive loop", photos, cost.cpu_s - least, cost.peak
            options = ("--write-exif", "--max-error-km", "20100", "--device", "cpu")
            cost = costs.geotag("run", str(archive), "--output", str(Path(scratch, "output")), *options)
            least = nothing.setdefault("ours", cost.cpu_s)
            if photos > 1:
                yield "photos", "geotag run", photos, cost.cpu_s - least, cost.peak


def by_megapixels(most: float) -> Iterator[Row]:
    """Decoding larger and larger pictures."""
    for kind in ("JPEG", "TIFF"):
        for series, program in ((f"geotag, {kind}", giants.DECODE), (f"Pillow, {kind}", WHOLE)):
            nothing = python(program)
            for size in (*SIZES, giants.GIGAPIXEL):
                pixels = size[0] * size[1] / 1e6
                if pixels > most or (size == giants.GIGAPIXEL and series != "geotag, TIFF"):
                    continue
                with tempfile.TemporaryDirectory() as scratch:
                    path = Path(scratch, "picture")
                    if kind == "JPEG":
                        giants.jpeg(path, size)
                    else:
                        giants.tiff(path, size, "uint8", 3, tile=(512, 512), compression="zlib")
                    # A small picture alone would drown in what starting Python costs.
                    times = max(1, round(100 / pixels))
                    cost = python(program, *[str(path)] * times)
                yield "megapixels", series, pixels, (cost.cpu_s - nothing.cpu_s) / times, cost.peak


@click.group()
def main() -> None:
    """Measure, then draw."""


@main.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--most-photos", default=PHOTOS[-1], show_default=True)
@click.option("--most-megapixels", default=1_050.0, show_default=True)
def measure(table: Path, most_photos: int, most_megapixels: float) -> None:
    """Write what every point costs to a CSV file, a line as soon as it is known."""
    table.parent.mkdir(exist_ok=True)
    with open(table, "w", encoding="utf-8", newline="", buffering=1) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for rows in (by_megapixels(most_megapixels), by_photos(most_photos)):
            for against, series, size, cpu_s, peak in rows:
                writer.writerow((against, series, f"{size:g}", f"{cpu_s:.4f}", peak))


def points(table: Path) -> dict[str, dict[str, list[tuple[float, float, float]]]]:
    """What was measured, by panel and series: size, CPU seconds, MB at the peak."""
    found: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    with open(table, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            series = found.setdefault(row["against"], {}).setdefault(row["series"], [])
            series.append((float(row["size"]), float(row["cpu_s"]), float(row["peak"]) / 1e6))
    return found


@main.command()
@click.argument("table", type=click.Path(exists=True, path_type=Path))
@click.argument("picture", type=click.Path(path_type=Path))
def draw(table: Path, picture: Path) -> None:
    """Draw a CSV file that `measure` wrote."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    plt.rcParams.update({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    figure, panels = plt.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    for (against, many), column in zip(sorted(points(table).items(), reverse=True), (0, 1), strict=True):
        ours = next(series for name, series in many.items() if name.startswith("geotag"))
        for name, series in many.items():
            sizes, cpu, peak = zip(*series, strict=True)
            style = "o-" if name.startswith("geotag") else "s--"
            panels[0][column].loglog(sizes, [value / ours[0][1] for value in cpu], style, label=name)
            panels[1][column].loglog(sizes, peak, style, label=name)
        first = ours[0][0]
        last = max(size for series in many.values() for size, _, _ in series)
        panels[0][column].loglog([first, last], [1, last / first], ":", color="grey", label="proportional")
        panels[0][column].set(ylabel="CPU time, first point of ours = 1", title=f"against {against}")
        panels[1][column].set(ylabel="peak memory, MB", xlabel=against, ylim=(10, 3000))
        panels[0][column].legend()
        panels[1][column].legend()
    figure.savefig(picture, dpi=110)


if __name__ == "__main__":
    main()
