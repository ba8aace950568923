"""geotag puts places on photographs that have none, without harming a single file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geotag.api import locate, run

__version__ = "0.1.0"
__all__ = ["__version__", "locate", "run"]


def __getattr__(name: str) -> Any:
    # `geotag --help` imports this package and must not pay for NumPy, Pillow and ONNX Runtime.
    if name in ("locate", "run"):
        from geotag import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
