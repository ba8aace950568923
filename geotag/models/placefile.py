"""Files beside a model that is described: where its places lie, and the vectors of a gallery of them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from geotag.errors import UsageError

MOST_PLACES = 2_000_000
MOST_BYTES = 1 << 31

Floats = NDArray[np.float64]


def coordinates(path: str, latitude: str, longitude: str) -> Floats:
    """The places of a table in degrees, float64 [K, 2], latitude first.

    A CSV file (RFC 4180, UTF-8) says them in two columns of these names, an NPY file (NumPy's format) as an
    array [K, 2]. Raises UsageError when it cannot be read, holds no places, or one that is not on the Earth.
    """
    if path.lower().endswith(".npy"):
        found = _array(path)
        if found.ndim != 2 or found.shape[1] != 2:
            raise UsageError(f"{path}: an array of shape {list(found.shape)}, not [places, 2]")
        places = np.asarray(found[: MOST_PLACES + 1], np.float64)
    else:
        places = _read_csv(path, latitude, longitude)
    if not 0 < len(places) <= MOST_PLACES:
        many = f"more than {MOST_PLACES:,}" if len(places) else "no"
        raise UsageError(f"{path}: {many} places; a model has 1 to {MOST_PLACES:,}")
    for column, (name, limit) in enumerate((("latitude", 90), ("longitude", 180))):
        wrong = np.flatnonzero(~(np.abs(places[:, column]) <= limit))
        if len(wrong):
            raise UsageError(
                f"{path}: {name} {places[wrong[0], column]:g} of place {wrong[0] + 1:,} is not between "
                f"-{limit} and {limit} degrees; are the columns swapped, or in radians?"
            )
    return places


def vectors(path: str, places: int) -> NDArray[np.float32]:
    """The vectors of a gallery, of unit length, float32 [places, D], from an NPY file of one row for each.

    Raises UsageError when it cannot be read, has other rows, or one that has no direction.
    """
    stored = _array(path)
    if stored.ndim != 2 or not stored.shape[1]:
        raise UsageError(f"{path}: an array of shape {list(stored.shape)}, not [places, dimensions]")
    if len(stored) != places:
        raise UsageError(
            f"{path}: {len(stored):,} vectors for {places:,} places; the gallery needs one for each, in order"
        )
    if 4 * stored.size > MOST_BYTES:
        raise UsageError(f"{path}: {stored.size:,} numbers are over 2 GiB, which no model in one file holds")
    # What is too large for a number becomes one without end, which has no direction.
    with np.errstate(all="ignore"):
        found = np.asarray(stored, np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
    wrong = np.flatnonzero(~(np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 0)))
    if len(wrong):
        raise UsageError(f"{path}: vector {wrong[0] + 1:,} has no direction (zero, or not finite)")
    return np.asarray(found / lengths, np.float32)


def _array(path: str) -> NDArray[Any]:
    _look(path)
    try:
        # Never pickled objects, which are programs; and no shape whose size is more than a number can hold.
        with np.errstate(over="raise"):
            found: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:
        # NumPy reads a header as Python source: a stranger's raises nearly anything.
        raise UsageError(
            f"{path}: no array of numbers in NumPy's format: {str(error)[:200]}; save it with numpy.save"
        ) from error
    if found.dtype.kind not in "fiu":
        raise UsageError(f"{path}: an array of {found.dtype}, not of numbers")
    return found


def _read_csv(path: str, latitude: str, longitude: str) -> Floats:
    _look(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(islice(_rows(path, file, latitude, longitude), MOST_PLACES + 1))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: no UTF-8; save it as CSV in UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except csv.Error as error:
        raise UsageError(f"{path}: no CSV: {error}") from error
    return np.array(rows, np.float64).reshape(len(rows), 2)


def _rows(path: str, file: TextIO, latitude: str, longitude: str) -> Iterator[tuple[float, float]]:
    reader = csv.reader(file)
    header = [name.strip() for name in next(reader, [])]
    for name in (latitude, longitude):
        if header.count(name) != 1:
            shown = ", ".join(header)[:200] or "nothing"
            raise UsageError(
                f"{path}: has no single column {name}, but {shown}; say in [places] what its columns of "
                "latitude and longitude are called"
            )
    columns = header.index(latitude), header.index(longitude)
    for cells in reader:
        if not cells:
            continue
        try:
            lat, lon = (float(cells[column]) for column in columns)
        except (ValueError, IndexError) as error:
            raise UsageError(f"{path}: line {reader.line_num:,} has no two numbers there") from error
        yield lat, lon


def _look(path: str) -> None:
    """Raise UsageError unless there is a file, of a size that a table has."""
    if not os.path.isfile(path):
        raise UsageError(f"{path}: no such file; the description names it, and means its own folder")
    if os.path.getsize(path) > MOST_BYTES:
        raise UsageError(f"{path}: over 2 GiB, which no table for a model in one file is")
