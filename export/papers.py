"""What a model file says of pictures that show no place: `python -m export.papers models/geovision.onnx`.

Pages of text, lists, plans and empty sheets, drawn here, and the dark and plain noise beside them. There is
no truth to be right about: the radius ought to be among the largest the model gives. Twenty of each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from export.int8 import session
from export.model import RECIPE

if TYPE_CHECKING:
    from geotag.types import Pixels

Draw = Callable[[Figure, np.random.Generator], None]

_EACH = 20
_INK = ("#111111", "#222233", "#3a2a1a")
_PAPER = ("#ffffff", "#f6efdd", "#e9ddc0")


def page(figure: Figure, rng: np.random.Generator, lines: int = 26) -> None:
    """A page of words that mean nothing, as long and as spaced as those of a book."""
    ink = rng.choice(_INK)
    for line in range(lines):
        words = ["".join(rng.choice(list("etaoinshrdlu"), rng.integers(2, 9))) for _ in range(11)]
        figure.text(0.08, 0.94 - 0.88 * line / lines, " ".join(words), color=ink, size=5)


def list_of_names(figure: Figure, rng: np.random.Generator) -> None:
    """A ruled table of short entries, as of a register or an index card."""
    axes = figure.add_axes((0.08, 0.06, 0.84, 0.88))
    axes.set(xticks=[], yticks=[])
    for line in np.linspace(0, 1, 24):
        axes.axhline(line, color="#555555", linewidth=0.4)
        for column in (0.02, 0.4, 0.75):
            word = "".join(rng.choice(list("etaoinshrdlu"), rng.integers(3, 10)))
            axes.text(column, line + 0.01, word, size=5, color=rng.choice(_INK))


def plan(figure: Figure, rng: np.random.Generator) -> None:
    """Walls of rooms drawn in ink, as of an architect's plan."""
    axes = figure.add_axes((0.05, 0.05, 0.9, 0.9))
    axes.axis("off")
    for _ in range(25):
        (x, y), (width, height) = rng.uniform(0, 0.8, 2), rng.uniform(0.05, 0.35, 2)
        axes.plot([x, x + width, x + width, x, x], [y, y, y + height, y + height, y], color=rng.choice(_INK))


def empty(figure: Figure, rng: np.random.Generator) -> None:
    """Nothing but the sheet and a little dirt."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.scatter(rng.uniform(0, 1, 30), rng.uniform(0, 1, 30), s=rng.uniform(0, 3, 30), color="#b0a080")


PAPERS: dict[str, Draw] = {
    "pages of text": page,
    "lists": list_of_names,
    "plans": plan,
    "empty sheets": empty,
}


def drawn(draw: Draw, rng: np.random.Generator) -> Pixels:
    """One sheet as the model takes it: uint8 [height, width, 3]."""
    inches = RECIPE.width / 100, RECIPE.height / 100
    figure = Figure(figsize=inches, dpi=100, facecolor=rng.choice(_PAPER))
    draw(figure, rng)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def dark(rng: np.random.Generator) -> Pixels:
    """A night without anything but grain, and a few lights."""
    sight = rng.normal(8, 6, (RECIPE.height, RECIPE.width, 3))
    for _ in range(rng.integers(0, 8)):
        top, left = rng.integers(0, RECIPE.height - 4, 2)
        sight[top : top + 4, left : left + 4] = 220
    return np.clip(sight, 0, 255).astype(np.uint8)


def noise(rng: np.random.Generator) -> Pixels:
    """Every point by itself."""
    return rng.integers(0, 256, (RECIPE.height, RECIPE.width, 3), dtype=np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.papers", description=__doc__)
    parser.add_argument("model", type=Path, help="a model file, .onnx")
    options = parser.parse_args()
    run, rng = session(options.model), np.random.default_rng(0)
    sheets = {name: np.stack([drawn(draw, rng) for _ in range(_EACH)]) for name, draw in PAPERS.items()}
    sheets |= {"the dark": np.stack([dark(rng) for _ in range(_EACH)])}
    sheets |= {"noise": np.stack([noise(rng) for _ in range(_EACH)])}
    print("| picture | radius, km: least | median | most | would be written at 2,500 km |")
    print("|---|---|---|---|---|")
    for name, pixels in sheets.items():
        (radius,) = run.run(["error_km"], {"image": pixels})
        least, middle, most = np.quantile(radius, [0, 0.5, 1])
        print(
            f"| {name} | {least:,.0f} | {middle:,.0f} | {most:,.0f} | {np.sum(radius <= 2500)} of {_EACH} |"
        )


if __name__ == "__main__":
    main()
