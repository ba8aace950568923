"""The map of a run, map.html: one file that holds all it needs, loads nothing and sends nothing.

Its content security policy allows the scripts and styles in it by their hashes and nothing else, so a name or
caption from outside cannot do more than be read.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from geotag.renderings import pages
from geotag.renderings.manifest import COLUMNS, properties, renewed
from geotag.review import shown
from geotag.types import Record

NAME = "map.html"

MOST_PICTURES = 1500
"""A map of more photos than this carries no thumbnails: the page has to open on a phone."""

_OWN_SCRIPTS = "photos page world decisions files pins lists progress correction review card desk".split()
"""In this order: each uses those before it, and the page's events."""

_SCRIPTS = {
    "leaflet": ("leaflet.js",),
    "markercluster": ("markercluster.js",),
    "script": tuple(f"{name}.js" for name in _OWN_SCRIPTS),
}
_STYLES = ("leaflet.css", "map.css")
_WINDOW = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """What a map is of: a title, the identity of the journal, by which decisions made in the map find back to
    it, and the way from the output folder to the photos, empty where a link cannot lead there.
    """

    title: str
    archive: str
    route: str = ""


def render(
    records: Callable[[], Iterable[Record]],
    thumbnails: Callable[[list[Record]], Iterable[bytes | None]] | None,
    output: str,
    origin: Origin,
) -> str:
    """Write the map of an output folder anew, whole or not at all, and return its path.

    `records` gives the journal's records afresh at each call, `thumbnails` a WebP picture for each of a list
    of them, or None, and is itself None where pictures would cost too much. Raises OutputError when the
    folder cannot be written.
    """
    if thumbnails is None:
        bare = "no thumbnails: the photos would have to be fetched again"
    else:
        bare = "too many for thumbnails" if sum(1 for _ in records()) > MOST_PICTURES else ""
    rows = _rows(records(), _none if bare or thumbnails is None else thumbnails)
    given: dict[str, object] = {
        "bare": bare,
        "archive": origin.archive,
        "route": origin.route,
        "columns": [*COLUMNS, "shown", "picture"],
    }
    path = os.path.join(output, NAME)
    with renewed(path, f"geotag report {output} --map") as file:
        _write(file, rows, origin.title, given)
    return path


def _none(records: list[Record]) -> Iterable[bytes | None]:
    return [None] * len(records)


def _rows(
    records: Iterable[Record], thumbnails: Callable[[list[Record]], Iterable[bytes | None]]
) -> Iterator[str]:
    """A photo each as JSON: the manifest's columns, the model without its hash, the fingerprint of what is
    shown, and a thumbnail in base64.
    """
    stream = iter(records)
    while window := list(islice(stream, _WINDOW)):
        for record, picture in zip(window, thumbnails(window), strict=True):
            told = properties(record)
            told["model"] = str(told["model"]).partition(" sha256:")[0]
            row: list[str | float | None] = [*(told[column] for column in COLUMNS), shown(record)]
            yield _inert([*row, base64.b64encode(picture).decode()] if picture else row)


def _inert(value: object) -> str:
    """JSON that cannot end the script element it stands in, nor begin a comment there (HTML, 4.12.1.3)."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _write(file: TextIO, rows: Iterator[str], title: str, given: dict[str, object]) -> None:
    scripts = {name: "".join(map(_asset, assets)) for name, assets in _SCRIPTS.items()}
    style = "".join(map(_asset, _STYLES))
    fixed = {
        "policy": _policy(scripts.values(), style),
        "title": html.escape(title),
        "style": style,
        "licences": html.escape(_asset("LICENCES.txt")),
        "world": _asset("world.json"),
        **scripts,
    }
    head, tail = _asset("map.html").split("@photos@")
    file.write(_filled(head, fixed))
    file.write(_inert(given)[:-1] + ',"rows":[')
    between = "\n"
    for row in rows:
        file.write(between + row)
        between = ",\n"
    file.write("\n]}" + _filled(tail, fixed))


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub("@([a-z]+)@", lambda found: values[found[1]], template)


def _policy(scripts: Iterable[str], style: str) -> str:
    """The content security policy (CSP 3): our own scripts and style by their hashes, pictures that are in
    the page, nothing else.
    """
    allowed = " ".join(map(pages.csp_hash, scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {pages.csp_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> str:
    from importlib import resources

    text = resources.files("geotag").joinpath("data", "map", name).read_text(encoding="utf-8")
    # Leaflet's style sheet names pictures of controls that the map does not have.
    return re.sub(r"[\w-]+: *url\([^)]*\);?", "", text) if name.endswith(".css") else text
