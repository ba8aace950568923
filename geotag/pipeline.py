"""run(): the stages in order, a bounded window at a time.

    scan -> match with the journal -> read and decode -> predict -> decide -> write -> journal -> manifests

Decoding runs in threads a few windows ahead of the model, writing in a thread behind it; or all of that
happens on the workers of a cluster.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from geotag import parallel
from geotag.coarsen import leaving
from geotag.evidence import catalogue
from geotag.files import sidecars, storage
from geotag.flows import recovery, wishes
from geotag.flows.aside import Aside
from geotag.flows.rolls import Matched, Rolls
from geotag.memory.journal import Journal
from geotag.models import calibrations, pace, shelf
from geotag.observer import Observer
from geotag.renderings import manifest, report
from geotag.scan import Listing, Scan, open_archive, output_folder, walk
from geotag.texts import Answer
from geotag.types import Archive, Frame, Policy, Record, Settings, Status, Written

if TYPE_CHECKING:
    from geotag.flows.plan import Step
    from geotag.flows.work import Work
    from geotag.flows.worker import Done

WINDOWS_AHEAD = 2
_MANY = 2000

_FIX_KM = 1.0
"""Positions that people answer for as exactly as this speak for their neighbours, as a camera's do."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run leaves: photos by status and by where they were written; what this run itself did.

    `failed` counts the photos, and folders, that this run met and could not read or write. `busy` tells how
    many seconds threads were busy with each stage; stages overlap.
    """

    output: str
    statuses: Counter[Status]
    written: Counter[Written]
    predicted: int
    failed: int
    busy: dict[str, float]


def run(settings: Settings, observer: Observer) -> Summary:
    """Locate an archive's photos as `settings` ask; raises GeotagError for what ends the whole run."""
    if settings.backend != "threads" or settings.scheduler:
        from geotag.flows import crew

        crew.check(settings)
    archive = open_archive(settings.archive)
    output = output_folder(settings, archive)
    if settings.sidecar_dir is not None:
        sidecars.claim(settings.sidecar_dir, archive.base, writes=settings.touches)
    sha256, models = shelf.chosen(settings.model) if "picture" in settings.evidence else ("", [])
    listed = settings.catalogue if "words" in settings.evidence else None
    with catalogue.opened(listed) as said, Journal(output, create=True) as journal:
        if settings.catalogue:
            observer.note(f"catalogue {settings.catalogue}: {said.rows:,} rows with words about a photo")
        journal.begin(archive.base, settings.coarsen or 0.0)
        if settings.writes and not settings.dry_run:
            journal.note_wishes(wishes.of(settings))
        observer.note(f"looking through {', '.join(settings.archive)}; answers go to {output}")
        for trouble in recovery.recover(journal):
            observer.warn(trouble)
        watch = parallel.Stopwatch()
        summary = _Run(settings, archive, journal, observer, sha256, models, said, watch).go()
        outdated = not (journal.rendered and manifest.present(output))
        if outdated:
            with watch.measure("manifest"):
                manifest.render(journal.records(), output)
            journal.note_rendered()
        _map(settings, journal, observer, outdated=outdated)
        journal.finish(whole=not (settings.include or settings.exclude))
    return summary


def _map(settings: Settings, journal: Journal, observer: Observer, *, outdated: bool) -> None:
    """Draw the map where it is asked for; say so where one is there that tells of an earlier run."""
    drawn = os.path.exists(os.path.join(journal.output, report.NAME))
    if (settings.map or settings.plan) and (outdated or not drawn):
        from geotag.flows import drawing

        drawing.draw(journal, settings.jobs or parallel.cores())
    elif outdated and drawn:
        observer.note(
            f"{report.NAME} is of an earlier run: `geotag report {journal.output} --map` makes it again"
        )


@dataclass
class _Run:
    """One run's stages and what they share."""

    settings: Settings
    archive: Archive
    journal: Journal
    observer: Observer
    sha256: str
    models: list[str]
    catalogue: catalogue.Catalogue
    watch: parallel.Stopwatch
    predicted: int = 0
    failed: int = 0

    def go(self) -> Summary:
        counting = threading.Thread(target=self._count, name="count", daemon=True)
        counting.start()
        with closing(self._elsewhere() if self.settings.backend == "dask" else self._here()) as settled:
            for record in chain.from_iterable(settled):
                self.failed += record.status is Status.FAILED
                self.observer.settled(leaving(record, self.settings.coarsen or 0.0), fresh=True)
        tally = self.journal.tally()
        statuses, written = Counter[Status](), Counter[Written]()
        for (status, where), photos in tally.items():
            statuses[status] += photos
            written[where] += photos
        output, busy = self.journal.output, self.watch.seconds
        return Summary(output, statuses, written, self.predicted, self.failed, busy)

    def _here(self) -> Generator[list[Record], None, None]:
        """Windows of photos, done by threads of this process."""
        threads = self.settings.jobs or self.jobs * storage.of(self.archive.base).THREADS_PER_CORE
        with parallel.Pool(threads) as readers, parallel.Pool(threads) as writers:
            steps = parallel.windows(self._plan(), self.batch)
            looked = parallel.staged(
                lambda window: readers.map(self.work.locator.look, window), steps, WINDOWS_AHEAD
            )
            with closing(looked):
                decided = map(self._predicted, looked)
                with closing(
                    parallel.staged(lambda window: self.work.written(window, writers), decided, 1)
                ) as done:
                    yield from done

    def _elsewhere(self) -> Generator[list[Record], None, None]:
        """Windows of photos, done by the workers of a cluster; only journal and names of files stay here."""
        from geotag.flows import crew, worker

        settings = crew.portable(self.settings)
        writer = replace(self.work.writer, settings=settings)
        job = worker.Job(settings, self.archive.base, self.policy, writer, self.batch, self.sha256)
        batches = {device: self._suited(device, 1) for device in ("cpu", "cuda")}
        hands = crew.Crew(job, self.observer, batches)
        try:
            with (
                hands,
                closing(hands.locate(self._remembered(self._plan()))) as located,
                parallel.Pool(self.jobs) as movers,
                closing(parallel.staged(lambda window: self._received(*window, movers), located, 1)) as done,
            ):
                yield from done
        finally:
            recovery.sweep(self.journal, again=hands.lost)

    def _remembered(self, steps: Iterator[Step]) -> Iterator[Step]:
        """Photos of which the journal knows where a worker may put temporary files."""
        for step in steps:
            if self.settings.touches:
                self.journal.workplaces.remember(self.work.writer.folders(step.record))
            yield step

    def _received(self, window: list[Step], done: Done, movers: parallel.Pool) -> list[Record]:
        self.predicted += done.predicted
        return self.work.settle(window, done.items, movers.map)

    @cached_property
    def jobs(self) -> int:
        return self.settings.jobs or parallel.cores()

    @cached_property
    def batch(self) -> int:
        gpu = self.settings.device != "cpu" and pace.has_gpu()
        return self.settings.batch_size or self._suited("cuda" if gpu else "cpu", self.jobs)

    def _suited(self, device: str, threads: int) -> int:
        """How many photos at a time suit the models."""
        return shelf.batch(self.models, device, threads)

    @cached_property
    def policy(self) -> Policy:
        evidence, calibration = frozenset(self.settings.evidence), None
        if isinstance(self.walk, Listing) and "neighbours" in evidence:
            self.observer.note("neighbours are not asked in a bucket: it would have to be read twice")
            evidence -= {"neighbours"}
        if "picture" in evidence:
            chosen = self.models, self.sha256, self.archive.base
            calibration = calibrations.find(*chosen)
            if calibration is None and calibrations.outdated(*chosen):
                self.observer.warn(
                    "the radius is not calibrated: that was measured with another file of the model's name; "
                    f"`geotag calibrate {self.archive.base}` measures it anew"
                )
        if calibration is not None:
            measured = f"{calibration.photos} photos of {calibration.base}"
            self.observer.note(f"radius calibrated on {measured}: times {calibration.factor:.2f}")
        return Policy(self.settings.max_error_km, self.settings.replace_gps, calibration, evidence)

    @cached_property
    def rule(self) -> int | None:
        """A number for all that decides whether a photo is finished; none where nothing ever is."""
        if self.settings.dry_run:
            return None
        policy, evidence = replace(self.policy, evidence=frozenset()), sorted(self.policy.evidence)
        written = self.settings.writes, self.settings.embeds, self.settings.plan
        chosen = (evidence, written, self.catalogue.sha256)
        text = repr((self.sha256, policy, *chosen))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")

    @cached_property
    def work(self) -> Work:
        # A finished archive needs nothing of it, and neither NumPy nor Pillow.
        from geotag.flows.work import Work

        return Work(
            settings=self.settings,
            base=self.archive.base,
            journal=self.journal,
            observer=self.observer,
            policy=self.policy,
            rule=self.rule,
            sha256=self.sha256,
            jobs=self.jobs,
            batch=self.batch,
            watch=self.watch,
        )

    @cached_property
    def walk(self) -> Scan | Listing:
        output = os.path.realpath(self.journal.output)
        globs = self.settings.include, self.settings.exclude
        return walk(self.archive, *globs, output, self._unreadable)

    @cached_property
    def aside(self) -> Aside:
        since = None if isinstance(self.walk, Listing) else self.journal.heeded
        return Aside(self.archive.base, self.settings.sidecar_dir, since, self.journal.record)

    def _count(self) -> None:
        photos = self.walk.total()
        if photos is not None:
            self.observer.total(photos)

    def _unreadable(self, folder: str, error: OSError) -> None:
        self.failed += 1
        self.observer.warn(f"{folder}: cannot be listed: {error.strerror}; its photos were passed over")

    def _plan(self) -> Iterator[Step]:
        rule = None if self.settings.redo else self.rule
        found_finished: list[str] = []
        matched = self.aside.heeding(self.journal.match(self.walk.photos(), rule, gone=self.walk.gone))
        for (photo, known, finished), near in self._joined(matched):
            if finished:
                self.observer.settled(Record(photo), fresh=False)
                continue
            said, aside = self.catalogue.said(photo.path), self.aside.changed(photo.path)
            step = self.work.step(photo, known, near, said, aside=aside)
            if step is not None:
                yield step
            elif known is not None:
                self.observer.settled(leaving(known, self.settings.coarsen or 0.0), fresh=False)
                found_finished.append(photo.path)
                if len(found_finished) >= _MANY:
                    self.journal.note_finished(found_finished, self.rule)
                    found_finished = []
        self.journal.note_finished(found_finished, self.rule)

    def _joined(self, matched: Iterator[Matched]) -> Iterator[tuple[Matched, tuple[Answer, ...] | None]]:
        """Each photo with what its neighbours say, None where they do not count."""
        if "neighbours" not in self.policy.evidence:
            return ((item, None) for item in matched)
        base, folder = self.archive.base, self.settings.sidecar_dir
        reviewed = self.journal.reviews.places(_FIX_KM)
        return Rolls(base, folder, self.jobs, self.watch, self.journal.record, reviewed).joined(matched)

    def _predicted(self, window: list[tuple[Step, Frame | None]]) -> list[Step]:
        steps = self.work.locator.predict(window)
        self.predicted += sum(frame is not None for _, frame in window)
        return steps
