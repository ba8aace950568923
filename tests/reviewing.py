"""Decisions about a run's answers, as a person makes them in its map, for tests of `geotag apply`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geotag import api, metadata
from geotag.flows import enact, upkeep
from geotag.metadata import xmp
from geotag.renderings.report import NAME
from geotag.types import Position
from tests.archives import Ears

ADA = "Ada Lovelace"
WHEN = "2026-05-04T03:02:01+00:00"

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")
LONDON = (51.5, -0.12, 0.2)
CHOICES = {"a.jpg": "accept", "b/b.tif": LONDON, "b/c.png": "reject", "e.bmp": "accept"}


def page(output: Path | str) -> dict[str, Any]:
    """What the map of an output folder, drawn anew, tells the browser."""
    upkeep.report(str(output), mapped=True, jobs=2)
    text = (Path(output) / NAME).read_text(encoding="utf-8")
    given: dict[str, Any] = json.loads(text.split('id="photos">')[1].split("</script>")[0])
    return given


def decided(
    output: Path | str, choices: dict[str, Any], reviewer: str = ADA, when: str = WHEN
) -> dict[str, Any]:
    """The decisions that a person makes in the map of an output folder.

    `choices` gives for paths "accept", "reject" or, to correct, latitude, longitude and radius in km.
    """
    given = page(output)
    photos = {row[0]: dict(zip(given["columns"], row, strict=False)) for row in given["rows"]}
    made = []
    for path, choice in choices.items():
        said = {"path": path, "shown": photos[path]["shown"], "decision": choice, "when": when}
        if not isinstance(choice, str):
            said["decision"] = "correct"
            said |= dict(zip(("latitude", "longitude", "error_km"), choice, strict=True))
        made.append(said)
    return {"geotag_decisions": 1, "archive": given["archive"], "reviewer": reviewer, "decisions": made}


def saved(path: Path, decisions: dict[str, Any]) -> str:
    """A file of decisions, and its name."""
    path.write_text(json.dumps(decisions), encoding="utf-8")
    return str(path)


def review(
    output: Path | str, choices: dict[str, Any], ears: Ears | None = None, **options: Any
) -> enact.Applied:
    """Decide in the map of an output folder, and apply that."""
    file = saved(Path(output).parent / "decisions.json", decided(output, choices))
    return api.apply(output, file, observer=ears, **options)


def in_file(path: Path) -> Position:
    """The position in a file or sidecar."""
    content = path.read_bytes()
    found = xmp.read(content) if path.suffix == ".xmp" else metadata.read(content)
    assert found is not None
    return found


def place(row: dict[str, str]) -> tuple[float, float]:
    """Latitude and longitude of a row of the manifest, in degrees."""
    return float(row["latitude"]), float(row["longitude"])
