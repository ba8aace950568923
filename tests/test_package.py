"""What `pip install .` brings: the code, its types, its licence, and the default model with its card."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from geotag import __version__
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip makes of this checkout, with the build backend of the environment (no network)."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
        timeout=300,
    )
    (made,) = folder.iterdir()
    return made


def test_wheel_carries_the_default_model_and_its_card(wheel: Path, model: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("geotag/models/geovision.onnx") == model.read_bytes()
        assert archive.read("geotag/models/README.md") == (ROOT / "models" / "README.md").read_bytes()


def test_wheel_carries_every_module_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = [path.relative_to(ROOT) for path in (ROOT / "geotag").rglob("*") if path.is_file()]
    source = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    assert "geotag/py.typed" in source
    assert names == source | {"geotag/models/geovision.onnx", "geotag/models/README.md", "geotag/handbook.md"}


def test_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (folder,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        about = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
        commands = archive.read(f"{folder}/entry_points.txt").decode()
    assert (about["Name"], about["Version"]) == ("geovision-geotag", __version__)
    assert about["Requires-Python"] == ">=3.11"
    assert {"cuda", "heif"} <= set(about.get_all("Provides-Extra", []))
    assert {f"{folder}/licenses/LICENSE", f"{folder}/licenses/NOTICE"} <= set(names)
    assert "geotag = geotag.cli:main" in commands


def asked(wheel: Path) -> list[Requirement]:
    """What the wheel's metadata require."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        about = Parser().parsestr(archive.read(name).decode())
    return [Requirement(line) for line in about.get_all("Requires-Dist", [])]


def wanted(item: Requirement, platform: str, machine: str) -> bool:
    """Whether a plain installation asks for it on such a machine."""
    place = {"sys_platform": platform, "platform_machine": machine, "extra": ""}
    return item.marker is None or item.marker.evaluate(place)


def test_wheel_never_asks_for_two_onnx_runtimes(wheel: Path) -> None:
    """onnxruntime and onnxruntime-gpu overwrite each other: on every platform exactly one marker is true."""
    runtimes = [item for item in asked(wheel) if item.name.startswith("onnxruntime")]
    for platform in ("linux", "win32", "darwin"):
        for machine in ("x86_64", "AMD64", "arm64", "aarch64"):
            assert sum(wanted(item, platform, machine) for item in runtimes) == 1, (platform, machine)


@pytest.mark.parametrize(
    ("platform", "machine", "there"),
    [
        ("linux", "x86_64", True),
        ("linux", "aarch64", True),
        ("linux", "ppc64le", False),
        ("darwin", "arm64", True),
        ("darwin", "x86_64", False),
        ("win32", "AMD64", True),
        ("win32", "ARM64", True),
    ],
)
def test_wheel_asks_for_rawpy_where_it_has_wheels(
    wheel: Path, platform: str, machine: str, there: bool
) -> None:
    assert there == any(item.name == "rawpy" and wanted(item, platform, machine) for item in asked(wheel))
