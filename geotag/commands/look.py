"""Commands that look and change nothing: inspect, check, evaluate, calibrate, doctor, index, similar."""

from __future__ import annotations

import sys

import click

from geotag import options
from geotag.errors import Exit


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...", type=click.Path(path_type=str))
@options.models
@options.device
@options.max_error_km
@click.option(
    "--explain",
    type=click.Path(path_type=str),
    metavar="FILE",
    help="Draw what the model looks at in the one PHOTO, and the most probable regions (PNG; extra plots).",
)
@options.as_json
def inspect(
    photos: tuple[str, ...],
    model: tuple[str, ...],
    device: str,
    max_error_km: float,
    explain: str | None,
    *,
    as_json: bool,
) -> None:
    """Show what a file says, what the model says, and why.

    Writes nothing. The model is asked even where the file has a position, so that the two can be compared.
    """
    from geotag import console
    from geotag.flows import examine
    from geotag.flows import explain as explanation
    from geotag.models import shelf

    if explain is not None and len(photos) != 1:
        raise click.UsageError("--explain draws one PHOTO; name just one")
    if explain is not None and len(model) != 1:
        raise click.UsageError("--explain draws what one model looks at; name just one --model")
    with console.muffled():
        loaded = shelf.gather(model, device)
        findings = list(examine.inspect(photos, loaded, max_error_km))
        if explain is not None and findings[0].record is not None:
            explanation.draw(photos[0], loaded.members[0], explain)
    if as_json:
        click.echo(options.as_text([examine.as_json(item) for item in findings]))
    else:
        for item in findings:
            click.echo("\n".join(examine.in_words(item)))
    if any(item.record is None for item in findings):
        sys.exit(Exit.SOME_FAILED)


@click.command()
@options.archive
@click.option(
    "--csv", "table", type=click.Path(path_type=str), metavar="FILE", help="Every claim as a row, judged."
)
@options.model
@options.device
@options.jobs
@options.as_json
def check(
    archive: tuple[str, ...],
    table: str | None,
    model: str,
    device: str,
    jobs: int | None,
    *,
    as_json: bool,
) -> None:
    """Judge the positions that files already have.

    Finds 0,0; swapped coordinates; wrong signs; what is no place on the Earth; the middle of a country; what
    lies far from the rest of its folder or from where words and picture say. Every claim gets a probability
    of being wrong. Writes nothing into the archive; exit code 3 where something is suspicious.
    """
    from geotag import console, parallel
    from geotag.flows import check as checking
    from geotag.models import shelf

    with console.muffled():
        loaded = shelf.load(model, device, jobs)
        found = list(checking.check(archive, loaded, jobs or parallel.cores()))
    suspicious = sum(item.suspicious for item in found)
    if table is not None:
        checking.write_csv(found, table)
    if as_json:
        click.echo(options.as_text([checking.properties(item) for item in found]))
    elif suspicious:
        console.table("suspicious positions", checking.HEADS, checking.rows(found))
    console.say([f"{len(found):,} positions judged, {suspicious:,} of them suspicious"])
    if suspicious:
        sys.exit(Exit.SOME_FAILED)


@click.command()
@options.archive
@options.models
@click.option("--compare", metavar="NAME|FILE", help="A second model to compare with, on the same photos.")
@options.device
@options.jobs
@options.plots
@options.as_json
def evaluate(
    archive: tuple[str, ...],
    model: tuple[str, ...],
    compare: str | None,
    device: str,
    jobs: int | None,
    plots: str | None,
    *,
    as_json: bool,
) -> None:
    """Measure the model on photos that have a position.

    Scores every photo that a camera or a person located, with one vote for each 1-degree cell and with one
    vote for each photo, beside the one constant guess that does best on them, and by themselves the half
    and the tenth with the smallest radii. Of two --model what they say together is scored, and each one.
    Writes nothing.
    """
    from geotag import console
    from geotag.flows import evaluate as evaluation
    from geotag.models import shelf

    with console.muffled():
        guessers = [
            shelf.gather(names, device, jobs) for names in (model, *([(compare,)] if compare else []))
        ]
        result = evaluation.evaluate(archive, guessers, jobs)
        if plots is not None:
            evaluation.draw(result, guessers[0].title, plots)
    if as_json:
        click.echo(options.as_text(evaluation.as_json(result)))
        return
    for table in evaluation.tables(result):
        console.table(table.title, table.heads, table.rows)
    click.echo("\n".join(evaluation.in_words(result)))


@click.command()
@options.archive
@options.models
@options.device
@options.jobs
@options.plots
def calibrate(
    archive: tuple[str, ...], model: tuple[str, ...], device: str, jobs: int | None, plots: str | None
) -> None:
    """Set the radius for a collection by its own located photos.

    Measures how far off the model is on the photos of ARCHIVE that have a position, and keeps a factor for
    every radius in that archive, beside the model, so that it holds 80 % of new photos there. At least 20
    located photos are needed, 100 are good. Later runs on the archive use it and say so in `evidence`.
    Two --model are calibrated together.
    """
    from geotag import console, parallel
    from geotag.flows import calibrate as calibration
    from geotag.models import shelf

    with console.muffled():
        loaded = shelf.gather(model, device, jobs)
        kept = calibration.calibrate(archive, loaded, jobs or parallel.cores(), plots)
    console.say(
        [
            f"{kept.photos:,} located photos: every radius in {kept.base} is multiplied by {kept.factor:.3f}",
            *(["with fewer than 100 photos the factor is rough"] if kept.photos < calibration.ENOUGH else []),
        ]
    )


@click.command()
@options.model
@options.device
@options.jobs
@options.as_json
def doctor(model: str, device: str, jobs: int | None, as_json: bool) -> None:
    """Show versions, the real device, what is missing, and what the model costs here.

    The model is tried for a second on made-up pictures: photos a second, memory, batches and threads, beside
    the model that ships. The exit code is 4 where it does not work.
    """
    from geotag import console
    from geotag.flows import doctor as surgery

    with console.muffled():
        findings = surgery.examine(model, device, jobs)
    if as_json:
        click.echo(options.as_text(findings))
    else:
        for topic, finding in findings.items():
            click.echo(f"{topic + ':':<18} {finding}")
    if "pace" not in findings:
        sys.exit(Exit.NO_MODEL)


@click.command()
@options.archive
@options.output
@options.model
@options.device
@options.jobs
def index(archive: tuple[str, ...], output: str | None, model: str, device: str, jobs: int | None) -> None:
    """Make the index of alike pictures, or bring it up to date.

    It lies in the output folder (similar.sqlite and similar.vectors, about 1 KB a photo). New and changed
    photos are looked at, others not. `geotag similar` does this by itself.
    """
    from geotag import console, parallel
    from geotag.flows import similar
    from geotag.models import shelf

    with console.muffled():
        loaded = shelf.load(model, device, jobs)
        done = similar.index(archive, output, loaded, jobs or parallel.cores(), console.RunView())
    console.say([*done.troubles, f"{done.photos:,} photos in the index, {done.new:,} of them new or changed"])
    if done.troubles:
        sys.exit(Exit.SOME_FAILED)


@click.command()
@click.argument("photo", type=click.Path(path_type=str), metavar="PHOTO")
@click.option(
    "--in",
    "archive",
    required=True,
    multiple=True,
    type=click.Path(path_type=str),
    metavar="ARCHIVE",
    help="Where to search; may be repeated.",
)
@click.option(
    "--top", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="How many."
)
@click.option(
    "--sheet",
    type=click.Path(path_type=str),
    metavar="FILE",
    help="A contact sheet, too: .png, or .html with names.",
)
@options.output
@options.model
@options.device
@options.jobs
@options.as_json
def similar(
    photo: str,
    archive: tuple[str, ...],
    top: int,
    sheet: str | None,
    output: str | None,
    model: str,
    device: str,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Find the photos of an archive that look most like one.

    The archive is indexed first, where that has not been done (see `geotag index`). Alike is what the model
    takes for alike: landscape, buildings, light; 1.000 is the same view.
    """
    from geotag import console, parallel
    from geotag.flows import similar as likeness
    from geotag.models import shelf
    from geotag.renderings import manifest

    with console.muffled():
        loaded = shelf.load(model, device, jobs)
        asked = likeness.view(photo, loaded)
        done = likeness.index(archive, output, loaded, jobs or parallel.cores(), console.RunView())
        matches = likeness.search(asked, archive, output, loaded, top)
        if sheet is not None:
            likeness.sheet(photo, matches, sheet)
    if as_json:
        found = [
            {"path": manifest.readable(match.path), "cosine": round(match.cosine, 4)} for match in matches
        ]
        click.echo(options.as_text(found))
    else:
        for match in matches:
            click.echo(f"{match.cosine:.3f}  {manifest.readable(match.path)}")
    console.say([*done.troubles, *([f"contact sheet: {sheet}"] if sheet else [])])


COMMANDS = (inspect, check, evaluate, calibrate, doctor, index, similar)
