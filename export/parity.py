"""Whether files say what GeoCLIP says: `python -m export.parity geoclip.onnx --photos ../shared/photos`.

Every photograph goes through `GeoCLIP.predict` and, by `geotag`'s own decoding, through each file. The
table says for how many the first place is the same, and how far the scores of all places lie apart, as
probabilities and as cosines. Fails where a first place differs or a score is off by more than a thousandth.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from export import backbone, gallery, readers
from geotag import predict
from geotag.decode import decode
from geotag.geo import distance_km

if TYPE_CHECKING:
    from geoclip import GeoCLIP

Floats = NDArray[np.float32]

CLOSE = 1e-3
_BATCH = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of n photographs: first places [n, 2] in degrees, probabilities [n, K] of all places.

    The places are in the order of their coordinates, so that those of two sources lie side by side.
    """

    first: Floats
    chances: Floats


@dataclass(frozen=True, slots=True)
class Match:
    """How one source's answers agree with another's.

    `same` are the photographs with the same first place, of which there are `distinct`; `km` is how far first
    places lie apart at most, `odds` how much likelier the first's was by its own account. `chance` and
    `cosine` are the largest differences of a score.
    """

    photographs: int
    same: int
    distinct: int
    km: float
    odds: float
    chance: float
    cosine: float

    def holds(self) -> bool:
        """Whether every first place is the same, and every score as good as."""
        return self.same == self.photographs and max(self.chance, self.cosine) <= CLOSE


class Known(nn.Module):  # type: ignore[misc]
    """The location encoder with what it says of the gallery, which never changes, looked up: [K, D]."""

    def __init__(self, features: Tensor) -> None:
        super().__init__()
        self.register_buffer("features", features)

    def forward(self, location: Tensor) -> Tensor:
        if len(location) != len(self.features):
            raise ValueError("asked for other places than the gallery's")
        return self.features


def photographs(folder: Path, count: int) -> Iterator[bytes]:
    """So many photographs, spread evenly over the tar files or, without any, the files of a folder.

    Raises SystemExit where there are fewer.
    """
    members = list(readers.members(folder).values()) if any(folder.glob("*.tar")) else []
    members += [] if members else [(path, 0, -1) for path in sorted(folder.rglob("*")) if path.is_file()]
    if len(members) < count:
        raise SystemExit(f"{folder}: {len(members)} photographs, not {count}; say how many with --count")
    for number in np.linspace(0, len(members) - 1, count).astype(int).tolist():
        path, offset, size = members[number]
        with path.open("rb") as file:
            file.seek(offset)
            yield file.read(size)


def of_geoclip(model: GeoCLIP, pictures: Sequence[bytes]) -> Said:
    """What `GeoCLIP.predict` says of pictures, all places asked for."""
    order = _order(model.gps_gallery.numpy())
    first, chances = [], []
    for picture in pictures:
        places, sure = (value.numpy() for value in model.predict(io.BytesIO(picture), len(order)))
        first.append(places[0])
        chances.append(sure[_order(places)])
        print(".", end="", flush=True)
    print()
    return Said(np.stack(first), np.stack(chances))


def of_file(path: Path, places: Floats, pictures: Sequence[bytes]) -> Said:
    """What a model file says of pictures, as `geotag` decodes and asks; `places` are the gallery's [K, 2]."""
    model = predict.load(str(path), device="cpu", threads=1)
    order, first, chances = _order(places), [], []
    for start in range(0, len(pictures), _BATCH):
        batch = np.stack([decode(one, model.card.recipe) for one in pictures[start : start + _BATCH]])
        answers, cells = model.session.run(["coordinates", "cells"], {"image": batch})
        first.append(answers)
        chances.append(cells[:, order])
        print("." * len(batch), end="", flush=True)
    print()
    return Said(np.concatenate(first), np.concatenate(chances))


def _order(places: Floats) -> NDArray[np.intp]:
    """Places [K, 2] by their coordinates; those that are there twice are alike, so that any order will do."""
    return np.lexsort(places.T)


def match(said: Said, by: Said, scale: float) -> Match:
    """How one source's answers agree with another's; `scale` is what cosines were multiplied with."""
    same = np.all(said.first == by.first, axis=1)
    rows = np.arange(len(same))
    lost = said.chances.max(axis=1) / said.chances[rows, by.chances.argmax(axis=1)]
    # A probability's logarithm is the score, but for what all places of a photograph share.
    apart = np.log(np.maximum(by.chances, 1e-30)) - np.log(np.maximum(said.chances, 1e-30))
    apart -= np.median(apart, axis=1, keepdims=True)
    return Match(
        photographs=len(same),
        same=int(same.sum()),
        distinct=len(np.unique(said.first, axis=0)),
        km=float(distance_km(*said.first.T, *by.first.T).max()),
        odds=float(lost.max()),
        chance=float(np.abs(by.chances - said.chances).max()),
        cosine=float(np.abs(apart).max() / scale),
    )


def table(matches: dict[str, Match]) -> list[str]:
    """Matches by file as lines for people."""
    lines = ["file                      photographs  same first (distinct)  km apart  odds   chance   cosine"]
    lines += [
        f"{name:<25} {found.photographs:>11}  {found.same:>10} {f'({found.distinct})':>10}  {found.km:>8.1f}"
        f"  {found.odds:>4.2f}  {found.chance:.1e}  {found.cosine:.1e}"
        for name, found in matches.items()
    ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.parity", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="model files of export.from_geoclip")
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs, or of tar files")
    parser.add_argument("--count", type=int, default=200, help="how many photographs [200]")
    backbone.arguments(parser)
    options = parser.parse_args()
    pictures = list(photographs(options.photos, options.count))
    model = backbone.load(options.backbone, options.random_backbone)
    places, scale = model.gps_gallery.numpy(), float(model.logit_scale.detach().exp())
    model.location_encoder = Known(gallery.embed(model.location_encoder, model.gps_gallery))
    with torch.no_grad():
        said = of_geoclip(model, pictures)
    del model
    matches = {path.name: match(said, of_file(path, places, pictures), scale) for path in options.files}
    print("\n".join(table(matches)))
    if not all(found.holds() for found in matches.values()):
        raise SystemExit(f"not the same: a first place differs, or a score by more than {CLOSE:g}")


if __name__ == "__main__":
    main()
