"""Pictures made smaller while they arrive piece by piece, so that none ever lies in memory whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Shrunk:
    """A picture of `height` x `width` pixels, averaged over boxes as large as leave `side` or more pixels on
    its shorter side (the picture as it is where that is shorter than twice `side`).

    Boxes differ by at most one pixel in height or width, so that together they cover all of the picture and
    nothing else. `high` and `low` are the extremes of all samples that came, before they were averaged.
    """

    def __init__(self, height: int, width: int, channels: int, side: int) -> None:
        factor = max(1, min(height, width) // side)
        self._rows, self._columns = _edges(height, factor), _edges(width, factor)
        self._sums = np.zeros((len(self._rows) - 1, len(self._columns) - 1, channels), np.float32)
        self.low, self.high = np.inf, -np.inf

    @property
    def nbytes(self) -> int:
        """What the small picture takes, in bytes."""
        return self._sums.nbytes

    @property
    def channels(self) -> int:
        """Samples of a pixel."""
        return self._sums.shape[2]

    def add(self, piece: NDArray[Any], top: int, left: int, channel: int = 0) -> None:
        """Take in samples [height, width, channels] whose first lies at row `top` and column `left` of the
        picture and in `channel`; what reaches beyond the picture is left out.
        """
        piece = piece[: self._rows[-1] - top, : self._columns[-1] - left]
        if not piece.size:
            return
        if piece.dtype != np.uint8:
            self.low, self.high = min(self.low, float(piece.min())), max(self.high, float(piece.max()))
        height, width, channels = piece.shape
        first_row, row_starts = _starts(self._rows, top, height)
        first_column, column_starts = _starts(self._columns, left, width)
        exact = np.uint32 if piece.dtype.kind in "bu" and piece.dtype.itemsize <= 2 else np.float64
        columns = slice(first_column, first_column + len(column_starts))
        for row, (start, end) in enumerate(
            zip(row_starts, [*row_starts[1:], height], strict=True), first_row
        ):
            # Row after row of neighbouring samples is ten times as fast as `reduceat` down the columns.
            line = piece[start:end].sum(axis=0, dtype=exact)
            boxes = np.add.reduceat(line, column_starts, axis=0, dtype=np.float64)
            self._sums[row, columns, channel : channel + channels] += boxes

    def mean(self) -> NDArray[np.float32]:
        """The small picture, [height, width, channels]; what never came is 0. Ends the adding."""
        self._sums /= np.diff(self._rows).astype(np.float32)[:, None, None]
        self._sums /= np.diff(self._columns).astype(np.float32)[None, :, None]
        return self._sums


def _edges(length: int, factor: int) -> NDArray[np.int64]:
    boxes = length // factor
    return (np.arange(boxes + 1) * length + boxes // 2) // boxes


def _starts(edges: NDArray[np.int64], at: int, length: int) -> tuple[int, NDArray[np.int64]]:
    """The first box that `length` samples from `at` on touch, and where in them each box begins."""
    first = int(np.searchsorted(edges, at, "right")) - 1
    end = int(np.searchsorted(edges, at + length, "left"))
    return first, np.maximum(edges[first:end] - at, 0)
