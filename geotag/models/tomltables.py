"""Tables of a TOML file (TOML 1.0) read key by key; all that is wrong with them is said at once."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from geotag.errors import UsageError, unread

T = TypeVar("T")


def read(path: str) -> File:
    """Read a TOML file; raises UsageError when it cannot be read or is none."""
    try:
        with open(path, "rb") as file:
            return File(path, tomllib.load(file))
    except OSError as error:
        raise UsageError(f"{path}: {unread(error)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: no TOML: {error}; mend that line") from error


@dataclass(slots=True)
class File:
    """A file as it is read: what is wrong with it is collected, and said by `end`."""

    path: str
    content: dict[str, Any]
    troubles: list[str] = field(default_factory=list)
    asked: dict[str, None] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether there is a table of that name; there may be."""
        self.asked[name] = None
        return name in self.content

    def table(self, name: str) -> Table:
        """The table of a name; an empty one, and a trouble, where it is not there."""
        if isinstance(value := self.content.get(name) if self.has(name) else None, dict):
            return Table(name, value, self.troubles)
        self.troubles.append(f"table [{name}] is missing")
        return Table(name, {}, [])

    def end(self) -> None:
        """Raise UsageError when anything was wrong, or when there is a table that nobody asked for."""
        known = ", ".join(f"[{name}]" for name in self.asked)
        for name in sorted(self.content.keys() - self.asked.keys()):
            self.troubles.append(f"{name!a} has no place in it; there are: {known}")
        if self.troubles:
            raise UsageError(f"{self.path}: {'; '.join(self.troubles)}")

    def beside(self, name: str) -> str:
        """The path of a file that this one names: one in its own folder; "" for none."""
        return os.path.join(os.path.dirname(os.path.abspath(self.path)), name) if name else ""


@dataclass(slots=True)
class Table:
    """One table; its methods give a key's value, or note a trouble and give some value of the kind.

    A key without a default has to be there.
    """

    name: str
    content: dict[str, Any]
    troubles: list[str]
    asked: dict[str, None] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        """Whether there is a key; there may be."""
        self.asked[key] = None
        return key in self.content

    def text(self, key: str, default: str | None = None) -> str:
        """A text on one line; only where that is the default may it be empty."""
        value = self._take(key, default, "a text")
        # A NUL or a line break has no business in a name; it would only travel into files and logs.
        if isinstance(value, str) and value.isprintable() and (value or default == ""):
            return value
        return self._wrong(key, value, "a text on one line", "?")

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of some texts."""
        what = " or ".join(f'"{choice}"' for choice in choices)
        value = self._take(key, default, what)
        return value if value in choices else self._wrong(key, value, what, choices[0])

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number."""
        what = f"a whole number from {low:,} to {high:,}"
        value = self._take(key, None, what)
        if type(value) is int and low <= value <= high:
            return value
        return self._wrong(key, value, what, low)

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """A number."""
        what = f"a number from {low:g} to {high:g}"
        value = self._take(key, default, what)
        return (
            float(value) if _is_number(value) and low <= value <= high else self._wrong(key, value, what, low)
        )

    def numbers(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """As many numbers as the default has."""
        value = self._take(key, list(default), "")
        if isinstance(value, list) and len(value) == len(default) and all(map(_is_number, value)):
            return tuple(map(float, value))
        return self._wrong(key, value, f"{len(default)} numbers", default)

    def end(self) -> None:
        """Note the keys that nobody asked for."""
        for key in sorted(self.content.keys() - self.asked.keys()):
            self.troubles.append(f"[{self.name}] {key!a} is no key here; there are: {', '.join(self.asked)}")

    def _take(self, key: str, default: Any, what: str) -> Any:
        if not self.has(key) and default is None:
            self.troubles.append(f"[{self.name}] {key} is missing: {what}")
        return self.content.get(key, default)

    def _wrong(self, key: str, value: Any, what: str, instead: T) -> T:
        if value is not None:
            self.troubles.append(f"[{self.name}] {key} is {value!a}, not {what}")
        return instead


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
