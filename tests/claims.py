"""How well `geotag check` finds planted errors, and whom it blames wrongly.

    python -m tests.claims planted PHOTOS [--model NAME|FILE | --held FOLDER]
    python -m tests.claims picture PHOTOS --held FOLDER
    python -m tests.claims ground PHOTOS

PHOTOS is a folder with photos.csv (id, lat, lon, kind, sequence, ...) and tar shards of the photos. FOLDER is
what `python -m export.held_out --out FOLDER` wrote: photos by fold and the model that never saw them, so that
no picture is judged by a model that learned its place.

`planted` writes the photos as files with EXIF positions, a sequence to a folder, plants errors in a tenth of
them, and prints for each half of the sequences and several thresholds what is found and who is blamed.
`picture` prints quantiles of how well true positions fit their pictures (claims.PICTURE_FITS), `ground` how
dense photographs are by their distance from a town (claims._GROUND).
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import random
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import piexif

from geotag import geo, parallel
from geotag.evidence import claims, gazetteer
from geotag.flows import check, evaluate
from geotag.models import shelf
from geotag.types import Location

SHARE = 0.1
SHIFT_KM = 3000.0
ERRORS = ("swap", "sign", "shift")
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
BANDS_KM = (3, 10, 30, 100, 300)
LEVELS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class Shared:
    """A photo of the shards: its place, its kind, its sequence and its bytes."""

    id: str
    lat: float
    lon: float
    kind: str
    sequence: str
    content: bytes


def shared(photos: Path) -> Iterator[Shared]:
    """The photos of the shards, in their order."""
    with open(photos / "photos.csv", encoding="utf-8", newline="") as file:
        table = {row["id"]: row for row in csv.DictReader(file)}
    for shard in sorted(photos.glob("*.tar")):
        with tarfile.open(shard) as tar:
            for member in tar:
                content, row = tar.extractfile(member), table.get(Path(member.name).stem)
                if content is not None and row is not None:
                    place = float(row["lat"]), float(row["lon"])
                    yield Shared(row["id"], *place, row["kind"], row["sequence"], content.read())


def tagged(content: bytes, lat: float, lon: float) -> bytes:
    """A JPEG with a position in its EXIF, be it on the Earth or not."""
    gps = {
        piexif.GPSIFD.GPSLatitudeRef: b"S" if lat < 0 else b"N",
        piexif.GPSIFD.GPSLatitude: _sexagesimal(lat),
        piexif.GPSIFD.GPSLongitudeRef: b"W" if lon < 0 else b"E",
        piexif.GPSIFD.GPSLongitude: _sexagesimal(lon),
    }
    out = io.BytesIO()
    piexif.insert(piexif.dump({"GPS": gps}), content, out)
    return out.getvalue()


def _sexagesimal(degrees: float) -> tuple[tuple[int, int], ...]:
    minutes, seconds = divmod(round(abs(degrees) * 3_600_000), 60_000)
    return (minutes // 60, 1), (minutes % 60, 1), (seconds, 1000)


def wrong(error: str, lat: float, lon: float, rng: random.Random) -> tuple[float, float]:
    """A place with an error: coordinates swapped, the sign of one of them turned, or 3,000 km off."""
    if error == "swap":
        return lon, lat
    if error == "sign":
        return (-lat, lon) if rng.random() < 0.5 else (lat, -lon)
    course, way = rng.uniform(0, 2 * math.pi), SHIFT_KM / geo.EARTH_RADIUS_KM
    north = geo.unit_vectors(lat, lon)
    up = geo.unit_vectors(lat + 90, lon)
    east = np.cross(up, north)
    there = math.cos(way) * north + math.sin(way) * (math.cos(course) * up + math.sin(course) * east)
    turned = geo.degrees(there)
    return float(turned[0]), float(turned[1])


def plant(photos: list[Shared], folder: Path, seed: int) -> dict[str, tuple[Shared, str]]:
    """Write photos as files, a sequence to a folder; by relative path the photo and its error ("": none)."""
    rng = random.Random(seed)
    found = {}
    numbers: Counter[str] = Counter()
    for photo in photos:
        numbers[photo.sequence] += 1
        path = f"{photo.sequence}/IMG_{numbers[photo.sequence]:04}.jpg"
        error = rng.choice(ERRORS) if rng.random() < SHARE else ""
        claim = wrong(error, photo.lat, photo.lon, rng) if error else (photo.lat, photo.lon)
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(tagged(photo.content, *claim))
        found[path] = (photo, error)
    return found


def by_model(photos: list[Shared], held: Path | None, model: str) -> Iterator[tuple[list[Shared], str]]:
    """The photos with the model that is to judge them: where folds are given, the one that never saw them."""
    fold_of: dict[str, str] = {}
    for file in sorted(held.glob("fold-*/*.jpg")) if held else ():
        fold_of[hashlib.sha256(file.read_bytes()).hexdigest()] = file.parent.name
    groups = defaultdict(list)
    for photo in photos:
        groups[fold_of.get(hashlib.sha256(photo.content).hexdigest(), "")].append(photo)
    for fold, members in sorted(groups.items()):
        yield members, str(held / f"{fold}.onnx") if held and fold else model


@click.group()
def main() -> None:
    """Planted errors, and the tables of claims.py."""


PHOTOS = click.argument("photos", type=click.Path(path_type=Path))
HELD = click.option("--held", type=click.Path(path_type=Path))


@main.command()
@PHOTOS
@HELD
@click.option("--model", default="geovision")
@click.option("--seed", default=1)
@click.option("--blamed", is_flag=True, help="Name the true ones that are blamed.")
def planted(photos: Path, held: Path | None, model: str, seed: int, blamed: bool) -> None:
    """Plant errors and print what is found."""
    outcomes = []
    for members, judge in by_model(list(shared(photos)), held, model):
        with tempfile.TemporaryDirectory() as scratch:
            truth = plant(members, Path(scratch), seed)
            found = check.check((scratch,), shelf.load(judge, "cpu"), parallel.cores())
            outcomes += [(*truth[item.path], item) for item in found]
    for name, world in (("the world", True), ("one city (heritage)", False)):
        chosen = [item for item in outcomes if (item[0].kind != "heritage") is world]
        for half in (0, 1):
            part = [
                item for item in chosen if hashlib.sha256(item[0].sequence.encode()).digest()[0] % 2 == half
            ]
            click.echo(f"\n{name}, half {half + 1}: {len(part):,} positions")
            for threshold in sorted({*THRESHOLDS, check.THRESHOLD}):
                click.echo(f"  from {threshold:.2f}: {counted(part, threshold)}")
    kinds = Counter(
        (error or "true", str(item.suspicion.kind)) for _, error, item in outcomes if item.suspicious
    )
    click.echo(
        "\n" + "\n".join(f"{error} called {kind}: {count}" for (error, kind), count in sorted(kinds.items()))
    )
    for photo, error, item in outcomes:
        if blamed and item.suspicious and not error:
            click.echo(
                f"{photo.id} {photo.kind} {photo.lat:.3f}, {photo.lon:.3f}: {check.rows([item])[0][2:]}"
            )


def counted(part: list[tuple[Shared, str, check.Checked]], threshold: float) -> str:
    """What is found of each error, and the share of true ones that are blamed."""
    words = []
    for error in (*ERRORS, ""):
        mine = [item for _, one, item in part if one == error]
        hit = sum(item.suspicion.probability >= threshold for item in mine)
        share = 100 * hit / max(1, len(mine))
        words.append(f"{error or 'TRUE ONES BLAMED'} {hit}/{len(mine)} ({share:.1f} %)")
    return ", ".join(words)


@main.command()
@PHOTOS
@click.option("--held", type=click.Path(path_type=Path), required=True)
def picture(photos: Path, held: Path) -> None:
    """Print quantiles of how well true positions fit their pictures, one vote a 1-degree cell."""
    fits, cells = [], []
    for number, folder in enumerate(sorted(path for path in held.glob("fold-*") if path.is_dir())):
        model = shelf.gather([f"{folder}.onnx"], "cpu")
        for item in evaluate.judge((str(folder),), model, parallel.cores()):
            if isinstance(item, evaluate.Judgement):
                fits.append(claims.fit(item.truth, item.prediction))
                cells.append((math.floor(item.truth.lat), math.floor(item.truth.lon)))
        click.echo(f"fold {number + 1}: {len(fits)} photographs so far", err=True)
    sizes = Counter(cells)
    votes = np.array([1 / sizes[cell] for cell in cells])
    order = np.argsort(fits)
    least = np.sort(fits)
    shares = np.cumsum(votes[order]) / votes.sum()
    for level in LEVELS:
        place = min(int(np.searchsorted(shares, level)), len(fits) - 1)
        click.echo(f"({least[place]:.4g}, {level}),")


@main.command()
@PHOTOS
def ground(photos: Path) -> None:
    """Print how dense photographs are by their distance from a town, 1 being the mean of the Earth."""
    places = [(item.lat, item.lon) for item in shared(photos) if item.kind != "heritage"]
    sizes = Counter((math.floor(lat), math.floor(lon)) for lat, lon in places)
    votes = [1 / sizes[math.floor(lat), math.floor(lon)] for lat, lon in places]
    rng = np.random.default_rng(0)
    points = rng.normal(size=(6000, 3))
    anywhere = list(zip(*geo.degrees(points), strict=True))
    edges = (0.0, *BANDS_KM, math.inf)
    taken, usual = (
        np.histogram([_town_km(*place) for place in where], edges, weights=weights)[0] / sum(weights)
        for where, weights in ((places, votes), (anywhere, [1.0] * len(anywhere)))
    )
    for edge, photo, area in zip(edges[1:], taken, usual, strict=True):
        click.echo(f"up to {edge} km: {100 * photo:.1f} % of photographs, {100 * area:.1f} % of the Earth")
        click.echo(f"  density {photo / area:.2g}")


def _town_km(lat: float, lon: float) -> float:
    _, off = gazetteer.load().near(Location(float(lat), float(lon)), BANDS_KM[-1], 1000)
    return float(off.min()) if len(off) else 1e9


if __name__ == "__main__":
    main()
