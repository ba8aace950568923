"""From statistics to answers: members trained on some photographs, joined, and tried on others.

A prediction used for a figure or for the radius always comes from heads that saw neither the photograph, nor
its cell, nor its sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.connected import Ensemble, Head, Network, Readout, joined
from export.fit import Config, Rows, standard, train_head
from export.heads import MEMBERS, Answer, Places, Regressor, Task, build_atlas
from export.index import Index, folds
from export.lens import Floats, Lens, grind, read_places
from export.likeness import FEW, own_sight, read_likeness
from export.model import FADED
from export.radius import Curve, calibrate
from export.sampling import shares
from export.views import Seen
from geotag.geo import distance_km
from geotag.score import constant_guess, one_vote_each, quantile

_WORLD = Config(head="places", views=3, ridge=2.0)
_REGION = Config(head="likeness", views=1, ridge=0.1)
"""What suits by default. The pictures of one archive look alike: guises would cost more than they teach."""

Statistics = NDArray[np.float16]
Answers = Callable[[Statistics], Answer]
"""From what the eyes saw of n photographs, [n, STATISTICS], to answers."""

_CLOSED = {"readout": read_places, "likeness": read_likeness}
"""Heads in closed form, by name."""

FOLDS = 5
_FAR = 10.0
"""Medians of that distance that a photograph counts for at most; half the turn of the Earth is no more than
this for photographs of the whole world.
"""

BANDS, BAND_PHOTOS = 9, 60
"""Bands of confidence that the radius is calibrated in, three for each third that is reported: fewer where a
band would hold fewer photographs than this."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A joined head, and the task that reads its outputs."""

    head: Network
    task: Task


def train(index: Index, seen: Seen, rows: Rows, config: Config, folder: Path | None = None) -> Trained:
    """Train a head on some rows; `folder` takes the checkpoints of its networks.

    The heads `readout` and `likeness` have none: they are found at once.
    """
    config = settled(config, index)
    share = shares(index.cell[rows], config.cap)
    task = _task(config, index.lat[rows], index.lon[rows], share)
    inputs = np.ascontiguousarray(seen.statistics[rows])
    standards = standard(inputs, share)
    sight = cache(partial(_sight, index, seen, inputs, rows, config, standards))

    def one(name: str) -> Head | Readout:
        if name in _CLOSED and isinstance(task, Places):
            return _CLOSED[name](*sight(), share, task.target, task.prior, config.ridge)
        return _networks(
            inputs, standards, share, task, config, folder, index.fingerprint() if folder else ""
        )

    if config.head != "ensemble":
        return Trained(one(config.head), task)
    return Trained(Ensemble([one(name) for name in MEMBERS]).eval(), task)


def _networks(
    inputs: Statistics,
    standards: tuple[Tensor, Tensor],
    share: NDArray[np.float64],
    task: Task,
    config: Config,
    folder: Path | None,
    data: str,
) -> Head:
    """Networks that differ in their seeds, joined."""
    views = torch.from_numpy(inputs)

    def see(chosen: Rows, rng: np.random.Generator) -> Tensor:
        guise = torch.from_numpy(rng.integers(views.shape[1], size=len(chosen)))
        return views[torch.from_numpy(chosen), guise].float()

    members = []
    for number in range(config.members):
        seed = config.seed * 1000 + number
        torch.manual_seed(seed)
        head = Head(*standards, config.hidden, task.outputs, config.dropout)
        checkpoint = folder / f"member-{number:02d}.pt" if folder else None
        members.append(train_head(head, task, see, share, config, seed, checkpoint, data))
    return joined(members)


def settled(config: Config, index: Index) -> Config:
    """The configuration with what suits few photographs or many, where it leaves that open."""
    few = config.head == "auto" and len(index) <= FEW
    usual = _REGION if few else _WORLD
    head = usual.head if config.head == "auto" else config.head
    return replace(config, head=head, views=config.views or usual.views, ridge=config.ridge or usual.ridge)


def _sight(
    index: Index, seen: Seen, inputs: Statistics, rows: Rows, config: Config, standards: tuple[Tensor, Tensor]
) -> tuple[Lens, Floats]:
    """A lens, and what is seen through it: a teacher's sight if there is one, else the eyes' own."""
    if seen.taught is not None:
        group, taught = index.group[rows], seen.taught[rows]
        return grind(inputs, group, taught, *standards, config.taught, config.penalty)
    if config.head == "likeness":
        return own_sight(inputs, *standards, config.most_places)
    raise SystemExit(f"--head {config.head} learns a teacher's sight: name its weights with --teacher")


def _task(
    config: Config, lat: NDArray[np.float64], lon: NDArray[np.float64], share: NDArray[np.float64]
) -> Task:
    if config.head in ("regressor", "euclidean"):
        return Regressor(lat, lon, share, euclidean=config.head == "euclidean")
    atlas = build_atlas(lat, lon, share, config.most_places, scale_km(lat, lon, share), config.power)
    return Places(lat, lon, atlas, share, config.expected, levels=config.head == "cells")


def scale_km(lat: NDArray[np.float64], lon: NDArray[np.float64], share: NDArray[np.float64]) -> float:
    """How far off the best constant guess for a region's photographs is on average, in km."""
    away = distance_km(lat, lon, *constant_guess(lat, lon, share))
    # One photograph with a wrong place, across an ocean, must not stretch the scale of a town.
    limit = _FAR * quantile(away, share, 0.5) or away.max()
    return float(np.minimum(away, limit) @ share)


def answer(trained: Trained, statistics: Statistics) -> Answer:
    """Answers for what the eyes saw of n photographs in one guise, [n, STATISTICS]."""
    with torch.no_grad():
        return trained.task.answer(trained.head(torch.from_numpy(np.asarray(statistics)).float()))


@dataclass(frozen=True, slots=True)
class Unseen:
    """Answers for every photograph from heads that never saw its cell, and the fold it was tested in.

    `error_km` is calibrated for each fold on the other folds; `constant_lat` and `constant_lon` are the best
    constant guess of the training photographs. All [n].
    """

    answer: Answer
    error_km: NDArray[np.float64]
    constant_lat: NDArray[np.float64]
    constant_lon: NDArray[np.float64]
    fold: Rows


def cross_fit(index: Index, seen: Seen, config: Config, heads: list[Trained] | None = None) -> Unseen:
    """Train on all folds but one, answer for that one, for each fold in turn (FOLDS times the work).

    The heads of the folds are appended to `heads`, where it is given.
    """
    fold = folds(index, FOLDS, config.seed)
    constant = np.zeros((2, len(index)))
    trained = []
    for number in range(FOLDS):
        rows = np.flatnonzero(fold != number)
        trained.append(train(index, seen, rows, config))
        share = shares(index.cell[rows], config.cap)
        guess = constant_guess(index.lat[rows], index.lon[rows], share)
        constant[:, fold == number] = np.array(guess)[:, None]
    if heads is not None:
        heads += trained
    found = answer_folds(fold, [partial(answer, one) for one in trained], seen.statistics[:, 0], seen.faded)
    return Unseen(found, radii(index, found, found, fold), constant[0], constant[1], fold)


def answer_folds(
    fold: Rows, heads: Sequence[Answers], statistics: Statistics, faded: NDArray[np.float32]
) -> Answer:
    """Answers for statistics [n, STATISTICS], each photograph's by the head that never saw its fold.

    How faded the photographs are, [n], adds to their doubt.
    """
    values = np.zeros((3, len(fold)))
    for number, head in enumerate(heads):
        test = np.flatnonzero(fold == number)
        found = head(statistics[test])
        values[:, test] = found.lat, found.lon, found.doubt
    return Answer(values[0], values[1], values[2] + FADED * faded)


def with_answers(index: Index, unseen: Unseen, found: Answer) -> Unseen:
    """The same cross-fit with other answers, the radii calibrated on these."""
    return replace(unseen, answer=found, error_km=radii(index, found, found, unseen.fold))


def curve(index: Index, found: Answer, rows: Rows) -> Curve:
    """The radius curve from the answers for some rows."""
    km = distance_km(index.lat[rows], index.lon[rows], found.lat[rows], found.lon[rows])
    votes = one_vote_each(index.cell[rows])
    return calibrate(found.doubt[rows], km, votes, min(BANDS, max(1, len(rows) // BAND_PHOTOS)))


def radii(index: Index, calibration: Answer, found: Answer, fold: Rows) -> NDArray[np.float64]:
    """Radii in km [n] for answers, each by the curve that `calibration` gives on the other folds."""
    km = np.zeros(len(index))
    for number in range(FOLDS):
        test = fold == number
        km[test] = curve(index, calibration, np.flatnonzero(~test))(found.doubt[test])
    return km
