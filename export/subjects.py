"""Where it fails, by subject: `python -m export.subjects work/geovision --photos ../shared/photos`.

The answers for places never seen that training wrote, for photographs whose file names or titles (columns
`orig_path`, `licence`) speak of the sea, the night, an interior and so on. One vote per photograph; a name is
a weak sign, and most photographs have none.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from export.readers import table_rows
from export.train import read
from geotag.geo import distance_km
from geotag.score import geoscore

SUBJECTS = {
    "sea and coast": r"beach|coast|ocean|sea|seaside|harbou?r|bay|lagoon|playa|island",
    "lakes, rivers, falls": r"lake|river|falls|waterfall",
    "mountains": r"mountain|mount|mt|peak|alps?|glacier|volcano",
    "towns": r"skyline|downtown|street|square|plaza|city|bridge|panorama",
    "churches, mosques, temples": r"church|cathedral|mosque|temple|abbey|basilica",
    "interiors": r"interior|inside|indoors?|museum|hall|ceiling|nave",
    "night and dusk": r"night|evening|dusk|sunset|nuit|noche",
}


def names(table: Path) -> dict[str, str]:
    """What a table of shards calls each photograph, by `id`: its words, lower case, apart."""
    found = {}
    for row in table_rows(table, ("id", "orig_path", "licence")):
        text = unquote(f"{row['orig_path']} {row['licence']}").lower()
        found[row["id"]] = " ".join(re.findall(r"[^\W\d_]+", text))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.subjects", description=__doc__)
    parser.add_argument("folder", type=Path, help="what export.train wrote")
    parser.add_argument("--photos", type=Path, required=True, help="shards with their table photos.csv")
    options = parser.parse_args()
    photos, unseen = read([options.photos], None, None), np.load(options.folder / "unseen.npz")
    km = distance_km(photos.lat, photos.lon, unseen["lat"], unseen["lon"])
    called = names(options.photos / "photos.csv")
    texts = [called[photos.key(row)] for row in range(len(photos))]
    print("| subject | photographs | GeoScore | % within 2,500 km | radius, median km | % inside |")
    print("|---|---|---|---|---|---|")
    for subject, pattern in {**SUBJECTS, "all": ""}.items():
        mine = np.array([re.search(rf"\b({pattern})\b", text) is not None for text in texts])
        points, near = geoscore(km[mine]).mean(), 100 * np.mean(km[mine] <= 2500)
        radius = unseen["error_km"][mine]
        inside = 100 * np.mean(km[mine] <= radius)
        figures = f"{points:,.0f} | {near:.0f} | {np.median(radius):,.0f} | {inside:.0f}"
        print(f"| {subject} | {mine.sum()} | {figures} |")


if __name__ == "__main__":
    main()
