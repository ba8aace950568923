"""A run's work on other machines, seen from a worker: windows of photos in, prepared changes out.

A worker is a process that serves one run after the other, perhaps two at a time, with as many threads as it
was given. It holds one session of a model for all of them, and neither journal nor order.
"""

from __future__ import annotations

import asyncio
import os
import platform
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial

from geotag import parallel, predict, write
from geotag.errors import ClusterError, ModelError
from geotag.files import objects, storage
from geotag.flows.locator import Locator
from geotag.flows.plan import Step
from geotag.models import pace, shelf
from geotag.observer import Silent
from geotag.types import Policy, Settings

_HANDS = 4
"""Threads that write a window's files: a file server keeps each of them waiting."""

_KEPT = 2
"""Of so many runs a worker keeps what it needs at hand: two may take turns on one cluster."""

_FAREWELL_S, _NAP_S = 30.0, 0.05
_MOUNT = "mount the archive there at the same path, for a user who may read it"

_gate = threading.RLock()
_locators: dict[str, Locator] = {}
_working: Counter[str] = Counter()
_dismissed: set[str] = set()


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know of a run, as its `Locator`, and the model's SHA-256 ("" without one).

    Paths are absolute and mean the same on every machine.
    """

    settings: Settings
    base: str
    policy: Policy
    writer: write.Writer
    batch: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Done:
    """A window as a worker hands it back: for each photo its record and the change that waits, how many were
    predicted, what the model ran on, and what a person has to know about that.
    """

    items: list[write.Prepared]
    predicted: int
    device: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker finds itself: what keeps it from working ("" if nothing does), whether it has a GPU."""

    trouble: str
    gpu: bool


def stand(job: Job, photo: str, seen: tuple[int, ...] | None) -> Standing:
    """On a worker: whether the job can be done here; `seen` is the `identity` of a photo where the run is."""
    gpu = job.settings.device != "cpu" and pace.has_gpu()
    trouble = _trouble(job)
    if not trouble and seen is not None and identity(job.base, photo) != seen:
        trouble = f"does not see {os.path.join(job.base, photo)} as this machine does; {_MOUNT}"
    return Standing(trouble, gpu)


def identity(base: str, photo: str) -> tuple[int, ...] | None:
    """What a file is to every machine that shares its file system: inode, bytes, ns; None if it is unseen.

    Objects in a bucket have no inode.
    """
    path = os.path.join(base, photo)
    try:
        found = storage.of(path).seen(path)
    except OSError:
        return None
    return getattr(found, "st_ino", 0), found.st_size, found.st_mtime_ns


def _trouble(job: Job) -> str:
    if not objects.remote(job.base) and _is_empty(job.base):
        return f"there is nothing at {job.base}; {_MOUNT}"
    if not job.sha256:
        return ""
    try:
        sha256, paths = shelf.chosen(job.settings.model)
    except ModelError as error:
        return str(error)
    other = f"{' + '.join(paths)} is another model than on this machine; give both the same --model FILE"
    return "" if sha256 == job.sha256 else other


def _is_empty(folder: str) -> bool:
    try:
        with os.scandir(folder) as listing:
            return next(listing, None) is None
    except OSError:
        return True


def work(job: Job, window: list[Step]) -> Done:
    """On a worker: locate a window of photos, and leave what is to be written in temporary files.

    One photo after the other: the cluster gives a worker as many windows as it has threads. Raises
    ClusterError when the job cannot be done here.
    """
    with _at_work(job.writer.mark) as dismissed:
        locator = _locator(job)
        looked = []
        for step in window:
            if dismissed():
                return Done([], 0)
            looked.append(locator.look(step))
        records = [step.record for step in locator.predict(looked)]
        wanted = [record for record in records if job.writer.wants(record) and not dismissed()]
        with parallel.Pool(min(_HANDS, len(wanted) or 1)) as hands:
            prepared = {item.record.photo.path: item for item in hands.map(locator.prepare, wanted)}
        items = [prepared.get(record.photo.path, write.Prepared(record)) for record in records]
        predicted = sum(frame is not None for _, frame in looked)
        if not predicted:
            return Done(items, 0)
        models = locator.models
        heard = [f"worker on {platform.node()}: {note}" for note in models.notes]
        warning = "; ".join([*heard, *models.doubts])
        return Done(items, predicted, f"model {models.title} on {models.devices}", warning)


def _locator(job: Job) -> Locator:
    """What this worker located the run's last photos with, or a new one; it keeps one of another run."""
    with _gate:
        mark = job.writer.mark
        if mark not in _locators:
            if trouble := _trouble(job):
                raise ClusterError(f"worker on {platform.node()}: {trouble}")
            _locators[mark] = Locator(
                settings=job.settings,
                base=job.base,
                policy=job.policy,
                writer=job.writer,
                jobs=1,
                batch=job.batch,
                load=partial(_loaded, job.sha256),
                observer=Silent(),
                watch=parallel.Stopwatch(),
            )
            if len(_locators) > _KEPT:
                del _locators[next(iter(_locators))]
        return _locators[mark]


def _loaded(sha256: str, path: str, *, device: str, threads: int) -> predict.Model:
    """A model as this worker holds it, from run to run; `sha256` tells a new file of the same name."""
    with _gate:
        return _held(sha256, path, device, threads)


@lru_cache(maxsize=2 * _KEPT)
def _held(sha256: str, path: str, device: str, threads: int) -> predict.Model:  # noqa: ARG001
    return predict.load(path, device=device, threads=threads)


@contextmanager
def _at_work(mark: str) -> Iterator[Callable[[], bool]]:
    """Count this thread as working for a run; gives a way to ask whether the run has ended meanwhile."""
    with _gate:
        _working[mark] += 1
    try:
        yield lambda: mark in _dismissed
    finally:
        with _gate:
            _working[mark] -= 1


async def dismiss(mark: str) -> None:
    """On a worker: begin nothing more for a run that ended early, and wait until nothing is under way."""
    _dismissed.add(mark)
    for _ in range(round(_FAREWELL_S / _NAP_S)):
        if not _working[mark]:
            return
        await asyncio.sleep(_NAP_S)
