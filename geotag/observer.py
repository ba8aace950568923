"""Whoever watches a run: a person's progress bar, a cron job's log, nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from geotag.types import Record


class Observer(Protocol):
    """What a run tells while it goes; called from any thread."""

    def total(self, photos: int) -> None:
        """So many image files were found."""

    def settled(self, record: Record, *, fresh: bool) -> None:
        """A photo is done; `fresh` unless nothing had to be done for it.

        One that seemed finished until its neighbours were read is heard of twice, the second time fresh.
        """

    def note(self, text: str) -> None:
        """Something a person may want to know."""

    def warn(self, text: str) -> None:
        """Something a person has to know."""


class Silent:
    """An observer that says nothing."""

    def total(self, photos: int) -> None:
        """So many image files were found."""

    def settled(self, record: Record, *, fresh: bool) -> None:
        """A photo is done."""

    def note(self, text: str) -> None:
        """Something a person may want to know."""

    def warn(self, text: str) -> None:
        """Something a person has to know."""
