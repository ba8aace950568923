"""From a photo to its answer: read it, decode it, predict, decide, and prepare what is to be written.

Nothing here knows the journal or the order of photos, so it may happen in any thread, in any process and on
any machine that sees the archive and the model.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from geotag import decide, gather, parallel, predict, read, write
from geotag.decode import views
from geotag.errors import PhotoError
from geotag.flows import plan
from geotag.flows.ensemble import Ensemble
from geotag.flows.plan import Step
from geotag.models import shelf
from geotag.observer import Observer
from geotag.types import RAW_SUFFIXES, Frame, Policy, Position, Prediction, Record, Settings, Written


@dataclass
class Locator:
    """What locating needs to know: the user's wishes, the archive's folder, how evidence becomes an answer,
    who writes, with how many threads and how large a batch models run, how one is loaded (as by
    `predict.load`), and whom to tell.
    """

    settings: Settings
    base: str
    policy: Policy
    writer: write.Writer
    jobs: int
    batch: int
    load: Callable[..., predict.Model]
    observer: Observer
    watch: parallel.Stopwatch
    _gate: threading.Lock = field(default_factory=threading.Lock)

    @property
    def models(self) -> Ensemble:
        """The models, loaded by whoever needs them first."""
        with self._gate:
            return self._models

    @cached_property
    def _models(self) -> Ensemble:
        models = shelf.gather(self.settings.model, self.settings.device, self.jobs, self.load)
        for trouble in (*models.notes, *models.doubts):
            self.observer.warn(trouble)
        self.observer.note(
            f"model {models.title} on {models.devices}; {self.jobs} threads, batches of {self.batch}"
        )
        return models

    def look(self, step: Step) -> tuple[Step, Frame | None]:
        """Read the position a file has; decode it when that does not settle the matter."""
        looked, frame = self._look(step)
        return plan.unmoved(looked), frame

    def _look(self, step: Step) -> tuple[Step, Frame | None]:
        if not step.look:
            return self._heeding_sidecars(step), None
        record = step.record
        try:
            with self.watch.measure("read"):
                seen = read.look(self.base, record.photo, self.settings.sidecar_dir)
                if record.review is not None and self._holds(record, seen.position):
                    return replace(step, record=_seen_again(record, seen.position)), None
                if record.review is not None:
                    record = Record(record.photo, neighbours=record.neighbours)
            record = replace(record, camera=seen.position)
            if decide.stands(record, self.policy):
                return replace(step, record=decide.decide(record, self.policy)), None
            if "words" in self.policy.evidence:
                with self.watch.measure("words"):
                    record = gather.heard(self.base, record, seen.texts, step.said)
            if "picture" not in self.policy.evidence or record.prediction is not None:
                return replace(step, record=decide.decide(record, self.policy)), None
            recipes = self.models.recipes
            with self.watch.measure("decode"):
                pixels = views(seen.source, recipes)
        except PhotoError as error:
            if step.record.review is not None:
                # A file that cannot be read today may be the reviewed one again tomorrow.
                return replace(step, record=write.failed(step.record, str(error))), None
            return replace(step, record=self._unseen(record, str(error))), None
        return replace(step, record=record), Frame(record, pixels)

    def _unseen(self, record: Record, reason: str) -> Record:
        """A photo that cannot be read has failed; but no decoder knows every camera, and of a raw file the
        words may speak alone.
        """
        raw = os.path.splitext(record.photo.path)[1].lower() in RAW_SUFFIXES
        if not (raw and record.words):
            return write.failed(record, reason)
        decided = decide.decide(record, self.policy)
        return replace(decided, evidence=f"{decided.evidence}; picture not seen: {reason}")

    def _holds(self, record: Record, found: Position | None) -> bool:
        """Whether a review still speaks of a file that has changed: the picture is the same, and nobody has
        given it another position since.
        """
        review = record.review
        if review is None or self._overtaken(record, found):
            return False
        return read.picture(self.base, record.photo) == review.picture

    def _overtaken(self, record: Record, found: Position | None) -> bool:
        """Whether a camera or a person has put a position there since a photo was reviewed."""
        new = found is not None and found.machine is None
        return new and found != record.camera and not self.policy.replace_gps

    def _heeding_sidecars(self, step: Step) -> Step:
        """A photo that has not changed may have been given a position in a sidecar since."""
        if not self.writer.wants(step.record):
            return step
        camera = read.beside(self.base, step.record.photo, self.settings.sidecar_dir)
        if step.record.review is not None:
            if not self._overtaken(step.record, camera):
                return step
        elif camera is None or not camera.stands:
            return step
        record = replace(step.record, camera=camera, review=None)
        return replace(step, record=decide.decide(record, self.policy))

    def predict(self, window: list[tuple[Step, Frame | None]]) -> list[Step]:
        """Predict a window's frames in one batch, and decide."""
        frames = [frame for _, frame in window if frame is not None]
        if not frames:
            return [step for step, _ in window]
        models = self.models
        with self.watch.measure("model"):
            predictions = iter(models.predict([frame.views for frame in frames]))
        return [
            step
            if frame is None
            else plan.unmoved(replace(step, record=self._answer(frame.record, next(predictions))))
            for step, frame in window
        ]

    def _answer(self, record: Record, prediction: Prediction | None) -> Record:
        if prediction is None:
            return write.failed(
                record, "the model gave no answer that lies on the Earth; try another --model"
            )
        record = replace(record, prediction=prediction, model=self.models.identity)
        return decide.decide(record, self.policy)

    def prepare(self, record: Record) -> write.Prepared:
        """Put what is to be written for a record into verified temporary files."""
        with self.watch.measure("write"):
            return self.writer.prepare(record)


def _seen_again(record: Record, found: Position | None) -> Record:
    """A reviewed record of a file that was changed: what we wrote may have gone."""
    still = found is not None and bool(found.reviewer)
    return replace(record, camera=found, written=record.written if still else Written.NONE)
