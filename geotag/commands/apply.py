"""The command that carries out what people decided: apply."""

from __future__ import annotations

import sys
from typing import Any

import click
from click.core import ParameterSource

from geotag import options
from geotag.errors import Exit


@click.command()
@options.output_folder
@click.argument("decisions", required=False, type=click.Path(path_type=str), metavar="[DECISIONS]")
@click.option(
    "--all",
    "rest",
    is_flag=True,
    help="Write what the run planned and nobody decided about, too, unseen, as a machine's answers.",
)
@options.write_exif
@options.sidecar
@options.only_sidecar
@options.sidecar_dir
@options.sidecar_style
@options.backup
@options.replace_gps
@options.archive_now
@click.pass_context
def apply(
    context: click.Context,
    /,
    output: str,
    decisions: str | None,
    *,
    rest: bool,
    archive: str | None,
    **chosen: Any,
) -> None:
    """Write what a person decided in the map of a run.

    OUTPUT is the output folder of a `geotag run`, with --plan or without, and DECISIONS the file that its map
    saved (JSON or CSV). Accepted positions go into files and sidecars as "verified by data custodian", with
    who and when; corrected ones are the person's, radius included; of rejected ones everything that geotag
    wrote is taken back, and no later run guesses them again. Reviewed answers stay as they are, whatever a
    later run finds; `geotag undo OUTPUT PATH` takes a decision back. A photo that changed since it was shown
    (its size or time, or its sidecars) is left alone, and said so.

    \b
    geotag run ./archive --write-exif --plan          look, and draw the map
    geotag apply ./archive.geotag decisions.json      write what was reviewed there
    geotag apply ./archive.geotag --all               write the whole plan as it is

    Positions go where the run would have put them, unless the options say otherwise.
    """
    from geotag import console
    from geotag.flows import enact

    said = {
        name: value
        for name, value in chosen.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    with console.muffled(), console.RunView() as view:
        applied = enact.enact(output, decisions, view, rest=rest, said=said, archive=archive)
        view.applied(applied)
    if applied.refused:
        sys.exit(Exit.SOME_FAILED)


COMMANDS = (apply,)
