"""What words and neighbours add to a run: CPU time and memory of `geotag run` with and without them.

    python -m tests.evidence_cost [--photos N] [--rounds N]

The archive is made up: JPEGs of 12 megapixels in folders with names, a caption of their own in each, a time
and a camera, one in five with a position. Runs with `--evidence picture` and with all evidence go in turn,
over N photos and over a few; what the few cost is taken off for what a photo more costs, without starting.
Threads of a run disturb each other, and so does a busy machine: the last lines come from single steps on one
thread.
"""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import piexif

from geotag import decide, gather, read
from geotag.decode import decode
from geotag.evidence import gazetteer
from geotag.evidence.catalogue import Said
from geotag.evidence.gazetteer import Place
from geotag.flows.rolls import Rolls
from geotag.memory import rows
from geotag.models import shelf
from geotag.parallel import Stopwatch
from geotag.predict import Model
from geotag.types import Location, Photo, Policy, Record
from tests import costs
from tests.bench import Kind, build, jpeg

FEW = 8
PER_FOLDER = 30
SHOWN = (
    "The market square of {town} on a winter morning, seen from the tower of the church",
    "Blick auf {town} mit Brücke und Rathaus, im Hintergrund die Straße nach {other}",
    "Vue générale de {town} prise du chemin de {other}; au premier plan une famille",
    "Mr. Henry Ashworth and two of his sons beside their waggon near {town}",
    "Station and goods yard, {town}. Photograph by F. Whitcombe for the railway company",
    "Untitled view of a street with trams, probably {town} or {other}",
    "Группа крестьян у церкви близ города {town}",
    "Harvesting wheat with horses. The boy on the left is the farmer's youngest, aged nine",
)
ASKED = {
    "picture": "picture",
    "words": "picture,words",
    "neighbours": "picture,neighbours",
    "all": "picture,words,neighbours",
}


def fill(archive: Path, pictures: list[bytes], photos: int) -> None:
    """An archive of so many photos, each with a name, a caption, a time, and one in five with a position."""
    rng = random.Random(1)
    extract = gazetteer.load()
    towns = [extract.place(int(place)) for place in extract.near(Location(0, 0), 20_100, 50_000)[0]]
    for number in range(photos):
        if number % PER_FOLDER == 0:
            home, other = rng.sample(towns, 2)
            folder = archive / f"{1890 + number % 60} journey to {home.name}"
            folder.mkdir(parents=True)
        named = home if number % 3 else rng.choice(towns)
        caption = SHOWN[number % len(SHOWN)].format(town=named.name, other=other.name)
        path = folder / f"IMG_{number:05}.jpg"
        piexif.insert(
            exif(number, f"{caption}. Nr. {number}", home), pictures[number % len(pictures)], str(path)
        )


def exif(number: int, caption: str, home: Place) -> bytes:
    """A camera's block: who took it and when, what it shows, and for one in five where, on a walk."""
    taken = time.strftime("%Y:%m:%d %H:%M:%S", time.gmtime(1.6e9 + 180 * number))
    tags: dict[str, dict[int, object]] = {
        "0th": {0x010F: "Maker", 0x0110: "K1", 0x010E: caption.encode()},
        "Exif": {0x9003: taken},
    }
    if number % 5 == 0:
        north, east = home.location.lat + number % 7 / 500, home.location.lon + number % 11 / 500
        tags["GPS"] = {
            1: b"N" if north >= 0 else b"S",
            2: ((round(abs(north) * 1e6), 1_000_000), (0, 1), (0, 1)),
            3: b"E" if east >= 0 else b"W",
            4: ((round(abs(east) * 1e6), 1_000_000), (0, 1), (0, 1)),
        }
    return bytes(piexif.dump(tags))


def ran(archive: Path, evidence: str) -> costs.Cost:
    """What a run with so much evidence costs."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as output:
        return costs.geotag(
            "run", str(archive), "--output", output, "--device", "cpu", "--evidence", evidence
        )


def parts(archive: Path, model: Model) -> dict[str, float]:
    """CPU seconds of each step alone, photo by photo in turn, so that whatever else the machine does hits all
    of them alike.
    """
    spent: dict[str, float] = {}

    @contextmanager
    def measured(step: str) -> Iterator[None]:
        start = time.process_time()
        yield
        spent[step] = spent.get(step, 0.0) + time.process_time() - start

    base = str(archive)
    bare, full = (Policy(2500, evidence=frozenset(ASKED[name].split(","))) for name in ("picture", "all"))
    rolls = Rolls(base, None, 1, Stopwatch(), lambda _: None, {})
    photos = [
        Photo.seen(path.relative_to(archive).as_posix(), path.stat())
        for path in sorted(archive.rglob("*.jpg"))
    ]
    matched = rolls.joined((photo, None, False) for photo in photos)
    for _ in photos:
        with measured("neighbours"):
            (photo, _, _), near = next(matched)
        with measured("read"):
            seen = read.look(base, photo, None)
        if seen.position is not None:
            continue
        with measured("words"):
            record = gather.heard(base, Record(photo, neighbours=near), seen.texts, Said())
        with measured("decode"):
            pixels = decode(seen.source, model.card.recipe)
        with measured("model"):
            (prediction,) = model.predict(pixels[np.newaxis])
        record = replace(record, prediction=prediction, model=model.card.identity)
        with measured("decide by the picture"):
            alone = decide.decide(replace(record, words=None, neighbours=None), bare)
        with measured("decide by all"):
            fused = decide.decide(record, full)
        with measured("journal of the picture"):
            rows.photo_row(alone, 0)
        with measured("journal of all"):
            rows.photo_row(fused, 0)
    return spent


def added(spent: dict[str, float]) -> float:
    """The share that words and neighbours add to what a photo costs without them."""
    more = spent["words"] + spent["neighbours"]
    more += spent["decide by all"] - spent["decide by the picture"]
    more += spent["journal of all"] - spent["journal of the picture"]
    bare = ("read", "decode", "model", "decide by the picture", "journal of the picture")
    return more / sum(spent[step] for step in bare)


@click.command()
@click.option("--photos", default=120, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(photos: int, rounds: int) -> None:
    """Print what each kind of evidence adds."""
    spent: dict[tuple[str, int], list[costs.Cost]] = {}
    alone: list[dict[str, float]] = []
    model = shelf.load("geovision", "cpu", 1)
    gazetteer.load()
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "made")
        build(Kind(jpeg, (4000, 3000), 6, 6, 6), made)
        pictures = [path.read_bytes() for path in sorted(made.iterdir())]
        for count in (FEW, photos):
            fill(Path(scratch, str(count)), pictures, count)
        for _ in range(rounds):
            alone.append(parts(Path(scratch, str(photos)), model))
            for count, (name, evidence) in itertools.product((FEW, photos), ASKED.items()):
                spent.setdefault((name, count), []).append(ran(Path(scratch, str(count)), evidence))
    cpu = {key: statistics.median(cost.cpu_s for cost in found) for key, found in spent.items()}
    peak = {key: statistics.median(cost.peak for cost in found) for key, found in spent.items()}
    click.echo(f"{photos} and {FEW} JPEGs of 12 MP, medians of {rounds} rounds, picture alone = 1")
    for name in ASKED:
        more, bare = (cpu[kind, photos] - cpu[kind, FEW] for kind in (name, "picture"))
        click.echo(
            f"{name:<11} a photo more {more / bare:6.3f}"
            f"  whole run {cpu[name, photos] / cpu['picture', photos]:6.3f}"
            f"  peak {(peak[name, photos] - peak['picture', photos]) / 1e6:+6.1f} MB"
        )
    steps = {step: statistics.median(found[step] / found["decode"] for found in alone) for step in alone[0]}
    click.echo(
        "steps alone, decoding = 1: " + ", ".join(f"{step} {cost:.3f}" for step, cost in steps.items())
    )
    click.echo(
        f"words and neighbours add {100 * statistics.median(map(added, alone)):.1f} % to those without"
    )


if __name__ == "__main__":
    main()
