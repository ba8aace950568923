"""Eyes that cost less: `python -m export.slim --photos ../shared/photos --init WEIGHTS --out work/eyes.onnx`.

Every convolution becomes two: fewer kernels of its size, and from what these say all its channels, with
kernels of one pixel. They are found in closed form, layer after layer, so that on photographs the responses
come as near to those of the whole eyes as so few kernels allow, in spite of what the layers before have lost
(Zhang et al. 2015, "Accelerating very deep convolutional networks", 3.1 and 3.3). A head is trained behind
them as behind any others: `python -m export.train --init work/eyes.onnx`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from export import views
from export.bundle import load_eyes
from export.int8 import export_float, spread, two
from export.model import RECIPE, Eyes
from export.train import arguments, read

KERNELS = {0: 32, 4: 96, 8: 128, 10: 128, 12: 96}
"""How many kernels of its own size each convolution keeps, by its number among the layers."""

_VIEWS = 2
"""The photographs as they are and one augmented guise."""

_QUIET = 0.03
"""A channel that hardly moves counts as if it moved by this part of what channels do on average."""

_RIDGE = 1e-6
"""Added to the responses' own covariances, as a part of their mean, so that they can be solved."""


def slim(eyes: Eyes, images: list[Tensor], kernels: dict[int, int]) -> tuple[Eyes, dict[int, float]]:
    """The eyes with so many kernels by layer, and how much of each layer's responses is lost, from 0 to 1.

    `images` are batches of pixels [n, height, width, 3] from 0 to 255; some hundred photographs are enough.
    """
    thin, lost = Eyes(kernels), {}
    exact = near = [image.permute(0, 3, 1, 2).float() for image in images]
    with torch.no_grad():
        for number, layer in enumerate(eyes.features):
            exact = [layer(maps) for maps in exact]
            if number in kernels:
                found = _responses(exact, [layer(maps) for maps in near])
                lost[number] = _factorise(layer, thin.features[number], found)
            else:
                thin.features[number].load_state_dict(layer.state_dict())
            near = [thin.features[number](maps) for maps in near]
    thin.eval()
    return thin, lost


@dataclass(frozen=True, slots=True)
class _Responses:
    """What a convolution of C channels says before it is rectified, as moments in float64.

    `wanted` [C] and `given` [C] are means: in the whole eyes, and of the whole kernels behind slim layers;
    `cross` [C, C] are covariances of wanted with given, `own` [C, C] those of given, `variance` [C] is that
    of wanted and `moves` [C] how much it moves once rectified.
    """

    wanted: Tensor
    given: Tensor
    cross: Tensor
    own: Tensor
    variance: Tensor
    moves: Tensor


def _responses(wanted: list[Tensor], given: list[Tensor]) -> _Responses:
    """Moments of maps [n, C, height, width], all pixels alike."""
    count, sums = 0, [torch.zeros((), dtype=torch.float64)] * 7
    for maps in zip(wanted, given, strict=True):
        one, other = (values.transpose(0, 1).flatten(1).double() for values in maps)
        fired = torch.relu(one)
        flat = (values.sum(dim=1) for values in (one, other, one * one, fired, fired * fired))
        sums = [old + value for old, value in zip(sums, (*flat, one @ other.T, other @ other.T), strict=True)]
        count += one.shape[1]
    first, second, square, fired, fires, cross, own = (value / count for value in sums)
    return _Responses(
        first,
        second,
        cross - torch.outer(first, second),
        own - torch.outer(second, second),
        square - first * first,
        torch.sqrt(torch.relu(fires - fired * fired)),
    )


def _factorise(whole: nn.Conv2d, factors: nn.Sequential, found: _Responses) -> float:
    """Fill both factors of a convolution by reduced-rank regression (Izenman 1975); returns the share lost.

    Every channel counts by how much it moves once rectified.
    """
    few, many = factors
    scale = 1 / (found.moves + _QUIET * found.moves.mean())
    kept = torch.zeros((), dtype=torch.float64)
    outputs, rank = len(whole.weight) // whole.groups, len(few.weight) // whole.groups
    for group in range(whole.groups):
        rows, thin = (slice(group * size, (group + 1) * size) for size in (outputs, rank))
        own, cross = found.own[rows, rows], found.cross[rows, rows] * scale[rows, None]
        ridge = _RIDGE * own.diagonal().mean() * torch.eye(outputs, dtype=torch.float64)
        best = torch.linalg.solve(own + ridge, cross.T).T
        values, axes = torch.linalg.eigh(best @ cross.T)
        kept += values[-rank:].sum()
        first, second = axes[:, -rank:].T @ best, axes[:, -rank:] / scale[rows, None]
        few.weight[thin] = (first @ whole.weight[rows].flatten(1).double()).view_as(few.weight[thin]).float()
        many.weight[rows] = second[:, :, None, None].float()
        away = found.given[rows] - whole.bias[rows]
        many.bias[rows] = (found.wanted[rows] - second @ (first @ away)).float()
    return 1 - float(kept / (scale * scale * found.variance).sum())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.slim", description=__doc__)
    arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("work/eyes.onnx"), help="the file to write")
    options = parser.parse_args()
    photos, eyes = read(options.photos, options.layout, options.kinds, options.cell), load_eyes(options.init)
    images = [
        torch.from_numpy(batch)
        for number in range(_VIEWS)
        for batch in spread(views.pixels(photos, number, options.seed), _VIEWS * len(photos))
    ]
    thin, lost = slim(eyes, images, KERNELS)
    for number, share in lost.items():
        print(f"convolution {number}: {KERNELS[number]} kernels lose {100 * share:.1f} % of the responses")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    image = two(RECIPE.height, RECIPE.width, 3, kind=torch.uint8)
    export_float(thin, options.out, image, "image", ("statistics",))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
