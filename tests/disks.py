"""Disks and users for tests: small mounts, a user without rights, what is left over."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from geotag.files import atomic
from tests.archives import snapshot


@contextmanager
def mounted(folder: Path, *options: str, source: str = "tmpfs") -> Iterator[Path]:
    """A file system mounted on `folder`; skips where we may not mount."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", *options, source, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"may not mount here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user without special rights for a while; skips where we cannot change who we are."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def reachable(*paths: Path) -> None:
    """Let everybody pass to the folder `paths[0]` and the files after it; `nobody` owns what is in there."""
    folder = paths[0]
    for parent in {parent for path in paths for parent in path.parents}:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    if os.geteuid() == 0:
        for root, _, names in os.walk(folder):
            for path in (root, *(os.path.join(root, name) for name in names)):
                os.chown(path, 65534, 65534)


def left_over(*folders: Path) -> list[str]:
    return [
        path
        for folder in folders
        for path in snapshot(folder)
        if os.path.basename(path).startswith(atomic.PREFIX)
    ]


def others_are_done(found: dict[str, dict[str, str]], *failed: str) -> bool:
    return {path for path, row in found.items() if row["status"] == "failed"} == set(failed) and all(
        row["written"] in ("exif", "sidecar") for path, row in found.items() if path not in failed
    )
