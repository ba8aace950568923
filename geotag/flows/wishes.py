"""How a run wanted to write, which the journal keeps for those who carry its plan out later."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from geotag.types import Settings

WHERE = ("write_exif", "sidecar", "only_sidecar")
"""Options that say where positions go: given anew, they count together."""

NAMES = (*WHERE, "sidecar_dir", "sidecar_style", "backup", "replace_gps")
_FOLDERS = ("sidecar_dir", "backup")


def of(settings: Settings) -> dict[str, Any]:
    """What a run's options say of writing, by their names; folders wherever they are called from."""
    said = {name: getattr(settings, name) for name in NAMES}
    return said | {name: os.path.abspath(said[name]) for name in _FOLDERS if said[name]}


def merged(noted: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Wishes that were noted, but for what is said now."""
    anew = any(said.get(name) for name in WHERE)
    kept = {name: value for name, value in noted.items() if not (anew and name in WHERE)}
    return kept | dict(said)
