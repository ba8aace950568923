"""Measures fusion on photographs that have words and a picture, none of which the model was trained on.

    python -m export.evaluate_fusion [--captions ../shared/captions] [--photos ../shared/photos]
    python -m export.evaluate_fusion --world --init WEIGHTS [--cache work/views]

The first takes the catalogue records that have a picture, and the shipped model: one vote a source. The
second takes the world's photographs by the names their files bear on Wikimedia Commons, each with the
distribution of a head that never saw its cell: one vote a cell; it trains the heads of the folds, which takes
a while. `--examples N` explains answers instead.
"""

from __future__ import annotations

import argparse
import csv
import re
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from export.evaluate_words import texts
from geotag import geo, predict
from geotag.decode import decode
from geotag.evidence import fuse, places
from geotag.score import one_vote_per_cell, quantile
from geotag.texts import Answer, Candidate, Origin, Text, line
from geotag.types import Location, Prediction

LIMITS_KM = (25.0, 200.0, 750.0)
SURE = 0.9
"""Words that make their likeliest place less probable hesitate."""

_COMMONS = re.compile(r"File:([^\s,;]+)")


@dataclass(frozen=True, slots=True)
class Case:
    """A photograph: what words and picture say, where it was taken, and its share of the votes."""

    texts: tuple[Text, ...]
    prediction: Prediction
    truth: Location
    vote: float


@dataclass(frozen=True, slots=True)
class Judged:
    """How far off an answer is and its radius, in km; half the Earth off where there is none."""

    km: float
    error_km: float | None


def of_catalogues(captions: Path, photos: Path, model: str) -> list[Case]:
    """The catalogue records that have a picture, one vote a source."""
    with (captions / "captions.csv").open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["image"]]
    loaded = predict.load(model, device="cpu", threads=2)
    cases = []
    with ExitStack() as stack:
        tars: dict[str, tarfile.TarFile] = {}
        for row in rows:
            name, member = row["image"].split(":")
            if name not in tars:
                folder = photos if name.startswith("photos/") else captions
                tars[name] = stack.enter_context(tarfile.open(folder / name.removeprefix("photos/")))
            file = tars[name].extractfile(member)
            assert file is not None
            pixels = decode(file.read(), loaded.card.recipe)
            (prediction,) = loaded.predict(pixels[np.newaxis])
            assert prediction is not None
            vote = 1 / sum(other["source"] == row["source"] for other in rows)
            truth = Location(float(row["lat"]), float(row["lon"]))
            cases.append(Case(texts(row, folder=False).texts, prediction, truth, vote))
    return cases


def of_the_world(options: argparse.Namespace) -> list[Case]:
    """The world's photographs that bear a name on Wikimedia Commons, one vote a cell."""
    # Torch is only needed here.
    from export import opinions, views, world
    from export.bundle import load_eyes
    from export.fit import Config
    from export.train import read

    chosen, photos = Config(views=3), read([options.photos], None, None)
    statistics = views.statistics(photos, load_eyes(options.init), chosen.views, chosen.seed, options.cache)
    seen = views.Seen(statistics, views.faded(photos, options.cache))
    heads: list[world.Trained] = []
    unseen = world.cross_fit(photos, seen, chosen, heads)
    said = opinions.unseen_predictions(unseen, heads, statistics[:, 0])
    with (options.photos / "photos.csv").open(newline="", encoding="utf-8") as lines:
        named = {row["id"]: _COMMONS.findall(row["licence"]) for row in csv.DictReader(lines)}
    votes = one_vote_per_cell(photos.lat, photos.lon)
    cases = []
    for row in range(len(photos)):
        names = named.get(Path(photos.key(row)).stem, [])
        if not names:
            continue
        words = tuple(Text(Origin.FILE, unquote(name).rpartition(".")[0]) for name in names[:1])
        cases.append(Case(words, said[row], Location(photos.lat[row], photos.lon[row]), float(votes[row])))
    return cases


def answered(case: Case, words: Answer | None, kinds: frozenset[str]) -> fuse.Fused | None:
    """What fusion makes of some kinds of evidence."""
    picture = fuse.Picture(case.prediction, "model") if "picture" in kinds else None
    return fuse.fuse(words if "words" in kinds else None, None, picture)


def judge(case: Case, answer: fuse.Fused | None) -> Judged:
    """Compare an answer with the truth."""
    if answer is None:
        return Judged(float(geo.HALF_TURN_KM), None)
    point, truth = answer.location, case.truth
    return Judged(float(geo.distance_km(point.lat, point.lon, truth.lat, truth.lon)), answer.error_km)


def table(title: str, cases: list[Case], said: list[Answer | None]) -> None:
    """Words alone, picture alone and both, in % of the votes."""
    print(f"\n{title}: {len(cases)} photographs")
    limits = " ".join(f"<={limit:.0f} km" for limit in LIMITS_KM)
    print(f"{'':20} answered {limits} median km  mean km  inside error_km")
    votes = np.array([case.vote for case in cases])
    for name in ("words", "picture", "words and picture"):
        kinds = frozenset(name.split(" and "))
        judged = [judge(case, answered(case, words, kinds)) for case, words in zip(cases, said, strict=True)]
        km = np.array([item.km for item in judged])
        given = np.array([item.error_km is not None for item in judged])
        inside = np.array([item.error_km is not None and item.km <= item.error_km for item in judged])

        def share(mask: np.ndarray, among: np.ndarray | None = None) -> float:
            among = np.ones(len(mask), bool) if among is None else among
            return 100 * float((votes * (mask & among)).sum() / max(1e-9, (votes * among).sum()))

        within = " ".join(f"{share(km <= limit):7.1f}" for limit in LIMITS_KM)
        middle = quantile(km, votes, 0.5)
        print(
            f"{name:20} {share(given):8.1f} {within} {middle:9.0f} {np.average(km, weights=votes):8.0f} "
            f"{share(inside, given):16.1f}"
        )


def bits(cases: list[Case]) -> float:
    """What the picture knows of the truth on average: log2 of how much likelier it makes it than unseen."""
    gains = [
        np.log2(fuse.ratios(case.prediction, [Candidate(case.truth, 50.0, 1.0, "", "")])[0]) for case in cases
    ]
    return float(np.average(gains, weights=[case.vote for case in cases]))


def explain(cases: list[Case], said: list[Answer | None]) -> Iterator[str]:
    """Answers in words, with what spoke for each."""
    for case, words in zip(cases, said, strict=True):
        answer = answered(case, words, frozenset({"words", "picture"}))
        if answer is None or words is None:
            continue
        off = judge(case, answer).km
        written = " / ".join(text.text for text in case.texts)
        yield f"\n{written[:160]}"
        name = " ".join(filter(None, (answer.place, answer.country))) or "no name"
        yield f"  {name}, within {answer.error_km:,.0f} km; really {off:,.0f} km off"
        yield f"  {line(answer.hints)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.evaluate_fusion", description=__doc__)
    parser.add_argument("--captions", type=Path, default=Path("../shared/captions"))
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--model", default="models/geovision.onnx")
    parser.add_argument("--world", action="store_true", help="the world's photographs, by their files' names")
    parser.add_argument("--init", type=Path, default=Path("models/geovision.onnx"), metavar="WEIGHTS")
    parser.add_argument("--cache", type=Path, default=Path("work/views"))
    parser.add_argument("--examples", type=int, default=0, metavar="N", help="explain N answers instead")
    options = parser.parse_args()
    cases = (
        of_the_world(options)
        if options.world
        else of_catalogues(options.captions, options.photos, options.model)
    )
    said = [places.locate(case.texts) for case in cases]
    if options.examples:
        step = max(1, len(cases) // (4 * options.examples))
        lines = list(explain(cases[::step], said[::step]))
        print("\n".join(lines[: 3 * options.examples]))
        return
    print(f"the picture knows {bits(cases):.2f} bits of where it was taken, on average")
    table("all", cases, said)
    chosen = [
        number
        for number, answer in enumerate(said)
        if answer is not None and answer.candidates[0].probability < SURE
    ]
    table("words that hesitate", [cases[number] for number in chosen], [said[number] for number in chosen])


if __name__ == "__main__":
    main()
