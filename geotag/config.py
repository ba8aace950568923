"""geotag.toml: the options of `geotag run` that an archive always wants, by their names.

    write-exif = true
    max-error-km = 50
    exclude = ["thumbs", "*.tmp.jpg"]

The file lies beside the archive, or is named with --config. What the command line says comes first. Paths in
it are relative to the folder that it lies in.
"""

from __future__ import annotations

import os
from typing import Any

import click
from click.core import ParameterSource

from geotag.errors import UsageError, unread

NAME = "geotag.toml"


def find(archive: tuple[str, ...], named: str | None) -> str | None:
    """The configuration file that was named, or lies beside the first archive; None when there is none."""
    if named is not None:
        return named
    beside = os.path.join(os.path.dirname(os.path.realpath(archive[0])), NAME)
    return beside if "://" not in archive[0] and os.path.isfile(beside) else None


def read(path: str) -> dict[str, Any]:
    """What a configuration file says; raises UsageError when it cannot be read or is no TOML 1.0."""
    import tomllib

    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise UsageError(
            f"{path}: the configuration {unread(error)}; check the spelling of --config FILE"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no TOML: {error}; mend that line") from error


def merged(context: click.Context, chosen: dict[str, Any], path: str) -> dict[str, Any]:
    """The options of a command with those of a configuration file, where the command line is silent.

    Raises UsageError for a name that is no option of the command and for a value that the option refuses.
    """
    options = {
        option.name: option
        for option in context.command.params
        if isinstance(option, click.Option) and option.name in chosen
    }
    result = dict(chosen)
    for key, value in read(path).items():
        name = key.replace("-", "_")
        if name not in options:
            known = ", ".join(sorted(str(option).replace("_", "-") for option in options))
            raise UsageError(f"{path}: {key} is no option of geotag {context.info_name}; there are: {known}")
        if context.get_parameter_source(name) is ParameterSource.DEFAULT:
            result[name] = _checked(context, options[name], value, path, key)
    return result


def _checked(context: click.Context, option: click.Option, value: Any, path: str, key: str) -> Any:
    if option.is_flag and not isinstance(value, bool):
        raise UsageError(f"{path}: {key} is true or false, not {value!r}")
    if option.multiple and not isinstance(value, list):
        value = [value]
    if isinstance(option.type, click.Path) and isinstance(value, str):
        value = os.path.join(os.path.dirname(os.path.abspath(path)), os.path.expanduser(value))
    try:
        return option.process_value(context, value)
    except click.UsageError as error:
        raise UsageError(f"{path}: {key}: {error.message}") from error
