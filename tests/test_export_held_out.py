"""Photographs held out as files that the tool itself can judge, and what their names say of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geovision-geotag[export]'")

from export import held_out, subjects
from export.index import Tagged, build
from geotag.flows import evaluate
from geotag.models import shelf

PLACES = [(48.85, 2.35), (-33.5, 151.25), (0.25, -0.125), (-77.85, -179.999)]


def test_files_held_out_are_known_by_their_sidecars(tmp_path: Path, tiny: str) -> None:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), (10, 120, 200)).save(data, "JPEG")
    (tmp_path / "one.jpg").write_bytes(data.getvalue())
    photos = build(Tagged(tmp_path / "one.jpg", str(n), *place, "x") for n, place in enumerate(PLACES))
    held_out.write_files(photos, np.array([0, 1, 3]), tmp_path / "fold")
    model = shelf.gather([tiny], "cpu", 1)
    judged = list(evaluate.judge((str(tmp_path / "fold"),), model, 1))
    truths = [item.truth for item in judged if isinstance(item, evaluate.Judgement)]
    found = [(truth.lat, truth.lon) for truth in truths]
    assert np.allclose(found, [PLACES[row] for row in (0, 1, 3)], atol=1e-7)


def test_a_region_is_judged_by_its_photographs() -> None:
    tagged = [Tagged(Path("one.jpg"), str(n), *place, "x") for n, place in enumerate(PLACES)]
    assert held_out.votes_of(build(tagged)) == "per_cell"
    assert held_out.votes_of(build(tagged, 0.005)) == "per_photo"


def test_names_are_read_as_words(tmp_path: Path) -> None:
    table = tmp_path / "photos.csv"
    lines = ["id,orig_path,licence", "a,img/Bondi_Beach%2C_night.jpg,CC0", "b,img/seasonal.jpg,File:Köln.jpg"]
    table.write_text("\n".join(lines), encoding="utf-8")
    assert subjects.names(table) == {
        "a": "img bondi beach night jpg cc",
        "b": "img seasonal jpg file köln jpg",
    }
