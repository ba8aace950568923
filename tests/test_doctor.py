"""The doctor: versions, the device a session really gets, what is missing."""

from __future__ import annotations

import re

import pytest

from geotag import predict
from geotag.flows import doctor
from geotag.models import pace


def test_a_healthy_machine(tiny: str) -> None:
    findings = doctor.examine(tiny)
    assert findings["model"].startswith("tiny 1 sha256:")
    assert findings["device"].split()[0] in ("cpu", "cuda")
    assert findings["numpy"][0].isdigit()
    assert "conflict" not in findings


def test_a_missing_model_is_a_finding_and_no_crash() -> None:
    assert doctor.examine("no such model")["model"].startswith("not usable: no such model")


def test_a_gpu_that_cannot_be_used_is_told(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if predict.load(tiny, device="auto", threads=1).device != "cpu":
        pytest.skip("this machine's GPU works")
    monkeypatch.setattr(pace, "has_gpu", lambda: True)
    assert "geovision-geotag[cuda]" in doctor.examine(tiny)["GPU"]


def test_two_runtimes_are_a_conflict(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda package: "1.0")
    assert "overwrite each other" in doctor.examine(tiny)["conflict"]


def test_what_a_model_costs_is_measured(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_TRY_S", 0.0)
    findings = doctor.examine(tiny, "cpu", 3)
    assert findings["pace"] == "batches of 24, parts side by side: 3, threads on a part: 1"
    assert re.match(r"\S+ photos a second, .* times as many as geovision", findings["speed"])
    assert re.match(r"[\d,]+ MB|not known", findings["memory"])


def test_the_shipped_model_is_loaded_once_and_is_no_yardstick_of_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []
    load = predict.load

    def counting(path: str, *, device: str, threads: int) -> predict.Model:
        loaded.append(path)
        return load(path, device=device, threads=threads)

    monkeypatch.setattr(predict, "load", counting)
    monkeypatch.setattr(doctor, "_TRY_S", 0.0)
    findings = doctor.examine("geovision", "cpu", 1)
    assert len(loaded) == 1
    assert re.fullmatch(r"\S+ photos a second, decoding not counted", findings["speed"])
