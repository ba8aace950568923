"""Where a user's own models lie, and which model is meant when none is named. Only it knows platformdirs."""

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
    """Paths of the model files in the folder, in the order of their names."""
    place = folder()
    return [str(path) for path in sorted(place.glob("*.onnx"))] if place.is_dir() else []


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
