"""The `geotag` command: parse, call, render. Heavy imports wait until a command needs them."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from geotag import __version__, options
from geotag.errors import Exit, GeotagError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Edge(click.Group):
    """Turns what ends a run into one sentence on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GeotagError as error:
            click.echo(f"geotag: {error}".encode("utf-8", "backslashreplace"), err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("geotag: interrupted; run the same command again to continue", err=True)
            ctx.exit(Exit.INTERRUPTED)


def _with(shared: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(shared):
            command = option(command)
        return command

    return decorate


@click.group(cls=_Edge, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="geotag")
def main() -> None:
    """Put places on photographs that have none, without harming a single file.

    Start with `geotag run FOLDER`: it looks at every image, guesses where it was taken, and writes a
    manifest beside the folder. Nothing in the folder is touched until you add --sidecar or --write-exif, and
    `geotag undo` takes those back, byte for byte. Everything happens on this machine; nothing is uploaded.

    \b
    Exit codes: 0 all done, 1 unexpected, 2 usage, 3 some photos failed (the rest is done),
    4 no usable model, 5 output not writable or held by another run, 130 interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@main.command()
@_with(options.RUN)
def run(**chosen: Any) -> None:
    """Locate the photographs in folders (or single files).

    Writes manifest.csv and manifest.geojson to the output folder, with the best guess and its radius for
    every photo that could be read. A photo that already has a position keeps it. Interrupt or kill a run at
    any moment: the same command goes on where it stopped, and costs next to nothing on a finished archive.

    \b
    geotag run ./archive                          look, write nothing into the archive
    geotag run ./archive --sidecar                positions into XMP files beside the images
    geotag run ./archive --write-exif --dry-run   what would be written where
    """
    from geotag import console, pipeline, types

    settings = types.Settings(**chosen)
    with console.muffled():
        with console.DryRunView() if settings.dry_run else console.RunView() as view:
            summary = pipeline.run(settings, view)
        console.say(console.summary_lines(summary, settings))
    if summary.failed:
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.output_folder
@click.argument("paths", nargs=-1, type=click.Path(path_type=str), metavar="[PATH]...")
def undo(output: str, paths: tuple[str, ...]) -> None:
    """Take back what runs wrote, byte for byte.

    OUTPUT is the output folder of those runs. Without PATH everything is taken back, otherwise the photos and
    folders that are named. A file that somebody changed since is left alone, and said so.
    """
    from geotag import console, upkeep

    outcome = upkeep.take_back(output, paths)
    console.say([*outcome.troubles, f"{outcome.done:,} writes taken back"])
    if outcome.troubles:
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.output_folder
def verify(output: str) -> None:
    """Check written files against the journal.

    Each must have the same bytes still, or at least the same picture: somebody may have added a caption
    since. Compares with the hashes in the journal of the OUTPUT folder; exit code 3 on a difference.
    """
    from geotag import console, upkeep

    outcome = upkeep.verify(output)
    console.say([*outcome.troubles, f"{outcome.done:,} files checked, {len(outcome.troubles):,} differ"])
    if outcome.troubles:
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.output_folder
def report(output: str) -> None:
    """Make the manifests again, from the journal alone.

    OUTPUT is the output folder of a run.
    """
    from geotag import console, upkeep

    photos = upkeep.report(output)
    console.say([f"{photos:,} photos: {output}/manifest.csv and .geojson"])


@main.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...", type=click.Path(path_type=str))
@options.model
@options.device
@options.max_error_km
@options.as_json
def inspect(photos: tuple[str, ...], model: str, device: str, max_error_km: float, as_json: bool) -> None:
    """Show what a file says, what the model says, and why.

    Writes nothing. The model is asked even where the file has a position, so that the two can be compared.
    """
    from geotag import console, examine, shelf

    with console.muffled():
        loaded = shelf.load(model, device)
        findings = list(examine.inspect(photos, loaded, max_error_km))
    if as_json:
        _print_json([examine.as_json(item) for item in findings])
    else:
        for item in findings:
            click.echo("\n".join(examine.in_words(item)))
    if any(item.record is None for item in findings):
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.archive
@options.model
@click.option("--compare", metavar="NAME|FILE", help="A second model to compare with, on the same photos.")
@options.device
@options.jobs
@options.as_json
def evaluate(
    archive: tuple[str, ...], model: str, compare: str | None, device: str, jobs: int | None, as_json: bool
) -> None:
    """Measure the model on photos that have a position.

    Scores every photo that a camera or a person located, with one vote for each 1-degree cell and with one
    vote for each photo, beside the one constant guess that does best on them. Writes nothing.
    """
    from geotag import console, shelf
    from geotag import evaluate as evaluation

    with console.muffled():
        models = [shelf.load(name, device, jobs) for name in (model, compare) if name]
        result = evaluation.evaluate(archive, models, jobs)
    if as_json:
        _print_json(evaluation.as_json(result))
        return
    photos = next(iter(result.per_photo.values())).photos
    cells = next(iter(result.per_photo.values())).cells
    console.table(
        f"one vote for each of {cells:,} 1-degree cells", evaluation.COLUMNS, evaluation.rows(result.per_cell)
    )
    console.table(
        f"one vote for each of {photos:,} photos", evaluation.COLUMNS, evaluation.rows(result.per_photo)
    )
    click.echo("\n".join(evaluation.in_words(result)))


@main.command()
@options.archive
@options.model
@options.device
@options.jobs
def calibrate(archive: tuple[str, ...], model: str, device: str, jobs: int | None) -> None:
    """Set the radius for a collection by its own located photos.

    Measures how far off the model is on the photos of ARCHIVE that have a position, and keeps a factor for
    every radius in that archive, beside the model, so that it holds 80 % of new photos there. At least 20
    located photos are needed, 100 are good. Later runs on the archive use it and say so in `evidence`.
    """
    from geotag import calibrate as calibration
    from geotag import console, parallel, shelf

    with console.muffled():
        loaded = shelf.load(model, device, jobs)
        kept = calibration.calibrate(archive, loaded, jobs or parallel.cores())
    console.say(
        [
            f"{kept.photos:,} located photos: every radius in {kept.base} is multiplied by {kept.factor:.3f}",
            *(["with fewer than 100 photos the factor is rough"] if kept.photos < calibration.ENOUGH else []),
        ]
    )


@main.command()
@click.argument("name", required=False, metavar="[NAME|FILE]")
@options.as_json
def models(name: str | None, as_json: bool) -> None:
    """List the models at hand, or show one model's card."""
    from geotag import console, shelf

    with console.muffled():
        cards = shelf.cards(name)
    if as_json:
        _print_json([shelf.as_json(card) for card in cards])
    else:
        for card in cards:
            click.echo("\n".join(shelf.in_words(card)))


@main.command()
@options.model
@options.as_json
def doctor(model: str, as_json: bool) -> None:
    """Show versions, the real device, and what is missing."""
    from geotag import console
    from geotag import doctor as surgery

    with console.muffled():
        findings = surgery.examine(model)
    if as_json:
        _print_json(findings)
    else:
        for topic, finding in findings.items():
            click.echo(f"{topic + ':':<18} {finding}")


def _print_json(value: object) -> None:
    import json

    click.echo(json.dumps(value, indent=2))
