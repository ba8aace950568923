"""The models that look at a run's photos: one, or several whose opinions are pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geotag.evidence import pool
from geotag.evidence.packed import pack, unpack
from geotag.models import licence
from geotag.predict import Model
from geotag.types import Prediction, Recipe, Voice

if TYPE_CHECKING:
    from geotag.types import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """Loaded models, in the order of their SHA-256, so that it does not matter how they were named."""

    members: tuple[Model, ...]

    @property
    def title(self) -> str:
        """Names and versions, as they are written into files."""
        return " + ".join(model.card.title for model in self.members)

    @property
    def identity(self) -> str:
        """Names, versions and the SHA-256 of every model file."""
        return f"{self.title} sha256:{self.sha256}"

    @property
    def sha256(self) -> str:
        """The SHA-256 of every model file, joined by "+"."""
        return "+".join(model.card.sha256 for model in self.members)

    @property
    def paths(self) -> list[str]:
        """The model files."""
        return [model.card.path for model in self.members]

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The shape that each model wants a picture in."""
        return tuple(model.card.recipe for model in self.members)

    @property
    def devices(self) -> str:
        """What the models run on."""
        return " and ".join(dict.fromkeys(model.device for model in self.members))

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on the devices for people, each once."""
        return tuple(dict.fromkeys(model.note for model in self.members if model.note))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a person has to know of the models' licences."""
        told = ((model.card.title, licence.reservations(model.card.licence)) for model in self.members)
        return tuple(f"{title}: {doubt}" for title, doubt in told if doubt)

    def predict(self, frames: Sequence[tuple[Pixels, ...]]) -> list[Prediction | None]:
        """Locate pictures, each as one view for each model, uint8 [height, width, 3].

        None stands where a model gave no finite answer on the Earth. Raises ModelError when one breaks down.
        """
        said = [
            model.predict(np.stack([views[number] for views in frames]))
            for number, model in enumerate(self.members)
        ]
        if len(self.members) == 1:
            return said[0]
        return [self._together(each) for each in zip(*said, strict=True)]

    def _together(self, said: tuple[Prediction | None, ...]) -> Prediction | None:
        voices = [
            Voice(model.card.title, found.location, found.error_km, found.regions)
            for model, found in zip(self.members, said, strict=True)
            if found is not None
        ]
        if len(voices) < len(said):
            return None
        together = pool.pooled(voices)
        # As the journal keeps them, so that what is decided from them later is the same.
        return replace(together, regions=unpack(pack(together.regions)))
