"""Two models together on places that neither saw: `python -m export.evaluate_pair --photos ... --heads A B`.

    python -m export.evaluate_pair --photos ../shared/photos --init WEIGHTS --teacher WEIGHTS --views 2

Each is a head of `export.train` behind the same int8 eyes (`ensemble` is the shipped one) or `googlenet`, the
readout of the teacher's own sight: other eyes. Five folds by cell and sequence, one vote a cell; what two say
is pooled by `geotag/evidence/pool.py`, as `geotag run --model a --model b` does. Printed are each model and
every two of them together, less the better one, with 95 % intervals (paired bootstrap over cells).
`--copies` pools each model with itself.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from export import opinions, shipped, teacher, world
from export.bundle import load_eyes
from export.index import Index
from export.model import Eyes
from export.tables import thirds
from export.train import arguments, config, gather, read
from export.views import Seen
from geotag import geo, score
from geotag.evidence import pool
from geotag.types import Prediction, Voice

OTHER_EYES = "googlenet"


def predictions(kind: str, options: argparse.Namespace, photos: Index, eyes: Eyes) -> list[Prediction]:
    """What models of a kind say of every photograph, each trained without its cell."""
    chosen = replace(config(options), head="readout" if kind == OTHER_EYES else kind)
    heads: list[world.Trained] = []
    seen = gather(options, photos, eyes, True)
    if kind == OTHER_EYES:
        sight = teacher.statistics(photos, teacher.load(options.teacher), options.cache)
        unseen = world.cross_fit(photos, Seen(sight[:, None], seen.faded, sight), chosen, heads)
        return opinions.unseen_predictions(unseen, heads, sight)
    unseen = world.cross_fit(photos, seen, chosen, heads)
    small = shipped.statistics(photos, eyes, options.cache)[:, 0]
    answers = [partial(world.answer, head) for head in heads]
    found = world.answer_folds(unseen.fold, answers, small, seen.faded)
    return opinions.unseen_predictions(world.with_answers(photos, unseen, found), heads, small)


def together(one: list[Prediction], other: list[Prediction]) -> list[Prediction]:
    """Both models' opinions of each photograph, pooled."""
    return [
        pool.pooled(
            [Voice("a", a.location, a.error_km, a.regions), Voice("b", b.location, b.error_km, b.regions)]
        )
        for a, b in zip(one, other, strict=True)
    ]


def columns(said: list[Prediction]) -> tuple[score.Floats, score.Floats, score.Floats]:
    """Latitudes, longitudes and radii in km, [n] each."""
    lat, lon, km = np.array([(item.location.lat, item.location.lon, item.error_km) for item in said]).T
    return lat, lon, km


def row(name: str, photos: Index, said: list[Prediction]) -> score.Floats:
    """Print a line of the table; how far off each answer is, in km."""
    lat, lon, km = columns(said)
    votes = score.one_vote_each(photos.cell)
    found = score.score(photos.lat, photos.lon, lat, lon, km, votes)
    off = geo.distance_km(photos.lat, photos.lon, lat, lon)
    parts = " ".join(f"{share:.0f}" for share in thirds(off, km, votes))
    assert found.coverage is not None
    print(
        f"{name:28}{found.median_km:8,.0f}{found.mean_km:8,.0f}{100 * found.within[750]:8.1f}"
        f"{100 * found.within[2500]:8.1f}{found.geoscore:8.0f}{100 * found.coverage:8.1f}  ({parts})",
        flush=True,
    )
    return np.asarray(off)


def against(name: str, photos: Index, pooled_km: score.Floats, alone_km: score.Floats) -> None:
    """Print how much both together are better than one."""
    print(f"  both less {name}, 95 % intervals:")
    for figure, found in score.compare(pooled_km, alone_km, photos.cell).items():
        scale, unit = (100, "points") if figure.startswith("within") else (1, "")
        low, high = scale * found.low, scale * found.high
        print(f"    {figure:12}{scale * found.difference:+9.1f} ({low:+.1f} to {high:+.1f}) {unit}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.evaluate_pair", description=__doc__)
    arguments(parser)
    parser.set_defaults(views=3)
    parser.add_argument("--heads", nargs="+", default=["ensemble", OTHER_EYES])
    parser.add_argument("--copies", action="store_true", help="each model with itself, too")
    options = parser.parse_args()
    photos, eyes = read(options.photos, options.layout, options.kinds, options.cell), load_eyes(options.init)
    votes = score.one_vote_each(photos.cell)
    print(f"{len(photos)} photographs, {len(np.unique(photos.cell))} cells, places that no model saw")
    print(f"{'':28}{'median':>8}{'mean':>8}{'750 %':>8}{'2500 %':>8}{'GeoSc.':>8}{'inside':>8}  (thirds)")
    said = {kind: predictions(kind, options, photos, eyes) for kind in options.heads}
    off = {kind: row(kind, photos, found) for kind, found in said.items()}
    for pair in combinations(options.heads, 2):
        pooled = row(" + ".join(pair), photos, together(*(said[kind] for kind in pair)))
        better = max(pair, key=lambda kind: float(np.average(score.geoscore(off[kind]), weights=votes)))
        against(better, photos, pooled, off[better])
    for kind in options.heads if options.copies else ():
        row(f"{kind} + its copy", photos, together(said[kind], said[kind]))


if __name__ == "__main__":
    main()
