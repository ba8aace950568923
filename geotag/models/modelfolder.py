"""Where models lie, and which one is meant when none is named. Only it knows platformdirs."""

from __future__ import annotations

import os
from pathlib import Path

from geotag.errors import ModelError

SHIPPED = "geovision"
_DEFAULT = "default"


def folder() -> Path:
    """GEOTAG_MODELS where that is set, else a folder of the user's data; it need not exist."""
    named = os.environ.get("GEOTAG_MODELS")
    if named:
        return Path(named)
    # Only who looks for models pays for this import.
    import platformdirs

    return Path(platformdirs.user_data_dir("geotag", appauthor=False), "models")


def paths() -> list[str]:
    """Paths of the model files in the user's folder, in the order of their names."""
    place = folder()
    return [str(path) for path in sorted(place.glob("*.onnx"))] if place.is_dir() else []


def shipped() -> list[str]:
    """Paths of the model files that came with geotag, in the wheel or in a checkout."""
    package = Path(__file__).parent.parent
    folders = [package / "models"]
    if (package.parent / "pyproject.toml").is_file():
        folders.append(package.parent / "models")
    return [str(path) for place in folders if place.is_dir() for path in sorted(place.glob("*.onnx"))]


def at_hand() -> list[str]:
    """Paths of all model files that can be asked for by name: those that came with geotag come first."""
    return shipped() + paths()


def names() -> list[str]:
    """The names of the models at hand: their files' names, without `.onnx`."""
    return [Path(path).stem for path in at_hand()]


def default() -> str:
    """The name of the model that is meant when none is named; raises ModelError when that cannot be read."""
    path = folder() / _DEFAULT
    try:
        return path.read_text(encoding="utf-8").strip() or SHIPPED
    except FileNotFoundError:
        return SHIPPED
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{path}: which model is the default cannot be read: {error}; name one with --model"
        ) from error


def set_default(name: str) -> None:
    """Make a model the one that is meant when none is named; raises OSError."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    new = place / f".{_DEFAULT}.new"
    new.write_text(f"{name}\n", encoding="utf-8")
    os.replace(new, place / _DEFAULT)
