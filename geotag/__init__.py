"""geotag puts places on photographs that have none, without harming a single file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geotag.api import apply, locate, run

__version__ = "0.1.0"
__all__ = ["__version__", "apply", "locate", "run"]


def __getattr__(name: str) -> Any:
    # `geotag --help` imports this package and must not pay for NumPy, Pillow and ONNX Runtime.
    if name in ("apply", "locate", "run"):
        from geotag import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
