"""What a decoder that is not ours sees in a file."""

from __future__ import annotations

import io
import warnings

from PIL import Image

_MOST_PIXELS = 1_000_000


def frames(data: bytes) -> list[tuple[str, tuple[int, int], bytes]] | None:
    """Mode, size and pixels of every frame; None when Pillow cannot read the file."""
    seen = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                for index in range(getattr(image, "n_frames", 1)):
                    image.seek(index)
                    if image.width * image.height > _MOST_PIXELS:
                        return None
                    seen.append((image.mode, image.size, image.tobytes()))
        except Exception:  # noqa: BLE001 - hostile files make decoders raise anything
            return None
    return seen


def unharmed(before: bytes, after: bytes) -> bool:
    """Whether whoever could open `before` sees the same in `after`."""
    return (seen := frames(before)) is None or frames(after) == seen
