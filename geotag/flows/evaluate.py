"""Evaluates models on photos whose place is known: distances, shares, coverage, beside the constant guess."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geotag import geo, parallel, read, score
from geotag.decode import views
from geotag.errors import PhotoError, UsageError
from geotag.flows import scoresheet
from geotag.flows.ensemble import Ensemble
from geotag.renderings import plots
from geotag.scan import open_archive, walk
from geotag.types import Location, Photo, Prediction

if TYPE_CHECKING:
    from geotag.types import Pixels

_BATCH = 16

PARTS = {"surest half": 0.5, "surest tenth": 0.1}
"""Shares of the votes that are scored by themselves, those with the smallest radii."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A photo whose true place is known, beside what the model says of it."""

    path: str
    truth: Location
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class Trouble:
    """A photo that could not be judged, and why."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What models are worth on an archive: scores by name of the guesser, per cell and per photo.

    "constant guess" is the one point that does best on these very photos. `confident` scores the guesses with
    the smallest radii, a vote a cell. `differences` compares the first guesser with the second, where there
    are two, pooled models with the better one of them, and the first with the constant guess otherwise.
    `judged` is what the first guesser said, photo by photo.
    """

    per_cell: dict[str, score.Score]
    confident: dict[str, score.Score]
    per_photo: dict[str, score.Score]
    compared: tuple[str, str]
    differences: dict[str, score.Interval]
    without_position: int
    troubles: tuple[Trouble, ...]
    judged: tuple[Judgement, ...]


def judge(paths: tuple[str, ...], models: Ensemble, jobs: int) -> Iterator[Judgement | Trouble | None]:
    """Predict every photo of an archive that a camera or a person gave a position.

    Yields, in path order, a judgement, the trouble with a photo, or None for a photo without a
    position; our own earlier guesses do not count as true places. Raises UsageError when a path is missing.
    """
    archive = open_archive(paths)

    def look(photo: Photo) -> tuple[str, Location, tuple[Pixels, ...]] | Trouble | None:
        try:
            seen = read.look(archive.base, photo, None)
            position = seen.position
            if position is None or position.machine is not None:
                return None
            pixels = views(seen.source, models.recipes)
        except PhotoError as error:
            return Trouble(photo.path, str(error))
        return photo.path, position.location, pixels

    with parallel.Pool(jobs) as pool:
        windows = parallel.windows(walk(archive).photos(), _BATCH)
        looked = parallel.staged(lambda window: pool.map(look, window), windows, 2)
        with closing(looked):
            for window in looked:
                yield from _judged(window, models)


def _judged(
    window: list[tuple[str, Location, tuple[Pixels, ...]] | Trouble | None], models: Ensemble
) -> Iterator[Judgement | Trouble | None]:
    frames = [item[2] for item in window if isinstance(item, tuple)]
    predictions = iter(models.predict(frames) if frames else [])
    for item in window:
        if not isinstance(item, tuple):
            yield item
            continue
        path, truth, _ = item
        prediction = next(predictions)
        if prediction is None:
            yield Trouble(path, "the model gave no answer that lies on the Earth")
        else:
            yield Judgement(path, truth, prediction)


def evaluate(paths: tuple[str, ...], guessers: Sequence[Ensemble], jobs: int | None) -> Evaluation:
    """Score one or two guessers on the located photos of an archive; of models that are pooled each one, too.

    Raises UsageError when a path is missing or no photo has a position of its own.
    """
    outcomes = {models.title: list(judge(paths, models, jobs or parallel.cores())) for models in guessers}
    judged = {name: _judgements(outcome) for name, outcome in outcomes.items()}
    for by_path in list(judged.values()):
        judged |= _apart(by_path)
    first = next(iter(outcomes.values()))
    common = set.intersection(*(set(by_path) for by_path in judged.values()))
    if not common:
        raise UsageError(
            f"{', '.join(paths)}: no photo here has a position that a camera or a person gave it"
        )
    order = sorted(common)
    truth = _columns([judged[next(iter(judged))][path].truth for path in order])
    guesses = {
        name: (*_columns([by_path[path].prediction.location for path in order]), _radii(by_path, order))
        for name, by_path in judged.items()
    }
    return _scored(
        truth,
        guesses,
        sum(1 for item in first if item is None),
        tuple(item for item in first if isinstance(item, Trouble)),
        tuple(judged[next(iter(judged))][path] for path in order),
    )


def _scored(
    truth: tuple[score.Floats, score.Floats],
    guesses: dict[str, tuple[score.Floats, score.Floats, score.Floats]],
    without: int,
    troubles: tuple[Trouble, ...],
    judged: tuple[Judgement, ...],
) -> Evaluation:
    lat, lon = truth
    votes = {"cell": score.one_vote_per_cell(lat, lon), "photo": np.full(len(lat), 1 / len(lat))}
    constant = score.constant_guess(lat, lon, votes["cell"])
    tables = {}
    for vote, weights in votes.items():
        tables[vote] = {
            name: score.score(lat, lon, guess_lat, guess_lon, km, weights)
            for name, (guess_lat, guess_lon, km) in guesses.items()
        }
        tables[vote]["constant guess"] = score.score(lat, lon, *constant, None, weights)
    off = [geo.distance_km(lat, lon, guess[0], guess[1]) for guess in guesses.values()]
    off.append(geo.distance_km(lat, lon, *constant))
    names = [*guesses, "constant guess"]
    best = 1
    if judged[0].prediction.voices:
        # The pool has to stand beside the better of its models.
        best = max(range(1, len(off) - 1), key=lambda one: tables["cell"][names[one]].geoscore)
    return Evaluation(
        per_cell=tables["cell"],
        confident=_confident(truth, guesses, votes["cell"]),
        per_photo=tables["photo"],
        compared=(names[0], names[best]),
        differences=score.compare(off[0], off[best], score.cells(lat, lon)),
        without_position=without,
        troubles=troubles,
        judged=judged,
    )


def _confident(
    truth: tuple[score.Floats, score.Floats],
    guesses: dict[str, tuple[score.Floats, score.Floats, score.Floats]],
    votes: score.Floats,
) -> dict[str, score.Score]:
    scores = {}
    for name, (lat, lon, km) in guesses.items():
        for part, share in PARTS.items():
            kept = score.most_confident(km, votes, share)
            values = (values[kept] for values in (*truth, lat, lon, km, votes))
            scores[f"{name}, {part}"] = score.score(*values)
    return scores


def _apart(by_path: dict[str, Judgement]) -> dict[str, dict[str, Judgement]]:
    """What each of several models said by itself, by its name."""
    found: dict[str, dict[str, Judgement]] = {}
    for path, item in by_path.items():
        for voice in item.prediction.voices:
            alone = Prediction(voice.location, voice.error_km, voice.regions)
            found.setdefault(voice.model, {})[path] = replace(item, prediction=alone)
    return found


def _judgements(outcome: list[Judgement | Trouble | None]) -> dict[str, Judgement]:
    return {item.path: item for item in outcome if isinstance(item, Judgement)}


def _columns(locations: Sequence[Location]) -> tuple[score.Floats, score.Floats]:
    return np.array([item.lat for item in locations]), np.array([item.lon for item in locations])


def _radii(by_path: dict[str, Judgement], order: Sequence[str]) -> score.Floats:
    return np.array([by_path[path].prediction.error_km for path in order])


def guesses(judged: Sequence[Judgement], name: str) -> plots.Guesses:
    """Judgements as columns, as the plots want them."""
    lat, lon = _columns([item.truth for item in judged])
    guess_lat, guess_lon = _columns([item.prediction.location for item in judged])
    return plots.Guesses(
        name=name,
        lat=lat,
        lon=lon,
        guess_lat=guess_lat,
        guess_lon=guess_lon,
        error_km=np.array([item.prediction.error_km for item in judged]),
        off_km=np.asarray(geo.distance_km(lat, lon, guess_lat, guess_lon)),
    )


COLUMNS = (
    "",
    "median km",
    "mean km",
    *(f"≤{km:,} km" for km in score.THRESHOLDS_KM),
    "GeoScore",
    "in radius",
)


def rows(scores: dict[str, score.Score]) -> list[list[str]]:
    """Scores as rows of a table with COLUMNS; shares in per cent."""
    return [
        [
            name,
            f"{value.median_km:,.0f}",
            f"{value.mean_km:,.0f}",
            *(f"{100 * value.within[km]:.1f} %" for km in score.THRESHOLDS_KM),
            f"{value.geoscore:,.0f}",
            "" if value.coverage is None else f"{100 * value.coverage:.1f} %",
        ]
        for name, value in scores.items()
    ]


def tables(evaluation: Evaluation) -> list[scoresheet.Table]:
    """The scores as people read them: with one vote for each 1-degree cell, and with one for each photo."""
    counted = next(iter(evaluation.per_photo.values()))
    return [
        scoresheet.Table(
            f"one vote for each of {counted.cells:,} 1-degree cells",
            COLUMNS,
            rows(evaluation.per_cell | evaluation.confident),
        ),
        scoresheet.Table(
            f"one vote for each of {counted.photos:,} photos", COLUMNS, rows(evaluation.per_photo)
        ),
    ]


def in_words(evaluation: Evaluation) -> list[str]:
    """The differences with their intervals, and what was left out."""
    first, second = evaluation.compared
    lines = [f"{first} minus {second}, with 95 % intervals (bootstrap over cells):"]
    for name, interval in evaluation.differences.items():
        scale = 100 if name.startswith("within") else 1
        bounds = f"{scale * interval.low:,.1f} to {scale * interval.high:,.1f}"
        lines.append(f"  {name}: {scale * interval.difference:+,.1f} ({bounds})")
    lines.append(f"{evaluation.without_position:,} photos without a position of their own were left out")
    lines += [f"failed: {trouble.path}: {trouble.message}" for trouble in evaluation.troubles]
    return lines


def draw(evaluation: Evaluation, name: str, folder: str) -> None:
    """Put plots of an evaluation and a page with its tables into a folder; `name` is the first model's."""
    drawn = guesses(evaluation.judged, name)
    scoresheet.write(drawn, tables(evaluation), in_words(evaluation), folder)


def as_json(evaluation: Evaluation) -> dict[str, object]:
    """An evaluation for programs: shares from 0 to 1, distances in km."""
    return asdict(replace(evaluation, judged=()))
