"""What the heads of the folds say of photographs they never saw, as the tool has it: predictions with their
whole distribution.
"""

from __future__ import annotations

import numpy as np
import torch

from export.heads import Places
from export.world import Statistics, Trained, Unseen
from geotag.evidence import regions
from geotag.types import Location, Prediction, Region

_BATCH = 256


def unseen_predictions(unseen: Unseen, heads: list[Trained], statistics: Statistics) -> list[Prediction]:
    """A prediction for each photograph, by the head that never saw its cell; `statistics` [n, S] is what the
    eyes see of it as it is. A head that gives a point only gives no regions.
    """
    told: list[tuple[Region, ...]] = [()] * len(unseen.fold)
    for number, head in enumerate(heads):
        task = head.task
        if not isinstance(task, Places):
            continue
        tree = regions.partition(*task.atlas.places.T)
        test = np.flatnonzero(unseen.fold == number)
        for rows in np.array_split(test, -(-len(test) // _BATCH)):
            with torch.no_grad():
                outputs = head.head(torch.from_numpy(np.asarray(statistics[rows])).float())
                cells = torch.softmax(task.logits(outputs), dim=1).numpy()
            for row, probabilities in zip(rows.tolist(), cells, strict=True):
                told[row] = tree.regions(probabilities)
    answer = unseen.answer
    return [
        Prediction(Location(lat, lon), km, spread)
        for lat, lon, km, spread in zip(
            answer.lat.tolist(), answer.lon.tolist(), unseen.error_km.tolist(), told, strict=True
        )
    ]
