"""`geotag models`: adding, removing, the default, with files and a server that cannot be trusted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geotag import options
from geotag.cli import main
from geotag.errors import Exit
from geotag.models import calibrations, modelfolder, onnxfile, shelf
from geotag.types import Calibration
from tests import archives, guests, models
from tests.servers import Shop, serving

TINY = models.model()
SHA256 = hashlib.sha256(TINY).hexdigest()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "mine"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "mine"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(TINY) as shop:
        yield shop


def geotag(*words: object, code: Exit = Exit.OK) -> Result:
    result = CliRunner().invoke(main, ["models", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"} if folder.exists() else set()


def test_a_file_is_added_shown_and_removed(folder: Path, tiny: str) -> None:
    assert SHA256 in geotag("add", tiny, "--name", "guest").stdout
    assert files(folder) == {"guest.onnx"}
    assert (folder / "guest.onnx").read_bytes() == TINY
    assert shelf.find("guest") == str(folder / "guest.onnx")
    assert geotag("guest").stdout == geotag("show", "guest").stdout
    names = [card["name"] for card in json.loads(geotag("--json").stdout)]
    assert {"geovision", "tiny"} <= set(names)
    assert json.loads(geotag("list", "--json").stdout)[-1]["sha256"] == SHA256
    Path(calibrations.beside([str(folder / "guest.onnx")])).write_text("[]")
    geotag("remove", "guest")
    assert files(folder) == set()
    geotag("show", "guest", code=Exit.NO_MODEL)


def test_what_was_calibrated_is_shown(folder: Path, tiny: str) -> None:
    geotag("add", tiny, "--name", "guest")
    assert json.loads(geotag("show", "guest", "--json").stdout)[0]["calibrations"] == []
    entry = {"base": "/archive", "photos": 1200, "factor": 1.254}
    kept = [entry | {"model": SHA256}, entry | {"model": "that of an earlier file"}]
    Path(calibrations.beside([str(folder / "guest.onnx")])).write_text(json.dumps(kept))
    assert "radius times 1.25 below /archive, by 1,200 photos" in geotag("show", "guest").stdout
    assert json.loads(geotag("show", "guest", "--json").stdout)[0]["calibrations"] == [entry]


def test_with_a_model_goes_what_was_calibrated_for_it_and_another(
    folder: Path, tiny: str, other: str
) -> None:
    for name, file in (("guest", tiny), ("host", other), ("twin", tiny)):
        geotag("add", file, "--name", name)
    guest, host, twin = (str(folder / f"{name}.onnx") for name in ("guest", "host", "twin"))
    pair = "+".join([onnxfile.digest(host), SHA256])
    measured = Calibration("/archive", 40, 1.5)
    calibrations.keep([guest], SHA256, measured)
    calibrations.keep([host, guest], pair, measured)
    calibrations.keep([host, guest], pair.replace(SHA256, "another file of that name"), measured)
    calibrations.keep([host, twin], pair, measured)
    calibrations.keep([guest, host], pair, measured)
    geotag("remove", "guest")
    assert files(folder) == {
        "host.onnx",
        "twin.onnx",
        "host+guest.calibrations.json",
        "host+twin.calibrations.json",
    }
    assert calibrations.find([host, guest], pair, "/archive") is None
    assert calibrations.find([host, twin], pair, "/archive") == measured


@pytest.mark.parametrize("command", ["run", "inspect", "evaluate", "calibrate", "similar"])
def test_no_other_command_fetches_anything(tmp_path: Path, shop: Shop, command: str) -> None:
    archive = archives.fill(tmp_path / "archive", ["1.jpg"])
    words = {
        "inspect": [str(archive / "1.jpg")],
        "similar": [str(archive / "1.jpg"), "--in", str(archive)],
    }.get(command, [str(archive)])
    for model in (shop.address, "geoclip"):
        result = CliRunner().invoke(main, [command, *words, "--model", model])
        assert result.exit_code == Exit.NO_MODEL, result.output
        assert f"{model}: no such file, nor a model of that name" in result.output
        assert "geotag models" in result.output
    assert shop.asked == []


def test_an_address_is_added(folder: Path, shop: Shop) -> None:
    said = geotag("add", shop.address, "--sha256", SHA256.upper())
    assert "guest.onnx" in said.stdout
    assert "nothing said" not in said.stderr
    assert files(folder) == {"guest.onnx"}
    assert "nothing said which SHA-256" in geotag("add", shop.address, "--name", "b").stderr


def test_a_download_goes_on(folder: Path, shop: Shop) -> None:
    shop.breaks_after = 100
    assert "the same command goes on" in geotag("add", shop.address, code=Exit.NO_MODEL).stderr
    assert modelfolder.at_hand() == [path for path in modelfolder.at_hand() if "guest" not in path]
    geotag("add", shop.address)
    assert shop.asked == [None, "bytes=100-"]
    assert (folder / "guest.onnx").read_bytes() == TINY


def test_a_download_is_told_in_json_where_that_is_asked_for(shop: Shop) -> None:
    shop.content = models.model(meta={"geotag.licence": "CC BY-NC 4.0"})
    lines = geotag("add", shop.address, "--yes", "--log-json").stderr.splitlines()
    events = [json.loads(line) for line in lines]
    told = [(event["bytes"], event["total"]) for event in events if event["event"] == "progress"]
    assert told[-1] == (len(shop.content), len(shop.content))
    assert any("CC BY-NC" in event["message"] for event in events if event["event"] == "note")


def test_a_download_is_kept_while_its_description_is_mended(folder: Path, shop: Shop, tmp_path: Path) -> None:
    guest = guests.planet()
    shop.content = guest.content
    path = guest.saved(tmp_path / "it", output={"name": "scores"})[1]
    asked = "add", shop.address, "--describe", path, "--name", "guest"
    assert f"{shop.address}: not as {path} says: [output] name" in geotag(*asked, code=Exit.NO_MODEL).stderr
    assert files(folder) == {".guest.part", ".guest.part.json"}
    guest.saved(tmp_path / "it")
    geotag(*asked)
    assert shop.asked == [None]
    assert files(folder) == {"guest.onnx"}
    assert json.loads(geotag("show", "guest", "--json").stdout)[0]["origin"].startswith("guest.onnx sha256:")


def test_a_described_file_that_is_another_than_was_meant(folder: Path, shop: Shop, tmp_path: Path) -> None:
    path = guests.planet().saved(tmp_path / "it")[1]
    asked = "add", shop.address, "--describe", path, "--sha256", "0" * 64
    assert "not the file that was meant" in geotag(*asked, code=Exit.NO_MODEL).stderr
    assert files(folder) == set()


def test_a_described_model_gets_the_name_of_its_description(folder: Path, tmp_path: Path) -> None:
    model, path = guests.planet().saved(tmp_path / "it")
    geotag("add", model, "--describe", path)
    assert files(folder) == {"planet-like.onnx"}


def test_wrong_bytes_are_refused(folder: Path, shop: Shop) -> None:
    shop.content = models.model(turn=0.5)
    assert (
        "not the file that was meant"
        in geotag("add", shop.address, "--sha256", SHA256, code=Exit.NO_MODEL).stderr
    )
    assert files(folder) == set()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>Not found</html>", "not a model that can be loaded"),
        (TINY[:-1], "not a model that can be loaded"),
        (models.model(drop="geotag.contract"), "geotag.contract"),
    ],
)
def test_what_is_no_model_is_refused(folder: Path, shop: Shop, content: bytes, said: str) -> None:
    shop.content = content
    result = geotag("add", shop.address, code=Exit.NO_MODEL)
    assert said in result.stderr
    assert f"{shop.address}: " in result.stderr
    assert ".part" not in result.stderr
    assert files(folder) == set()
    path = models.saved(folder.parent / "odd.onnx", content)
    assert said in geotag("add", path, code=Exit.NO_MODEL).stderr
    assert files(folder) == set()


def test_a_length_too_short_is_refused(folder: Path, shop: Shop) -> None:
    shop.claims = len(TINY) - 5
    geotag("add", shop.address, code=Exit.NO_MODEL)
    assert files(folder) == set()


def test_nothing_is_overwritten(folder: Path, tiny: str, other: str) -> None:
    geotag("add", tiny, "--name", "guest")
    for name in ("guest", "GUEST", "geovision"):
        assert "a model is called that" in geotag("add", other, "--name", name, code=Exit.USAGE).stderr
    assert (folder / "guest.onnx").read_bytes() == TINY


@pytest.mark.parametrize("name", ["../out", "", ".hidden", "a b", "x" * 65])
def test_odd_names(tiny: str, name: str, tmp_path: Path) -> None:
    odd = models.saved(tmp_path / "a b.onnx", TINY)
    source = odd if not name else tiny
    assert "--name" in geotag("add", source, "--name", name, code=Exit.USAGE).stderr


def test_an_odd_sha256_and_a_missing_file(tiny: str) -> None:
    assert "64 hexadecimal digits" in geotag("add", tiny, "--sha256", "abc", code=Exit.USAGE).stderr
    said = geotag("add", "gone.onnx", code=Exit.NO_MODEL).stderr
    assert said == "geotag: gone.onnx: No such file or directory; not added\n"


def test_a_folder_that_cannot_be(folder: Path, tiny: str) -> None:
    folder.write_text("in the way")
    assert "GEOTAG_MODELS" in geotag("add", tiny, code=Exit.OUTPUT).stderr


def test_a_licence_has_to_be_agreed_to(folder: Path, shop: Shop) -> None:
    shop.content = models.model(meta={"geotag.licence": "CC BY-NC 4.0"})
    result = geotag("add", shop.address, code=Exit.USAGE)
    assert "allows no commercial use: CC BY-NC 4.0" in result.stderr
    assert "--yes" in result.stderr
    assert "guest.onnx" not in files(folder)
    geotag("add", shop.address, "--yes")
    assert shop.asked == [None]
    assert files(folder) == {"guest.onnx"}


def test_a_copy_nobody_agreed_to_is_not_kept(folder: Path, tmp_path: Path) -> None:
    path = models.saved(tmp_path / "guest.onnx", models.model(meta={"geotag.licence": "ask me"}))
    assert "none that geotag knows: ask me" in geotag("add", path, code=Exit.USAGE).stderr
    assert files(folder) == set()


def test_the_default_is_what_commands_use(tiny: str, tmp_path: Path) -> None:
    assert geotag("default").stdout == "geovision\n"
    geotag("add", tiny, "--name", "guest")
    assert geotag("default", "guest").stdout == "guest\n"
    photo = archives.fill(tmp_path / "a", ["1.jpg"]) / "1.jpg"
    ran = CliRunner().invoke(main, ["inspect", str(photo), "--json"])
    named = CliRunner().invoke(main, ["inspect", str(photo), "--json", "--model", tiny])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout) == json.loads(named.stdout)
    geotag("remove", "guest")
    gone = CliRunner().invoke(main, ["inspect", str(photo)])
    assert gone.exit_code == Exit.NO_MODEL
    assert "guest: the default model is gone" in gone.stderr
    assert "default: guest" in geotag().stderr
    geotag("default", "geovision")
    assert modelfolder.default() == "geovision"


def test_a_default_that_is_not_there(folder: Path) -> None:
    assert "no model of that name" in geotag("default", "nobody", code=Exit.NO_MODEL).stderr
    assert files(folder) == set()


def test_removing_what_was_not_added() -> None:
    for name in ("geovision", "nobody", "../nobody"):
        assert "no model of that name was added" in geotag("remove", name, code=Exit.USAGE).stderr


def test_a_broken_model_does_not_hide_the_others(folder: Path) -> None:
    folder.mkdir()
    models.saved(folder / "broken.onnx", b"no model")
    result = geotag()
    assert "geovision" in result.stdout
    assert "broken.onnx: not a model" in result.stderr


def test_a_card_does_nothing_to_a_terminal(folder: Path, tmp_path: Path) -> None:
    path = models.saved(tmp_path / "a.onnx", models.model(meta={"geotag.name": "\x1b[2Jevil"}))
    assert "\x1b" not in geotag("add", path).stdout + geotag("a").stdout


def test_help_and_options_know_the_default_late(folder: Path) -> None:
    def command() -> None: ...

    options.model(command)
    (parameter,) = command.__click_params__  # type: ignore[attr-defined]
    modelfolder.set_default("guest")
    assert parameter.default() == "guest"
