"""The fences of the house, stated as data and checked in the source itself."""

from __future__ import annotations

import ast
import dataclasses
import re
import sys
from pathlib import Path

import pytest

from geotag import options
from geotag.types import Settings

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 350

GROUPS = {
    "base": "types texts geo errors observer review changes",
    "codec": "metadata.*",
    "helper": "files.* memory.* models.* pixels.* renderings.* cluster coarsen parallel score teams "
    "commands.handbook evidence.catalogue evidence.packed evidence.regions",
    "names": "evidence.*",
    "stage": "scan read decode predict gather decide write undo",
    "flow": "pipeline api flows.* models.adopt models.guest models.shelf models.trial",
    "edge": "__init__ __main__ cli config console options terminal commands.*",
}
"""Every module of geotag, by where it stands: by its package, unless it is named itself; imports flow from
the edge down to the base.
"""

MAY_IMPORT = {
    "base": "base",
    "codec": "base codec",
    "helper": "base codec helper",
    "names": "base names",
    "stage": "base codec helper names",
    "flow": "base helper names stage flow",
    "edge": "base helper flow edge",
}
"""What a group may import; stages never import each other."""

NEIGHBOURS = {
    ("evidence.catalogue", "renderings.manifest"),
    ("memory.journal", "coarsen"),
    ("memory.rows", "evidence.packed"),
    ("observer", "types"),
    ("geo", "types"),
    ("changes", "types"),
    ("review", "types"),
    ("types", "review"),
    ("texts", "types"),
    ("types", "texts"),
}
"""Base modules, and helpers of different packages, know nothing of each other, but for these."""

EXPORT_MAY_IMPORT = "base codec names decode score predict evidence.regions"
"""Training sees pixels, predictions, names and scores as a run does; of the rest it knows nothing."""

KNOWN_TO = {
    "PIL": {"decode", "pixels.readers"},
    "blake3": {"metadata.identity"},
    "click": {
        "cli",
        "commands.apply",
        "commands.help",
        "commands.look",
        "commands.models",
        "config",
        "options",
    },
    "distributed": {"cluster"},
    "filelock": {"memory.lock"},
    "fsspec": {"files.bucket"},
    "google": {"models.wrap"},
    "joblib": {"teams"},
    "matplotlib": {"renderings.plots"},
    "onnx": {"models.graphs", "models.wrap"},
    "onnxruntime": {"predict"},
    "piexif": {"metadata.gps"},
    "pillow_heif": {"pixels.readers"},
    "pyarrow": {"renderings.formats"},
    "pyogrio": {"renderings.formats"},
    "platformdirs": {"models.modelfolder"},
    "rawpy": {"pixels.raws"},
    "rich": {"terminal"},
    "imagecodecs": {"renderings.pictures", "pixels.scans"},
    "simplejpeg": {"pixels.turbo"},
    "tifffile": {"pixels.scans"},
}
"""Third-party packages and the modules that may know them; NumPy is spoken everywhere."""

MODULES = {
    path.relative_to(ROOT / "geotag")
    .with_suffix("")
    .as_posix()
    .replace("/", ".")
    .removesuffix(".__init__"): path
    for path in (ROOT / "geotag").rglob("*.py")
}
EMPTY = {
    name
    for name, path in MODULES.items()
    if path.name == "__init__.py" and len(ast.parse(path.read_text(encoding="utf-8")).body) == 1
}
"""Packages that hold modules and nothing else."""


def group(module: str) -> str:
    """The group a module stands in; fails for a module nobody has given a place."""
    package = module.split(".")[0]
    for place in (module, f"{package}.*"):
        for name, members in GROUPS.items():
            if place in members.split():
                return name
    raise AssertionError(f"geotag/{module}.py has no place in GROUPS: say where it stands")


def imports(source: str) -> set[str]:
    """Every module that a source imports, wherever it does so; `from a import b` counts as a.b and as a."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def own(source: str) -> set[str]:
    """The modules of geotag among the imports, without their first name; a package that only holds others
    says nothing.
    """
    return {name.removeprefix("geotag.") for name in imports(source)} & MODULES.keys() - EMPTY


def neighbours(module: str, name: str) -> bool:
    """Whether a helper or base module may know another: one of its package, or a neighbour."""
    package = module.split(".")[0]
    return (package != module and name.startswith(f"{package}.")) or (module, name) in NEIGHBOURS


def trespasses(module: str, source: str) -> list[str]:
    """The imports of one module of geotag that the rules forbid, as sentences."""
    here = group(module)
    wrong = [
        f"{module} ({here}) may not import {name} ({group(name)})"
        for name in sorted(own(source) - {module})
        if group(name) not in MAY_IMPORT[here].split()
        or (here == group(name) and here in ("base", "helper") and not neighbours(module, name))
    ]
    for name in sorted({name.split(".")[0] for name in imports(source)}):
        if name in KNOWN_TO and module not in KNOWN_TO[name]:
            wrong.append(f"{module} may not know {name}; {sorted(KNOWN_TO[name])} does")
        known = name in sys.stdlib_module_names or name in KNOWN_TO or name in ("geotag", "numpy")
        if not known:
            wrong.append(f"{module} imports {name}, which no module of geotag knows")
    return wrong


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_flow_down(module: str) -> None:
    assert trespasses(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("decode", "from geotag.predict import predict"),
        ("decode", "from geotag import write"),
        ("types", "def late():\n    import geotag.errors"),
        ("metadata.jpeg", "from geotag.memory.journal import Journal"),
        ("cli", "import geotag.decode"),
        ("renderings.manifest", "from geotag.memory.journal import Journal"),
        ("write", "from PIL import Image"),
        ("predict", "import torch"),
        ("geo", "import export.model"),
    ],
)
def test_the_fence_bites(module: str, source: str) -> None:
    assert len(trespasses(module, source)) == 1


def test_export_imports_little_of_geotag() -> None:
    allowed = set(EXPORT_MAY_IMPORT.split())
    for path in (ROOT / "export").rglob("*.py"):
        names = own(path.read_text(encoding="utf-8"))
        assert {name for name in names if not {name, group(name)} & allowed} == set(), path.name


def calls(source: str) -> set[str]:
    """The last two names of everything that is called: `a.b.c()` is "b.c", `f().c()` is ".c"."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            before = node.func.value
            name = before.attr if isinstance(before, ast.Attribute) else getattr(before, "id", "")
            found.add(f"{name}.{node.func.attr}")
    return found


def rewrites(source: str) -> set[str]:
    """Calls that write a picture or its Exif anew instead of adding to it."""
    return {
        call
        for call in calls(source)
        if call.endswith(".save") or call in ("piexif.insert", "piexif.remove", "piexif.transplant")
    }


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_original_is_ever_written_anew(module: str) -> None:
    assert rewrites(MODULES[module].read_text(encoding="utf-8")) == set()


def test_the_ban_on_rewriting_bites() -> None:
    assert rewrites("piexif.insert(b, p)\nImage.open(p).save(p)\nself.image.save(p)") == {
        "piexif.insert",
        ".save",
        "image.save",
    }


def test_every_setting_is_an_option_of_run() -> None:
    def command() -> None: ...

    for decorate in options.RUN:
        decorate(command)
    names = {parameter.name for parameter in command.__click_params__}  # type: ignore[attr-defined]
    assert names == {field.name for field in dataclasses.fields(Settings)}


FOLDERS = ("geotag", "export", "models", "tests", ".ci")
SOURCES = sorted(
    path
    for path in (*ROOT.glob("*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")))
    if path.is_file() and not {"__pycache__", ".git"} & set(path.parts) and path.suffix != ".pyc"
)


def test_modules_stay_short() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCES
        if path.suffix == ".py"
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_file_names_the_machine_it_was_made_on() -> None:
    private = re.compile(
        rb"/(?:work|root|home|Users)/\w|(?:simple|artifactory|nexus)/(?:pypi|simple)|index[-]url"
    )
    found = {
        f"{path.relative_to(ROOT)}: {match.group()!r}"
        for path in SOURCES
        for match in private.finditer(path.read_bytes())
    }
    assert found == set()
