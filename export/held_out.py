"""The figures once more, by the tool itself: `python -m export.held_out work/geovision --photos ...`.

The photographs that a fold holds out are written as files whose places stand in sidecars, the model that
never saw them becomes an int8 file, and `geotag evaluate` judges it. Its figures are printed beside those
that training found for the same photographs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from export import bundle, to_onnx, views
from export.index import Index
from export.int8 import spread
from export.train import arguments, read
from geotag import score

_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="{lat}"'
    ' exif:GPSLongitude="{lon}"/></rdf:RDF></x:xmpmeta>'
)


def write_files(photos: Index, rows: np.ndarray[Any, Any], folder: Path) -> None:
    """Write photographs as files of a folder, each with a sidecar that says where it was taken."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        file = folder / f"{row:05d}.jpg"
        file.write_bytes(photos.read(row))
        packet = _PACKET.format(lat=_minutes(photos.lat[row], "NS"), lon=_minutes(photos.lon[row], "EW"))
        file.with_name(f"{file.name}.xmp").write_text(packet, encoding="utf-8")


def _minutes(degrees: float, sides: str) -> str:
    """Degrees and minutes as XMP has them: "48,51.5024000N" (XMP specification part 2, GPSCoordinate)."""
    whole, part = divmod(abs(degrees), 1)
    return f"{whole:.0f},{part * 60:.7f}{sides[int(degrees < 0)]}"


def judged(model: Path, folder: Path) -> dict[str, Any]:
    """What `geotag evaluate` says of a model on a folder, as JSON; raises SystemExit when it fails."""
    command = [sys.executable, "-m", "geotag", "evaluate", str(folder), "--model", str(model), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own)
    if done.returncode:
        raise SystemExit(f"geotag evaluate {folder}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def votes_of(photos: Index) -> str:
    """Which of the tool's tables to go by: it votes by cells of one degree, a region has smaller ones."""
    same = np.array_equal(photos.cell, score.cells(photos.lat, photos.lon))
    return "per_cell" if same else "per_photo"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.held_out", description=__doc__)
    parser.add_argument("folder", type=Path, help="what export.train wrote")
    parser.add_argument("--out", type=Path, default=Path("work/held_out"), help="folder for files and models")
    parser.add_argument("--folds", type=int, nargs="+", help="folds to judge (default: all)")
    arguments(parser)
    options = parser.parse_args()
    photos = read(options.photos, options.layout, options.kinds, options.cell)
    unseen = np.load(options.folder / "unseen.npz")
    some = list(spread(views.pixels(photos, 0, 0), len(photos)))
    voting = votes_of(photos)
    totals, weights = [], []
    for number in options.folds or np.unique(unseen["fold"]):
        rows = np.flatnonzero(unseen["fold"] == number)
        files, model = options.out / f"fold-{number}", options.out / f"fold-{number}.onnx"
        write_files(photos, rows, files)
        to_onnx.make(bundle.load(options.folder / f"fold-{number}.pt"), model, some, "1.0")
        found = judged(model, files)
        mine = next(iter(found[voting].values()))
        one_each = np.arange(len(rows)) if voting == "per_photo" else photos.cell[rows]
        print(f"fold {number}, {len(rows)} photographs, {mine['cells']} cells of one degree, {voting}")
        print("  evaluate:", json.dumps({name: mine[name] for name in _FIGURES}))
        theirs = score.score(
            *(photos.lat[rows], photos.lon[rows], unseen["lat"][rows], unseen["lon"][rows]),
            *(unseen["error_km"][rows], score.one_vote_each(one_each)),
        )
        print("  training:", json.dumps({name: getattr(theirs, name) for name in _FIGURES}), flush=True)
        totals.append(
            [*(mine["within"][str(limit)] for limit in (750, 2500)), mine["geoscore"], mine["coverage"]]
        )
        weights.append(mine["photos" if voting == "per_photo" else "cells"])
    near, far, points, inside = np.average(totals, axis=0, weights=weights)
    shares = f"{100 * near:.1f} % within 750 km, {100 * far:.1f} % within 2,500 km"
    print(f"together by evaluate: {shares}, GeoScore {points:.0f}, {100 * inside:.1f} % inside the radius")


_FIGURES = ("median_km", "mean_km", "within", "geoscore", "coverage")


if __name__ == "__main__":
    main()
