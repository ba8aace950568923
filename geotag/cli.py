"""The `geotag` command: parse, call, render. Heavy imports wait until a command needs them."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from geotag import __version__, options
from geotag.commands import apply as cli_apply
from geotag.commands import help as cli_help
from geotag.commands import look as cli_look
from geotag.commands import models as cli_models
from geotag.errors import Exit, GeotagError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


# When a command ends all memory goes at once. To look through it for circles first takes longer than a photo.
atexit.register(gc.freeze)


class _Edge(click.Group):
    """Turns what ends a run into one sentence on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GeotagError as error:
            from geotag import console

            # ONNX Runtime and others repeat what a stranger's file says.
            said = console.plain(str(error).replace("\n", " "))
            click.echo(f"geotag: {said}".encode("utf-8", "backslashreplace"), err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            import signal

            # Nothing is left but to end: a second time nobody has to wait for that, and it harms nothing.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
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
    import signal

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Our own threads do the work. NumPy's library for matrices would start one per core, each waiting busily.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@main.command()
@_with(options.RUN)
@options.config
@options.log_json
@click.pass_context
def run(context: click.Context, /, *, config: str | None, log_json: bool, **chosen: Any) -> None:
    """Locate the photographs in folders (or single files).

    Writes manifest.csv and manifest.geojson to the output folder, with the best guess and its radius for
    every photo that could be read. A photo that already has a position keeps it. Interrupt or kill a run at
    any moment: the same command goes on where it stopped, and costs next to nothing on a finished archive.

    \b
    geotag run ./archive                          look, write nothing into the archive
    geotag run ./archive --sidecar                positions into XMP files beside the images
    geotag run ./archive --write-exif --dry-run   what would be written where
    geotag run s3://bucket/folder --output DIR    an archive in a bucket (needs the extra s3)
    """
    from geotag import config as configuration
    from geotag import console, pipeline, types
    from geotag.commands import logview

    found = configuration.find(chosen["archive"], config)
    settings = types.Settings(**(configuration.merged(context, chosen, found) if found else chosen))
    with console.muffled(), logview.view(settings, as_json=log_json) as view:
        if found:
            view.note(f"options from {found}")
        summary = pipeline.run(settings, view)
        view.end(summary, settings)
    if summary.failed:
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.output_folder
@click.argument("paths", nargs=-1, type=click.Path(path_type=str), metavar="[PATH]...")
@click.option("--last", is_flag=True, help="Take back only what the latest run wrote that is still there.")
@options.archive_now
def undo(output: str, paths: tuple[str, ...], *, last: bool, archive: str | None) -> None:
    """Take back what runs wrote and `geotag apply` brought, byte for byte.

    OUTPUT is the output folder of those runs. Without PATH everything is taken back, otherwise the photos and
    folders that are named, people's decisions about them included. A file that somebody changed since is left
    alone, and said so.
    """
    from geotag import console
    from geotag.flows import upkeep

    outcome = upkeep.take_back(output, paths, last=last, archive=archive)
    decisions = f", {outcome.decisions:,} decisions" if outcome.decisions else ""
    console.say([*outcome.lines, f"{outcome.done:,} writes{decisions} taken back"])
    if outcome.troubles:
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.output_folder
@options.archive_now
def verify(output: str, *, archive: str | None) -> None:
    """Check written files against the journal.

    Each must have the same bytes still, or at least the same picture: somebody may have added a caption
    since. Compares with the hashes in the journal of the OUTPUT folder; exit code 3 on a difference.
    """
    from geotag import console
    from geotag.flows import upkeep

    outcome = upkeep.verify(output, archive)
    console.say([*outcome.lines, f"{outcome.done:,} files checked, {len(outcome.troubles):,} differ"])
    if outcome.troubles:
        sys.exit(Exit.SOME_FAILED)


@main.command()
@options.output_folder
@options.map_
@options.jobs
def report(output: str, map: bool, jobs: int | None) -> None:  # noqa: A002
    """Make the manifests and the map again, from the journal alone.

    OUTPUT is the output folder of a run. A map that was made before is made again, too.
    """
    from geotag import console
    from geotag.flows import upkeep

    with console.muffled():
        photos = upkeep.report(output, mapped=map, jobs=jobs)
    console.say([f"{photos:,} photos: {output}/manifest.csv and .geojson{' and map.html' * map}"])


@main.command()
@options.output_folder
@options.to
@options.file
def export(output: str, to: str, file: str | None) -> None:
    """Write the answers for other programs.

    OUTPUT is the output folder of a run. kml (Google Earth), gpx, gpkg (QGIS) and geoparquet hold every photo
    with a position, jsonl tells of all photos. exiftool-csv holds the guesses that are sure enough for a
    file: `cd ARCHIVE && exiftool -csv=FILE -r .` writes them with ExifTool.
    """
    from geotag import console
    from geotag.flows import upkeep

    path, photos = upkeep.export(output, to, file)
    console.say([f"{photos:,} photos: {path}"])


for command in (*cli_apply.COMMANDS, *cli_look.COMMANDS, *cli_models.COMMANDS, *cli_help.COMMANDS):
    main.add_command(command)
