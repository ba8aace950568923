"""Tables of places and galleries of vectors, sound, wrong and hostile."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geotag.errors import UsageError
from geotag.models import placefile
from tests.guests import npy


class Program:
    """What a stranger would like to be run by whoever unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("pwned"),))


def written(tmp_path: Path, content: bytes | str, name: str = "cells.csv") -> str:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def places(path: str) -> list[list[float]]:
    return [[float(lat), float(lon)] for lat, lon in placefile.coordinates(path, "latitude", "longitude")]


@pytest.mark.parametrize(
    "content",
    [
        "latitude,longitude\n1,2\n-3.5,180\n",
        "\ufeffid, longitude ,latitude\r\n0,2,1\r\n\r\n1,180,-3.5\r\n",
        '"latitude","longitude"\n"1","2"\n"-3.5","180"\n',
    ],
)
def test_a_csv_file(tmp_path: Path, content: str) -> None:
    assert places(written(tmp_path, content)) == [[1, 2], [-3.5, 180]]


def test_an_array(tmp_path: Path) -> None:
    for kind in (np.float64, np.float32, np.int16):
        assert places(written(tmp_path, npy(np.array([[1, 2], [3, 4]], kind)), "a.NPY")) == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "has no single column latitude, but nothing"),
        ("lat,lon\n1,2\n", r"has no single column latitude, but lat, lon; say in \[places\]"),
        ("latitude,latitude,longitude\n1,2,3\n", "has no single column latitude"),
        ("latitude,longitude\n", "no places"),
        ("latitude,longitude\n1,2\nx,2\n", "line 3 has no two numbers there"),
        ("latitude,longitude\n1\n", "line 2 has no two numbers there"),
        ("latitude,longitude\n1,2\n95,2\n", "latitude 95 of place 2 is not between -90 and 90 degrees"),
        ("latitude,longitude\n1,181\n", "longitude 181 of place 1 is not between -180 and 180"),
        ("latitude,longitude\nnan,2\n", "latitude nan of place 1"),
        ("latitude,longitude\n1,inf\n", "longitude inf of place 1"),
        (b"latitude,longitude\n\xff,2\n", "no UTF-8"),
        ("latitude,longitude\n" + "9" * 200_000 + ",2\n", "no CSV: field larger"),
    ],
)
def test_a_csv_file_that_is_wrong(tmp_path: Path, content: bytes | str, what: str) -> None:
    with pytest.raises(UsageError, match=r"cells\.csv: .*" + what):
        places(written(tmp_path, content))


def header(shape: str, kind: str = "<f8") -> bytes:
    out = io.BytesIO()
    text = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}\n"
    out.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (npy(np.zeros((3, 3))), r"an array of shape \[3, 3\], not \[places, 2\]"),
        (npy(np.zeros(4)), "an array of shape"),
        (npy(np.array([["a", "b"]])), "an array of <U1, not of numbers"),
        (npy(np.zeros((2, 2), np.complex64)), "an array of complex64"),
        (npy(np.array([[Program(), 1]], object)), "no array of numbers"),
        (pickle.dumps(Program()), "no array of numbers"),
        (b"PK\x03\x04", "no array of numbers"),
        (b"", "no array of numbers"),
        (header("(1 << 60, 2)"), "no array of numbers"),
        (header("(9000000000000000000, 2)"), "no array of numbers"),
        (header("(10, 2)") + bytes(16), "no array of numbers"),
        (header("(-1, 2)"), "no array of numbers"),
        (header("(((1, 2)"), "no array of numbers"),
        (header("(1, 2}"), "no array of numbers"),
        (header("()" * 20_000), "no array of numbers"),
        (header("(1, 2)", "O") + bytes(16), "no array of numbers"),
    ],
)
def test_an_array_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"a\.npy: .*" + what):
        places(written(tmp_path, content, "a.npy"))
    assert not Path("pwned").exists()


def test_a_table_that_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no such file; the description names it"):
        places(str(tmp_path))
    monkeypatch.setattr(placefile, "MOST_BYTES", 10)
    with pytest.raises(UsageError, match="over 2 GiB"):
        places(written(tmp_path, "latitude,longitude\n"))
    monkeypatch.undo()
    monkeypatch.setattr(placefile, "MOST_PLACES", 1)
    with pytest.raises(UsageError, match="more than 1 places; a model has 1 to 1"):
        places(written(tmp_path, "latitude,longitude\n1,2\n3,4\n"))


def test_a_small_file_that_becomes_a_large_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, npy(np.ones((2, 60), np.int8)), "g.npy")
    monkeypatch.setattr(placefile, "MOST_BYTES", 300)
    with pytest.raises(UsageError, match="120 numbers are over 2 GiB"):
        placefile.vectors(path, 2)


def test_vectors_have_length_one(tmp_path: Path) -> None:
    for kind in (np.float16, np.float32, np.float64):
        found = placefile.vectors(written(tmp_path, npy(np.array([[3, 4], [0, -2]], kind)), "g.npy"), 2)
        assert found.dtype == np.float32
        assert found == pytest.approx(np.array([[0.6, 0.8], [0, -1]]))


@pytest.mark.parametrize(
    ("gallery", "what"),
    [
        (np.ones((3, 4)), "3 vectors for 2 places"),
        (np.ones(2), r"not \[places, dimensions\]"),
        (np.ones((2, 0)), r"not \[places, dimensions\]"),
        (np.array([[1, 1], [0, 0]]), "vector 2 has no direction"),
        (np.array([[np.nan, 1], [0, 1]]), "vector 1 has no direction"),
        (np.array([[np.inf, 1], [0, 1]]), "vector 1 has no direction"),
        (np.array([[1e300, 1], [0, 1]]), "vector 1 has no direction"),
        (np.array([[0, 1], [3e38, 3e38]], np.float32), "vector 2 has no direction"),
    ],
)
def test_a_gallery_that_is_wrong(tmp_path: Path, gallery: Any, what: str) -> None:
    with pytest.raises(UsageError, match=r"g\.npy: .*" + what):
        placefile.vectors(written(tmp_path, npy(gallery), "g.npy"), 2)
