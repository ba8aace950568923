"""The README promises what there is: its commands, options, columns, statuses and exit codes exist."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from geotag.cli import main
from geotag.errors import Exit
from geotag.renderings.manifest import COLUMNS
from geotag.types import Status, Written
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = [line.strip() for line in README.splitlines() if line.startswith("    ")]
GEOTAG = [line[line.index("geotag ") :] for line in EXAMPLES if re.search(r"(^|\* +)geotag ", line)]


def section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def table(title: str) -> dict[str, str]:
    """The first two columns of the table in a section of the README, without its head."""
    rows = [line.strip("| ").split(" | ") for line in section(title).splitlines() if line.startswith("| ")]
    return {row[0]: row[1] for row in rows[1:]}


@pytest.mark.parametrize("line", GEOTAG)
def test_every_command_parses(line: str) -> None:
    _, name, *words = shlex.split(line)
    command = main.commands[name]
    if isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    # A command keeps its help option as it was first asked for, and main's settings say how it is called.
    outer = click.Context(main, **main.context_settings)
    context = command.make_context(name, words, parent=outer, resilient_parsing=True)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert context.args == []


def test_every_command_is_mentioned() -> None:
    for name in main.commands:
        assert f"geotag {name}" in README, name


def test_make_has_what_is_asked_of_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {line.split()[1] for line in EXAMPLES if line.startswith("make ")}
    assert asked == {"demo", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in asked)
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_options_in_prose_exist() -> None:
    groups = [main, *(command for command in main.commands.values() if isinstance(command, click.Group))]
    commands = [command for each in groups for command in each.commands.values()]
    known = {option for command in commands for item in command.params for option in item.opts}
    ours = re.sub(r"^ +.*\bdask (?:scheduler|worker)\b.*$", "", README, flags=re.MULTILINE)
    assert set(re.findall(r"--[a-z][a-z0-9-]+", ours)) <= known


def test_columns_of_the_manifest_are_explained() -> None:
    explained = table("Reading the results")
    assert re.findall(r"`(\w+)`", " ".join(explained)) == list(COLUMNS)
    assert re.findall(r"`(\w+)`:", explained["`status`"]) == [*Status]
    assert re.findall(r"`(\w+)`", explained["`written`"]) == [*Written]


def test_exit_codes_are_explained() -> None:
    assert [int(code) for code in table("By the clock")] == [code.value for code in Exit]


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).is_file(), link
