"""Model files that nobody added: each is loaded in a process of its own once before it is loaded here."""

from __future__ import annotations

from geotag.errors import ModelError
from geotag.models import apart, modelfolder, onnxfile

_KNOWN = ".tried"
"""A file in the user's folder of models: the SHA-256 of every model that could be loaded, a line each."""


def once(path: str, sha256: str = "") -> None:
    """Load a model file elsewhere first, as ONNX Runtime crashes on some.

    One that ever came through is spared that, and so are those that came with geotag or were added. `sha256`
    is the file's, where it is known already. Raises ModelError for a file that breaks ONNX Runtime down or
    that `predict.load` refuses.
    """
    if path in modelfolder.at_hand():
        return
    sha256 = sha256 or onnxfile.digest(path)
    if sha256 in _known():
        return
    try:
        apart.call(_loaded, path)
    except apart.DiedError as error:
        raise ModelError(
            f"{path}: ONNX Runtime breaks down on it: {error}; export it anew, for float32 if it was not, or "
            "name another with --model"
        ) from None
    except OSError:
        # Where no process can be started, for want of rights or room, it is loaded here as it is.
        return
    _note(sha256)


def _loaded(path: str) -> None:
    from geotag import predict

    predict.load(path, device="cpu", threads=1)


def _known() -> set[str]:
    try:
        return set((modelfolder.folder() / _KNOWN).read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return set()


def _note(sha256: str) -> None:
    """Remember a model; where that cannot be written down it is tried again next time."""
    try:
        modelfolder.folder().mkdir(parents=True, exist_ok=True)
        with open(modelfolder.folder() / _KNOWN, "a", encoding="ascii") as file:
            file.write(f"{sha256}\n")
    except OSError:
        return
