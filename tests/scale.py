"""`make scale`: does memory grow with the archive, and how fast is a finished archive confirmed?

    python -m tests.scale memory [--photos N --times 10]    peak memory of runs over N and 10 N photos
    python -m tests.scale resume [--photos N] [--no-report] a second run over N finished photos

The photos of `memory` are real JPEGs of a few hundred pixels, each different. Those of `resume` are empty
files: nothing opens them, because the journal, made here as a run would make it, says that they are finished.
"""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from geotag.memory.journal import FILE_NAME
from tests import costs

PER_FOLDER = 1000


def names(photos: int) -> Iterator[str]:
    """Relative paths like an archive's: a thousand photographs to a folder."""
    for index in range(photos):
        yield f"box {index // PER_FOLDER:04}/IMG_{index:07}.jpg"


def fill(folder: Path, photos: int, jpeg: bytes = b"") -> None:
    """Put that many JPEGs into a folder, each with its number in a comment; or empty files."""
    for index, name in enumerate(names(photos)):
        path = folder / name
        if index % PER_FOLDER == 0:
            path.parent.mkdir(parents=True)
        # A comment segment behind the start of the image (ITU-T T.81, B.2.4.5).
        comment = b"\xff\xfe" + struct.pack(">HQ", 10, index)
        path.write_bytes(jpeg[:2] + comment + jpeg[2:] if jpeg else b"")


def tiny_jpeg() -> bytes:
    """A JPEG of 32 x 24 pixels."""
    from PIL import Image

    from tests.pictures import saved

    return saved(Image.linear_gradient("L").resize((32, 24)).convert("RGB"), "JPEG")


def grown(photos: int, jpeg: bytes, *options: str) -> costs.Cost:
    """What `geotag run` over so many tiny photos costs; prints it."""
    with tempfile.TemporaryDirectory() as scratch:
        archive, output = Path(scratch, "archive"), Path(scratch, "output")
        fill(archive, photos, jpeg)
        cost = costs.geotag("run", str(archive), "--output", str(output), "--device", "cpu", *options)
        beyond = (journal_bytes(output) - undo_bytes(output)) / photos
    click.echo(
        f"{photos:>9,} photos {' '.join(options):<34} peak {cost.peak / 1e6:6.1f} MB, "
        f"{1000 * cost.cpu_s / photos:6.2f} CPU ms a photo, "
        f"journal {beyond:.0f} bytes a photo beyond what undo needs"
    )
    return cost


def journal_bytes(output: Path) -> int:
    """How large a journal is on the disk."""
    return sum(path.stat().st_size for path in output.glob(FILE_NAME + "*"))


def undo_bytes(output: Path) -> int:
    """How much of it tells how to take changes back."""
    with closing(sqlite3.connect(output / FILE_NAME)) as db:
        found = db.execute("SELECT SUM(pgsize) FROM dbstat WHERE name = 'change'").fetchone()[0]
    return int(found)


def inherit(output: Path, archive: Path, photos: int) -> None:
    """Give every photo of an archive the row that a run gave its first one, as if it were finished too."""
    with closing(sqlite3.connect(output / FILE_NAME)) as db, db:
        db.row_factory = sqlite3.Row
        first = dict(db.execute("SELECT * FROM photo").fetchone())
        columns = ", ".join(first)
        marks = ", ".join(f":{column}" for column in first)

        def rows() -> Iterator[dict[str, object]]:
            for name in names(photos):
                found = (archive / name).stat()
                yield first | {"path": name.encode(), "size": found.st_size, "mtime_ns": found.st_mtime_ns}

        db.executemany(f"INSERT OR REPLACE INTO photo ({columns}) VALUES ({marks})", rows())


@click.group()
def main() -> None:
    """Costs that must not grow with the archive, and one that must grow slowly."""


@main.command()
@click.option("--photos", default=2000, show_default=True)
@click.option("--times", default=10, show_default=True)
def memory(photos: int, times: int) -> None:
    """Peak resident memory of runs over few and over many photos, without and with writing into them."""
    jpeg = tiny_jpeg()
    for options in ((), ("--write-exif", "--max-error-km", "20100")):
        few, many = (grown(count, jpeg, *options) for count in (photos, photos * times))
        click.echo(f"          {times} times the photos take {many.peak / few.peak:.3f} times the memory")


@main.command()
@click.option("--photos", default=1_000_000, show_default=True)
@click.option("--rounds", default=1, show_default=True)
@click.option("--report/--no-report", default=True, show_default=True)
def resume(photos: int, rounds: int, report: bool) -> None:
    """A run over an archive that is finished; `report`, which renders its manifests, for comparison."""
    with tempfile.TemporaryDirectory() as scratch:
        archive, output = Path(scratch, "archive"), Path(scratch, "output")
        one = archive / next(names(1))
        one.parent.mkdir(parents=True)
        one.write_bytes(tiny_jpeg())
        run = ("run", str(archive), "--output", str(output), "--device", "cpu")
        costs.geotag(*run)
        one.unlink()
        one.parent.rmdir()
        fill(archive, photos)
        inherit(output, archive, photos)
        click.echo(f"journal: {journal_bytes(output) / photos:.0f} bytes a photo")
        if report:
            tell("report", photos, costs.geotag("report", str(output)))
        for _ in range(rounds):
            cost = costs.geotag(*run)
            tell("second run", photos, cost)
            if "predicted in this run: 0" not in cost.said or f"{photos:,} photos:" not in cost.said:
                raise click.ClickException(f"this was no confirmation of {photos:,} photos:\n{cost.said}")


def tell(what: str, photos: int, cost: costs.Cost) -> None:
    """Print what a pass over the whole journal cost."""
    first = "no progress line"
    if cost.first_clock_s is not None:
        first = f"first progress after {cost.first_clock_s:.1f} s ({cost.first_cpu_s:.1f} on the CPU)"
    click.echo(
        f"{what}: {photos / cost.clock_s:,.0f} photos a second by the clock, {photos / cost.cpu_s:,.0f} by "
        f"the CPU, peak {cost.peak / 1e6:.0f} MB, {first}"
    )


if __name__ == "__main__":
    main()
