"""Tables of known models, and `geotag models add NAME`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from geotag.cli import main
from geotag.errors import Exit, UsageError
from geotag.models import known, modelfolder
from tests import guests, models
from tests.guests import toml
from tests.servers import Shop, serving

TINY = models.model()


def entry(content: bytes, **changed: Any) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    right = {"about": "a model", "licence": "MIT", "url": "it.onnx", "sha256": sha256, "size": len(content)}
    return right | changed


def table(folder: Path, **entries: dict[str, Any]) -> str:
    path = folder / "models.toml"
    path.write_text(toml(entries))
    return str(path)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "mine"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "it.onnx").write_bytes(TINY)
    return tmp_path / "mine"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(TINY) as shop:
        yield shop


def add(*words: str, code: Exit = Exit.OK) -> Result:
    result = CliRunner().invoke(main, ["models", "add", *words])
    assert result.exit_code == code, result.output
    return result


def test_what_ships_is_pinned_or_says_how_it_is_made() -> None:
    for model in known.shipped().values():
        assert model.make or (model.source.startswith("https://") and len(model.sha256) == 64)


def test_a_model_that_has_to_be_made_says_how() -> None:
    said = add("geoclip", code=Exit.NO_MODEL).stderr
    assert "`python -m export.from_geoclip geoclip.onnx` makes one" in said
    assert "not here: geoclip: GeoCLIP" in CliRunner().invoke(main, ["models"]).stderr


def test_a_name_that_is_here_already() -> None:
    assert "geovision: is here already" in add("geovision", code=Exit.USAGE).stderr


def test_a_name_nobody_knows() -> None:
    assert "no model known by that name (known: geoclip)" in add("nobody", code=Exit.NO_MODEL).stderr


def test_a_name_of_a_table(tmp_path: Path, shop: Shop, folder: Path) -> None:
    path = table(tmp_path, house=entry(TINY, url=shop.address), there=entry(TINY))
    assert "nothing said which SHA-256" not in add("house", "--table", path).stderr
    assert (folder / "house.onnx").read_bytes() == TINY
    add("there", "--table", path)
    assert "knows no other, but 'house', 'there'" in add("other", "--table", path, code=Exit.USAGE).stderr


def test_another_file_than_the_table_pins(tmp_path: Path, shop: Shop, folder: Path) -> None:
    path = table(tmp_path, house=entry(TINY, url=shop.address))
    shop.content = models.model(turn=0.5)
    said = add("house", "--table", path, code=Exit.NO_MODEL).stderr
    assert "not the file that was meant" in said or "it may have" in said
    shop.content = bytes(len(TINY))
    assert "not the file that was meant" in add("house", "--table", path, code=Exit.NO_MODEL).stderr
    shop.content = TINY + b"more"
    assert f"{len(TINY) + 4:,} bytes" in add("house", "--table", path, code=Exit.NO_MODEL).stderr
    assert "house" not in modelfolder.names()


def test_a_description_of_the_table(tmp_path: Path) -> None:
    guest = guests.planet()
    guest.saved(tmp_path / "it")
    described = entry(guest.content, url="it/model.onnx", description="it/model.toml")
    add("house", "--table", table(tmp_path, house=described))
    result = CliRunner().invoke(main, ["models", "show", "house", "--json"])
    assert json.loads(result.stdout)[0]["name"] == "planet-like"


def test_a_licence_is_agreed_to_before_anything_is_fetched_and_once(tmp_path: Path, shop: Shop) -> None:
    licence = "CC BY-NC 4.0"
    shop.content = models.model(meta={"geotag.licence": licence})
    path = table(tmp_path, house=entry(shop.content, url=shop.address, licence=licence))
    said = add("house", "--table", path, code=Exit.USAGE).stderr
    assert f"house: its licence allows no commercial use: {licence}" in said
    assert shop.asked == []
    assert add("house", "--table", path, "--yes").stderr.count(licence) == 1


def test_another_licence_than_the_table_says_is_asked_about(tmp_path: Path) -> None:
    content = models.model(meta={"geotag.licence": "ask me"})
    (tmp_path / "it.onnx").write_bytes(content)
    path = table(tmp_path, house=entry(content))
    assert "none that geotag knows: ask me" in add("house", "--table", path, code=Exit.USAGE).stderr


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"sha256": "abc"}, "[house] sha256 has not 64 hexadecimal digits"),
        ({"size": 0}, "[house] size is 0, not a whole number"),
        ({"size": None}, "[house] size is missing"),
        ({"url": None}, "[house] url is missing"),
        ({"licence": None}, "[house] licence is missing"),
        ({"make": "x"}, "[house] 'sha256' is no key here"),
        ({"urls": "x"}, "[house] 'urls' is no key here"),
    ],
)
def test_tables_that_are_wrong(tmp_path: Path, changed: dict[str, Any], what: str) -> None:
    path = table(tmp_path, house=entry(TINY, **changed))
    with pytest.raises(UsageError) as caught:
        known.read(path)
    assert what in str(caught.value)
    assert str(caught.value).startswith(path)


@pytest.mark.parametrize("source", ["a/b", "a.onnx", "http://a/b", "C:x", "../geoclip"])
def test_paths_and_addresses_are_no_names(source: str) -> None:
    assert not known.named_like(source)


def test_a_file_comes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "geoclip").write_bytes(TINY)
    add("geoclip")
    assert "geoclip" in modelfolder.names()
