"""Is the radius of words honest for sources that it was not set on? Sources are left out, a fifth at a time.

    python -m export.calibrate_words [--captions ../shared/captions] [--folds 5]

For each fold the factor `geotag.places.AWAY` is chosen anew on the other sources, so that 80 % of their
answers lie inside, one vote a source, and judged on the sources of the fold. The last lines show what each
factor gives, on all sources and on the half that the weights were set by hand on least.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from export.evaluate_words import LIMIT_KM, half, texts
from geotag import geo
from geotag.evidence import spread
from geotag.evidence.places import AWAY, locate
from geotag.texts import Answer
from geotag.types import Location

FACTORS = (1.0, 1.1, 1.2, 1.3, 1.5, 1.7, 2.0)
WANTED = 0.8


@dataclass(frozen=True, slots=True)
class Case:
    """An answered record: its source, its share in the source's one vote, and for each of FACTORS whether it
    still counts and lies inside.
    """

    source: str
    vote: float
    counts: tuple[bool, ...]
    inside: tuple[bool, ...]


def case(source: str, vote: float, answer: Answer, truth: Location) -> Case:
    """An answer with the radii of places that no folder names as each factor has them."""
    fixed = "folder '" in answer.evidence
    counts, inside = [], []
    for factor in FACTORS:
        wider = 1.0 if fixed else factor / AWAY
        best, error_km = spread.centre(
            [found.location for found in answer.candidates],
            [found.radius_km * wider for found in answer.candidates],
            [found.probability for found in answer.candidates],
        )
        counts.append(error_km <= LIMIT_KM)
        inside.append(geo.gap_km(answer.candidates[best].location, truth) <= error_km)
    return Case(source, vote, tuple(counts), tuple(inside))


def shares(cases: Iterable[Case]) -> geo.Floats:
    """The share inside among what counts, for each factor, one vote a source as in export.evaluate_words."""
    votes, counts, inside = zip(*((item.vote, item.counts, item.inside) for item in cases), strict=True)
    counting = np.array(votes)[:, None] * np.array(counts)
    return np.asarray((counting * np.array(inside)).sum(axis=0) / counting.sum(axis=0))


def fold(source: str, folds: int) -> int:
    """Which fold a source belongs to, by a hash of its name."""
    return zlib.crc32(source[::-1].encode()) % folds


def report(title: str, cases: list[Case], folds: int) -> None:
    """Print what sources left out get, and what each factor gives."""
    chosen, judged = [], []
    for number in range(folds):
        rest = shares(item for item in cases if fold(item.source, folds) != number)
        best = int(np.argmin(np.abs(rest - WANTED)))
        out = [item for item in cases if fold(item.source, folds) == number]
        chosen.append(FACTORS[best])
        judged += [replace(item, counts=(item.counts[best],), inside=(item.inside[best],)) for item in out]
    print(f"\n{title}: {100 * shares(judged)[0]:.1f} % inside on sources left out; factors {chosen}")
    least = [item for item in cases if half(item.source) == "check"]
    for name, part in (("all sources", cases), ("  half: check", least)):
        row = ", ".join(f"{at}: {100 * share:.1f}" for at, share in zip(FACTORS, shares(part), strict=True))
        print(f"{name:15} {row}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captions", type=Path, default=Path("../shared/captions"))
    parser.add_argument("--folds", type=int, default=5)
    asked = parser.parse_args()
    with (asked.captions / "captions.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    sizes = Counter(row["source"] for row in rows)
    print(f"in use: {AWAY}")
    for title, folder in (("text, place field, file name", False), ("with the collection as folder", True)):
        cases = []
        for row in rows:
            answer = locate(texts(row, folder=folder))
            if answer is not None:
                truth = Location(float(row["lat"]), float(row["lon"]))
                cases.append(case(row["source"], 1 / sizes[row["source"]], answer, truth))
        report(title, cases, asked.folds)


if __name__ == "__main__":
    main()
