"""Two continents that statistics tell apart, for tests of training that take seconds."""

from pathlib import Path

import numpy as np

from export.fit import Config
from export.index import Index, Tagged, build
from export.model import STATISTICS
from export.views import Seen

SMALL = Config(head="places", hidden=8, members=1, steps=60, batch=32, rate=1e-2, views=2)


def toy(count: int = 160) -> tuple[Index, Seen]:
    """Photographs whose statistics tell the continent: two clouds of places, two clouds of numbers."""
    rng = np.random.default_rng(0)
    side = rng.integers(2, size=count)
    lat, lon = (
        np.where(side, 45, -20) + rng.uniform(-9, 9, count),
        np.where(side, 5, 135) + rng.uniform(-9, 9, count),
    )
    index = build(Tagged(Path("x.jpg"), str(n), lat[n], lon[n], "toy") for n in range(count))
    seen = rng.normal(0, 1, (count, 2, STATISTICS)).astype(np.float16)
    seen[:, :, :40] += 3 * side[:, None, None].astype(np.float16)
    return index, Seen(seen, np.zeros(count, np.float32))


def taught_toy(count: int = 160) -> tuple[Index, Seen]:
    """Photographs that tell the continent weakly, among thousands of numbers; a teacher sees it plainly."""
    index, seen = toy(count)
    rng = np.random.default_rng(3)
    side = (index.lat > 10)[:, None].astype(np.float32)
    weak = rng.normal(0, 1, (count, 2, STATISTICS)).astype(np.float32)
    weak[:, :, :300] += 0.5 * side[:, None]
    taught = (4 * side + rng.normal(0, 0.3, (count, 30))).astype(np.float16)
    return index, Seen(weak.astype(np.float16), seen.faded, taught)
