"""Where a user's models lie, and which one is meant when none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from geotag.errors import ModelError
from geotag.models import modelfolder


def test_the_folder_is_the_variable_or_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path))
    assert modelfolder.folder() == tmp_path
    monkeypatch.delenv("GEOTAG_MODELS")
    assert modelfolder.folder().parts[-2:] == ("geotag", "models")


def test_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "new"))
    assert (modelfolder.default(), modelfolder.paths()) == ("geovision", [])
    modelfolder.set_default("guest")
    assert modelfolder.default() == "guest"
    (tmp_path / "new" / "default").write_bytes(b"\xff")
    with pytest.raises(ModelError, match="cannot be read"):
        modelfolder.default()
