"""What ends a run, what settles one photo, and the exit codes a caller can rely on."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of the `geotag` command."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SOME_FAILED = 3
    NO_MODEL = 4
    OUTPUT = 5
    INTERRUPTED = 130


class GeotagError(Exception):
    """Something that ends the whole run; the message names the file, the reason and the next step."""

    exit_code = Exit.UNEXPECTED


class UsageError(GeotagError):
    """The command was asked for something it cannot do (a missing folder, options that contradict)."""

    exit_code = Exit.USAGE


class ModelError(GeotagError):
    """No usable model: the file is missing, unreadable or not by the contract."""

    exit_code = Exit.NO_MODEL


class OutputError(GeotagError):
    """The output folder cannot be written, belongs to another archive or is held by another run."""

    exit_code = Exit.OUTPUT


class ClusterError(GeotagError):
    """Machines that should help cannot: nobody answers, no workers, or they see other files than we do."""


class PhotoError(Exception):
    """One photo's trouble: it settles that photo's record and nothing else."""


class RefusedError(PhotoError):
    """A codec will not embed a position in this file; the message says why. The file is as it was."""


class UncertainError(PhotoError):
    """Nobody can tell yet whether a change happened; the journal keeps it, and the next run settles it."""


def unread(error: OSError) -> str:
    """What to say of a file that the disk or the store does not give."""
    return f"cannot be read: {(error.strerror or str(error)).lower()}"
