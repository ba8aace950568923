"""What a run does with photos that are not finished: look, locate, write, settle in the journal.

A finished archive loads nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from geotag import parallel, predict, write
from geotag.evidence.catalogue import Said
from geotag.flows import carry, plan
from geotag.flows.locator import Locator
from geotag.flows.plan import Step
from geotag.memory.journal import Journal
from geotag.observer import Observer
from geotag.texts import Answer
from geotag.types import Photo, Policy, Record, Settings


@dataclass
class Work:
    """What it takes: the user's wishes, the archive's folder, the journal, whom to tell, how evidence becomes
    an answer, a number for all that decides whether a photo is finished, the models' SHA-256, how many
    threads and how large a batch.
    """

    settings: Settings
    base: str
    journal: Journal
    observer: Observer
    policy: Policy
    rule: int | None
    sha256: str
    jobs: int
    batch: int
    watch: parallel.Stopwatch

    @cached_property
    def writer(self) -> write.Writer:
        """Who writes positions."""
        return write.Writer(self.base, self.settings, self.journal.mark, datetime.now(UTC).astimezone())

    @cached_property
    def locator(self) -> Locator:
        """Who finds them."""
        return Locator(
            settings=self.settings,
            base=self.base,
            policy=self.policy,
            writer=self.writer,
            jobs=self.jobs,
            batch=self.batch,
            load=predict.load,
            observer=self.observer,
            watch=self.watch,
        )

    def step(
        self,
        photo: Photo,
        known: Record | None,
        near: tuple[Answer, ...] | None,
        said: Said,
        *,
        aside: bool,
    ) -> Step | None:
        """What is to be done for a photo, as `plan.step`."""
        return plan.step(
            photo,
            known,
            self.policy,
            self.writer.wants,
            sha256=self.sha256,
            said=said,
            near=near,
            redo=self.settings.redo,
            aside=aside,
        )

    def written(self, window: list[Step], pool: parallel.Pool) -> list[Record]:
        """Write a window's answers."""
        wanted = [step.record for step in window if self.writer.wants(step.record)]
        if self.settings.touches:
            self.journal.workplaces.remember(
                folder for record in wanted for folder in self.writer.folders(record)
            )
        prepared = {item.record.photo.path: item for item in pool.map(self.locator.prepare, wanted)}
        return self.settle(
            window,
            [prepared.get(step.record.photo.path, write.Prepared(step.record)) for step in window],
            pool.map,
        )

    def settle(
        self,
        window: list[Step],
        items: list[write.Prepared],
        each: Callable[..., Iterable[write.Prepared]],
    ) -> list[Record]:
        """Let changes happen, and settle their outcome in the journal."""
        with self.watch.measure("write"):
            items = carry.out(items, self.journal, self.writer, each)
        records = [plan.finished(item.record, step.known) for item, step in zip(items, window, strict=True)]
        overtaken = [
            record.photo.path
            for record, step in zip(records, window, strict=True)
            if record.review is None and step.known is not None and step.known.review is not None
        ]
        self.journal.settle(
            [replace(record, message="") if write.remarked(record) else record for record in records],
            [item.change for item in items if item.change is not None],
            self.rule,
            overtaken,
        )
        return records
