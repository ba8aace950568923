"""Opens files of bytes and nothing else: a pipe with the name of a photograph is waited for for ever."""

from __future__ import annotations

import errno
import os
import stat


def opener(path: str, flags: int) -> int:
    """An opener for `open`; raises OSError for a pipe, a socket or a device."""
    # With O_NONBLOCK nobody waits for the other end of a pipe; of a file it changes nothing (open(2)).
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        # Of a folder, `open` itself says that it is one.
        return handle
    os.close(handle)
    raise OSError(errno.EINVAL, "A pipe or a device, no file", path)
