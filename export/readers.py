"""Readers of photographs with places, in the layouts people and the public sets keep them in.

Each yields `Tagged` rows one by one and holds no more than a row (and a tar's table of contents) in memory.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from export.index import Tagged
from geotag import metadata

Rows = Iterator[Tagged]


class LayoutError(Exception):
    """A folder or table is not in the layout it was said to be; the message says what is missing."""


def shards(folder: Path, *, kinds: frozenset[str] | None = None) -> Rows:
    """Tar shards beside a CSV of the same folder: columns `id`, `lat`, `lon`, member `<id>.<extension>`.

    Rows whose `clear` is neither yes nor linked, and places known to the country only, are left out; `kinds`
    keeps those of the column `kind`, without it all but heritage. Raises LayoutError without CSV or tars.
    """
    table = _only(folder, "*.csv")
    found = members(folder)
    for row in table_rows(table, ("id", "lat", "lon")):
        if trainable(row, kinds) and row["id"] in found:
            tar, offset, size = found[row["id"]]
            place = float(row["lat"]), float(row["lon"])
            yield Tagged(tar, row["id"], *place, row.get("source", ""), row.get("sequence", ""), offset, size)


def trainable(row: dict[str, str], kinds: frozenset[str] | None) -> bool:
    """Whether a row of a table of shards may train a model that is shipped (see `shards`)."""
    kind = row.get("kind", "photo")
    wanted = kind != "heritage" if kinds is None else kind in kinds
    return wanted and row.get("clear", "yes") in ("yes", "linked") and row.get("precision") != "country"


def table(path: Path) -> Rows:
    """A CSV with the columns `path` (relative to it), `lat`, `lon`, and if wanted `source`, `sequence`."""
    for row in table_rows(path, ("path", "lat", "lon")):
        place = float(row["lat"]), float(row["lon"])
        sequence, source = row.get("sequence") or "", row.get("source") or path.stem
        yield Tagged(path.parent / row["path"], row["path"], *place, source, sequence)


def folder(path: Path) -> Rows:
    """Every JPEG below a folder with a position from a camera or a person; guesses of ours are no truth."""
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() in (".jpg", ".jpeg") and file.is_file():
            found = metadata.read(file.read_bytes())
            if found is not None and found.machine is None:
                key = file.relative_to(path).as_posix()
                yield Tagged(file, key, found.location.lat, found.location.lon, path.name)


def osv5m(path: Path, split: str = "train") -> Rows:
    """OpenStreetView-5M: `images/<split>/NN/<id>.jpg` and `<split>.csv`.

    Columns `id`, `latitude`, `longitude`, `sequence`: the authors' release (Astruc et al. 2024), its zips
    unpacked.
    """
    images = {file.stem: file for file in sorted((path / "images" / split).glob("*/*.jpg"))}
    for row in table_rows(path / f"{split}.csv", ("id", "latitude", "longitude")):
        if row["id"] in images:
            place = float(row["latitude"]), float(row["longitude"])
            yield Tagged(images[row["id"]], row["id"], *place, "osv5m", row.get("sequence") or "")


def mp16(path: Path) -> Rows:
    """MP-16 (MediaEval Placing 2016, of YFCC100M): `MP16_Pro_places365.csv` or `mp16_*.csv` and `images/`.

    The table names each picture `IMG_ID` (AA/BB/<hash>_<user>.jpg or <hash>_<user>.jpg) and gives `LAT` and
    `LON` (Müller-Budack et al. 2018; Cepeda et al. 2023). All photographs of an author form one sequence.
    """
    for row in table_rows(_only(path, "*.csv"), ("IMG_ID", "LAT", "LON")):
        name = row["IMG_ID"]
        author = row.get("AUTHOR") or Path(name).stem.partition("_")[2]
        file = path / "images" / name
        if file.is_file():
            yield Tagged(file, name, float(row["LAT"]), float(row["LON"]), "mp16", author)


LAYOUTS: dict[str, Callable[[Path], Rows]] = {
    "shards": shards,
    "csv": table,
    "folder": folder,
    "osv5m": osv5m,
    "mp16": mp16,
}


def guess_layout(path: Path) -> str:
    """The layout that a path looks like: a name in LAYOUTS, loose photographs when no other fits."""
    if path.is_file():
        return "csv"
    if (path / "images" / "train").is_dir():
        return "osv5m"
    if any(path.glob("*.csv")):
        return "shards" if any(path.glob("*.tar")) else "mp16"
    return "folder"


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise LayoutError(
            f"{folder}: expected one {pattern}, found {len(found)}; name the table itself instead"
        )
    return found[0]


def table_rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows of a CSV by column name; raises LayoutError when it or a column is missing."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise LayoutError(f"{path}: no column {', '.join(missing)}")
            yield from reader
    except FileNotFoundError as error:
        raise LayoutError(f"{path} is missing") from error


def members(folder: Path) -> dict[str, tuple[Path, int, int]]:
    found: dict[str, tuple[Path, int, int]] = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile():
                    found[Path(member.name).stem] = (path, member.offset_data, member.size)
    if not found:
        raise LayoutError(f"{folder}: no pictures in tar files there")
    return found
