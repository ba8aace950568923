"""Models that are known by name: a table (TOML 1.0) of where each is had, and which file it has to be.

    [house]
    about = "What our own photographs taught it"
    licence = "CC BY 4.0"
    url = "https://models.example.org/house.onnx"
    sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    size = 54000000
    description = "house.toml"

A `url` that is no address, and a `description` (`geotag.models.describe`; only where the file needs one), are
files in the table's own folder. A model that has to be made says instead how: `make = "a command"`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from geotag.errors import UsageError
from geotag.models import tomltables

MOST_BYTES = (1 << 31) - 1

_SHIPPED = Path(__file__).parent.parent / "data" / "models.toml"


@dataclass(frozen=True, slots=True)
class Known:
    """What a table says of a model; `source` is an address or an absolute path, "" where `make` says how it
    is made. `sha256` and `size`, in bytes, are those of the file at `source`; `description` is a path or "".
    """

    name: str
    about: str
    licence: str
    source: str
    sha256: str
    size: int
    description: str
    make: str

    @property
    def in_words(self) -> str:
        """One line for people."""
        had = f"made by `{self.make}`" if self.make else f"{self.size / 1e6:,.1f} MB from {self.source}"
        return f"{self.name}: {self.about} ({self.licence}; {had})"


def shipped() -> dict[str, Known]:
    """The table that comes with geotag, by name."""
    return read(str(_SHIPPED))


def read(path: str) -> dict[str, Known]:
    """A table of known models, by name; raises UsageError when it cannot be read or is none."""
    file = tomltables.read(path)
    found = {name: _known(file, name) for name in file.content}
    file.end()
    return found


def _known(file: tomltables.File, name: str) -> Known:
    table = file.table(name)
    about, licence = table.text("about"), table.text("licence")
    if table.has("make"):
        known = Known(name, about, licence, "", "", 0, "", table.text("make"))
    else:
        url, sha256 = table.text("url"), table.text("sha256").lower()
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            table.troubles.append(f"[{name}] sha256 has not 64 hexadecimal digits")
        size = table.whole("size", 1, MOST_BYTES)
        description = file.beside(table.text("description", ""))
        source = url if re.match(r"https?://", url, re.IGNORECASE) else file.beside(url)
        known = Known(name, about, licence, source, sha256, size, description, "")
    table.end()
    return known


def find(name: str, table: str | None) -> Known | None:
    """What a table, or else the one that comes with geotag, says of a name; raises as `read` does.

    Raises UsageError also when a table was named that does not know it.
    """
    if table is None:
        return shipped().get(name)
    found = read(table)
    if name not in found:
        names = ", ".join(ascii(known) for known in found) or "nothing"
        raise UsageError(f"{table}: knows no {name}, but {names}")
    return found[name]


def named_like(source: str) -> bool:
    """Whether a source may be the name of a model: it is no file, and has nothing of a path or an address."""
    return not os.path.exists(source) and not re.search(r"[/\\:]|\.onnx$", source)
