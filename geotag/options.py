"""The options that commands share, as values (after the manner of rasterio's `rio`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Number(click.FloatRange):
    """A number in a range: neither infinite nor none at all, which lies in no range and outside of none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no number that could be meant.", param, ctx)
        return number


_FOLDER = click.Path(file_okay=False)

archive = click.argument(
    "archive", nargs=-1, required=True, metavar="ARCHIVE...", type=click.Path(path_type=str)
)
write_exif = click.option(
    "--write-exif",
    is_flag=True,
    help="Put positions into the image files where that is safe, into an XMP sidecar where it is not.",
)
sidecar = click.option(
    "--sidecar",
    is_flag=True,
    help="Put positions into XMP sidecars (NAME.EXT.xmp); images stay untouched. With --write-exif: only "
    "where a file cannot take one safely.",
)
only_sidecar = click.option(
    "--only-sidecar",
    is_flag=True,
    help="Sidecars only, even where --write-exif is asked for: for master scans.",
)
sidecar_dir = click.option(
    "--sidecar-dir",
    type=_FOLDER,
    metavar="DIR",
    help="Keep sidecars in this folder instead of beside the images (read-only archives).",
)
sidecar_style = click.option(
    "--sidecar-style",
    type=click.Choice(["full", "adobe"]),
    default="full",
    show_default=True,
    help="Name sidecars NAME.EXT.xmp (digiKam, darktable, Immich) or NAME.xmp (Adobe).",
)
backup = click.option(
    "--backup",
    type=_FOLDER,
    metavar="DIR",
    help="Copy each file to this folder before it is touched for the first time.",
)
output = click.option(
    "--output",
    type=_FOLDER,
    metavar="DIR",
    help="Where manifests and journal go.  [default: ARCHIVE.geotag beside the first archive]",
)
map_ = click.option(
    "--map",
    is_flag=True,
    help="Draw map.html, too: one file that works without a network, with a thumbnail of each photo.",
)
plan = click.option(
    "--plan",
    is_flag=True,
    help="Touch no image and no sidecar, but note what would be written where and draw the map, to be "
    "reviewed there; `geotag apply` carries out what was reviewed.",
)
dry_run = click.option(
    "--dry-run",
    is_flag=True,
    help="Touch no image and no sidecar; list on stdout what would be written where. Predictions are kept "
    "in the journal, so that the real run is quick.",
)


def _models(_context: click.Context, _option: click.Parameter, start: str) -> list[CompletionItem]:
    """For a shell: names of models at hand, or files where no name begins like this."""
    from click.shell_completion import CompletionItem

    from geotag.models import modelfolder

    names = [CompletionItem(name) for name in modelfolder.names() if name.startswith(start)]
    return names or [CompletionItem(start, type="file")]


def topics(context: click.Context, _argument: click.Parameter, start: str) -> list[CompletionItem]:
    """What `geotag help` can be asked for, for a shell: commands and topics of the handbook."""
    from click.shell_completion import CompletionItem

    from geotag.commands import handbook

    root = context.find_root().command
    commands = list(root.commands) if isinstance(root, click.Group) else []
    names = [*commands, *(topic.name for topic in handbook.topics(handbook.text()))]
    return [CompletionItem(name) for name in names if name.startswith(start)]


def _default_model() -> str:
    from geotag.models import modelfolder

    return modelfolder.default()


model = click.option(
    "--model",
    shell_complete=_models,
    default=_default_model,
    show_default="geovision, or what `geotag models default` says",
    metavar="NAME|FILE",
    help="A model by name (see `geotag models`) or an ONNX file by our contract.",
)
models = click.option(
    "--model",
    shell_complete=_models,
    multiple=True,
    default=lambda: [_default_model()],
    show_default="geovision, or what `geotag models default` says",
    metavar="NAME|FILE",
    help="A model by name (see `geotag models`) or an ONNX file by our contract. Give it twice and both look "
    "at every photo; what they say is pooled.",
)
device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where the model runs; auto takes a GPU if one can be used.",
)
batch_size = click.option(
    "--batch-size",
    type=click.IntRange(1, 4096),
    metavar="N",
    help="Photos per batch.  [default: chosen for the device]",
)
jobs = click.option(
    "--jobs", type=click.IntRange(1, 512), metavar="N", help="Threads for decoding.  [default: one per core]"
)
max_error_km = click.option(
    "--max-error-km",
    type=_Number(0, min_open=True),
    default=2500,
    show_default=True,
    metavar="R",
    help="Only positions with at most this radius go into files; 20100 writes every guess. The manifests "
    "give all of them.",
)


def _kinds(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in value.split(","))
    unknown = set(kinds) - {"picture", "words", "neighbours"}
    if unknown:
        choice = "choose from picture, words, neighbours"
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: {choice}", context, option)
    return kinds


evidence = click.option(
    "--evidence",
    default="picture,words,neighbours",
    show_default=True,
    callback=_kinds,
    metavar="KINDS",
    help="What counts: the picture (the model), words (captions, place fields, names of files and folders), "
    "neighbours (photos of the same folder that have a position, by time or by the numbers in their names).",
)
catalogue = click.option(
    "--catalogue",
    type=click.Path(path_type=str),
    metavar="FILE",
    help="A CSV file whose rows speak for photos as captions do, joined by its column path (relative to the "
    "archive) or filename; place, location, city, county, state and country are place fields.",
)
coarsen = click.option(
    "--coarsen",
    type=_Number(0.1, 5000),
    metavar="KM",
    help="For sensitive sites: every position that leaves the tool (files, sidecars, manifests, map) moves "
    "to a grid of about KM, in manifests and map a camera's too; the journal keeps what was found.",
)
replace_gps = click.option(
    "--replace-gps",
    is_flag=True,
    help="Overwrite positions that a camera or a person put there. `geotag undo` brings them back.",
)
include = click.option(
    "--include", multiple=True, metavar="GLOB", help="Only paths or names like this; may be repeated."
)
exclude = click.option(
    "--exclude", multiple=True, metavar="GLOB", help="No paths, folders or names like this; may be repeated."
)
redo = click.option("--redo", is_flag=True, help="Do every photo again, also those already finished.")
backend = click.option(
    "--backend",
    type=click.Choice(["threads", "dask"]),
    default="threads",
    show_default=True,
    help="Who does the work: threads of this machine, or the workers of a Dask cluster, all of which see the "
    "archive at the same path.",
)
scheduler = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="The scheduler of the Dask cluster, such as tcp://HOST:8786.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="As JSON on stdout, for programs.")
output_folder = click.argument("output", type=click.Path(path_type=str), metavar="OUTPUT")
archive_now = click.option(
    "--archive",
    type=click.Path(path_type=str),
    metavar="DIR",
    help="Where the archive is now, if it has moved since the run.  [default: where it was, or where it lies "
    "as before beside OUTPUT]",
)

config = click.option(
    "--config",
    type=click.Path(path_type=str),
    metavar="FILE",
    help="Options from this TOML file, by their names.  [default: geotag.toml beside the archive, if there]",
)
log_json = click.option("--log-json", is_flag=True, help="Tell of it in JSON, a line each, on stderr.")
plots = click.option(
    "--plots",
    type=_FOLDER,
    metavar="DIR",
    help="Draw errors, risk and coverage, reliability and a map as PNG into this folder, and report.html, "
    "one page with them and the tables (extra plots).",
)
to = click.option(
    "--to",
    type=click.Choice(["exiftool-csv", "geoparquet", "gpkg", "gpx", "jsonl", "kml"]),
    required=True,
    help="The format; gpkg, gpx, kml and geoparquet need the extra gis.",
)
file = click.option(
    "--file",
    type=click.Path(path_type=str),
    metavar="FILE",
    help="Where to write; the file must not exist yet.  [default: in OUTPUT]",
)

RUN = (
    archive,
    write_exif,
    sidecar,
    only_sidecar,
    sidecar_dir,
    sidecar_style,
    backup,
    output,
    map_,
    plan,
    dry_run,
    models,
    device,
    batch_size,
    jobs,
    max_error_km,
    evidence,
    catalogue,
    coarsen,
    replace_gps,
    include,
    exclude,
    redo,
    backend,
    scheduler,
)
"""Every option of `geotag run`, in the order of its help."""


def as_text(value: object) -> str:
    """A value as JSON text for programs, as --json prints it."""
    import json

    return json.dumps(value, indent=2)
