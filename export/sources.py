"""Who the photographs are from and on what terms: `python -m export.sources ../shared/photos/photos.csv`.

Prints the model card's table of sources, a row each: photographs used for training and the licences stated.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from pathlib import Path

from export.readers import table_rows, trainable

_LICENCE = re.compile(
    r"CC0|CC BY(?:-SA)?(?: \d\.\d)?|Creative Commons Attribution(?:-Share Alike)? \d\.\d|Public domain|GFDL|"
    r"Unsplash [Ll]icen[cs]e|Pixabay|BSD-2-Clause|explicit permission|contributor permission|file page",
    re.IGNORECASE,
)


def licences(text: str) -> list[str]:
    """The licences named in a credit line, in its own words; the start of the line when none is known."""
    return [found.group(0) for found in _LICENCE.finditer(text)] or [text.split(",")[0][:40]]


def by_source(path: Path) -> list[tuple[str, int, str]]:
    """Source, photographs and licences of every source in a table of photographs, the largest first."""
    counts: Counter[str] = Counter()
    terms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in table_rows(path, ("source", "licence")):
        if trainable(row, None):
            counts[row["source"]] += 1
            terms[row["source"]].update(licences(row["licence"])[:1])
    return [
        (source, count, ", ".join(f"{name} ({n})" for name, n in terms[source].most_common()))
        for source, count in counts.most_common()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.sources", description=__doc__)
    parser.add_argument("table", type=Path)
    print("| source | photographs | licences stated |\n|---|---|---|")
    for source, count, terms in by_source(parser.parse_args().table):
        print(f"| {source} | {count} | {terms} |")


if __name__ == "__main__":
    main()
