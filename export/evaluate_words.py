"""Measures words to places on real catalogue records, one vote a source, beside the naive matcher.

    python -m export.evaluate_words [--captions ../shared/captions] [--each N] [--examples]

An answer counts when its `error_km` is at most 50, and is right within 25 km. Sources are split in two
halves. The weights were set by hand, mostly on failures of the first half; failures of some sources of the
second were read too, and the radius of towns was set on all. So the halves show how the engine varies between
sources, and only records it has never met show what it is worth.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from geotag import geo
from geotag.evidence.gazetteer import Kind, load
from geotag.evidence.places import locate
from geotag.evidence.words import words
from geotag.texts import Answer, Caption, Origin, Text
from geotag.types import Location

LIMIT_KM = 50.0
RIGHT_KM = 25.0
EXAMPLES = (
    ("Constantinople 1890", "Mosque of Suleiman from the Golden Horn"),
    ("", "Breslauer Rathaus im Winter"),
    ("", "Springfield, Ohio. Main street on market day"),
    ("", "Paris, Texas"),
    ("Texas", "Courthouse square in Paris"),
    ("", "Man reading in the March sun"),
    ("", "Portrait of Florence George and Paris Hilton"),
    ("Georgia", "Tbilisi, old town"),
    ("", "Sonnenuntergang über der Sahara"),
    ("", "Вид на Невский проспект в Ленинграде"),
)

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """How one record went: its source and language, whether it was answered, right, and inside the radius."""

    source: str
    language: str
    answered: bool
    right: bool
    inside: bool


def texts(row: Row, *, folder: bool) -> Caption:
    """A record's texts; its collection's title as the name of the folder when asked for."""
    parts = [
        Text(Origin.FIELD, row.get("place_field") or ""),
        Text(Origin.CAPTION, row["text"]),
        Text(Origin.FILE, row.get("path_hint") or ""),
        Text(Origin.FOLDER, row["collection_title"] if folder else ""),
    ]
    return Caption(tuple(part for part in parts if part.text))


def naive(caption: Caption) -> Answer | None:
    """The most populous town whose main or other name occurs, in one to three words."""
    gazetteer = load()
    best: tuple[int, int] | None = None
    for text in caption.texts:
        keys = [word.key for word in words(text.text)]
        for at in range(len(keys)):
            for end in range(at + 1, min(at + 3, len(keys)) + 1):
                names = gazetteer.names(" ".join(keys[at:end]))
                for number in names.ids if names is not None else ():
                    if gazetteer.place(number).kind == Kind.TOWN:
                        best = max(best or (0, -1), (gazetteer.people(number), number))
    if best is None:
        return None
    place = gazetteer.place(best[1])
    return Answer(place.location, place.radius_km, place.name, place.country, "", ())


def judge(row: Row, answer: Answer | None) -> Result:
    """Compare an answer with a record's coordinates."""
    if answer is None or answer.error_km > LIMIT_KM:
        return Result(row["source"], row["language"], False, False, False)
    gap = float(
        geo.distance_km(answer.location.lat, answer.location.lon, float(row["lat"]), float(row["lon"]))
    )
    return Result(row["source"], row["language"], True, gap <= RIGHT_KM, gap <= answer.error_km)


def half(source: str) -> str:
    """Which half a source belongs to, by a hash of its name."""
    return ("fit", "check")[zlib.crc32(source.encode()) % 2]


def chosen(rows: Iterable[Row], each: int) -> Iterator[Row]:
    """At most `each` records of a source, by a hash of their ids."""
    taken: dict[str, int] = defaultdict(int)
    for row in sorted(rows, key=lambda row: zlib.crc32(row["id"].encode())):
        taken[row["source"]] += 1
        if taken[row["source"]] <= each:
            yield row


def line(name: str, results: list[Result]) -> str:
    """One row of a table: shares in %, each source with the same say."""
    sizes: dict[str, int] = defaultdict(int)
    for result in results:
        sizes[result.source] += 1

    def share(test: Callable[[Result], bool]) -> float:
        return sum(1 / sizes[result.source] for result in results if test(result)) / len(sizes)

    answered = share(lambda result: result.answered)
    right, inside = share(lambda result: result.right), share(lambda result: result.inside)
    of_answers = (
        f"{100 * right / answered:8.1f} {100 * inside / answered:8.1f}" if answered else "       -        -"
    )
    return f"{name[:58]:58} {len(results):6d} {100 * answered:8.1f} {of_answers} {100 * right:8.1f}"


def table(title: str, results: list[Result], *, full: bool) -> None:
    """Print all, both halves, languages, and every source when `full`."""
    print(f"\n{title:58} {'n':>6} answered  right/an inside/a  right/all")
    print(line("all sources", results))
    for part in ("fit", "check"):
        print(line(f"  half: {part}", [result for result in results if half(result.source) == part]))
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[f"  language {result.language}"].append(result)
        if full:
            groups[f"  {result.source} ({half(result.source)})"].append(result)
    for name in sorted(groups, key=lambda name: (not name.startswith("  language"), name)):
        print(line(name, groups[name]))


def examples() -> None:
    """Explained examples: what is written, what is answered, and why."""
    for folder, text in EXAMPLES:
        answer = locate([Text(Origin.CAPTION, text), *([Text(Origin.FOLDER, folder)] if folder else [])])
        print(f"\n{folder + ' / ' if folder else ''}{text}")
        if answer is None:
            print("  no place")
            continue
        point: Location = answer.location
        print(
            f"  {answer.place} {answer.country} ({point.lat:.2f}, {point.lon:.2f}) ± {answer.error_km:.0f} km"
        )
        print(f"  {answer.evidence}")
        others = ", ".join(
            f"{other.place} {other.country} {other.probability:.2f}" for other in answer.candidates[:4]
        )
        print(f"  candidates: {others}")


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--captions", type=Path, default=Path("../shared/captions"))
    arguments.add_argument("--each", type=int, default=1_000_000, help="at most so many records of a source")
    arguments.add_argument("--examples", action="store_true", help="only the explained examples")
    asked = arguments.parse_args()
    if asked.examples:
        return examples()
    with (asked.captions / "captions.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(chosen(csv.DictReader(lines), asked.each))
    for title, folder in (("text, place field, file name", False), ("with the collection as folder", True)):
        captions = [texts(row, folder=folder) for row in rows]
        ours = [judge(row, locate(caption)) for row, caption in zip(rows, captions, strict=True)]
        table(title, ours, full=True)
        plain = [judge(row, naive(caption)) for row, caption in zip(rows, captions, strict=True)]
        table(f"naive matcher: {title}", plain, full=False)
    with (asked.captions / "negatives.csv").open(newline="", encoding="utf-8") as lines:
        none = [Caption((Text(Origin.CAPTION, row["text"]),)) for row in csv.DictReader(lines)]
    for name, method in (("engine", locate), ("naive matcher", naive)):
        answers = [
            answer for answer in map(method, none) if answer is not None and answer.error_km <= LIMIT_KM
        ]
        share = 100 * len(answers) / len(none)
        print(f"\nnegatives, {name}: {len(answers)} of {len(none)} answered ({share:.1f} %)")
    return None


if __name__ == "__main__":
    main()
