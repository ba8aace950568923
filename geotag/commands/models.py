"""Commands about models: the ones at hand and their cards; models added and removed; the default one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from geotag import options

if TYPE_CHECKING:
    from geotag import console


class _Models(click.Group):
    """Without a word it lists, and a word that is no command of its own is a model to be shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else "--"
        if first not in self.commands and first not in ctx.help_option_names:
            args = ["list" if first.startswith("-") else "show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Models)
def models() -> None:
    """Show the models at hand, add and remove some, choose the default one.

    \b
    geotag models                 every model at hand
    geotag models NAME            one model's card: the same as `geotag models show NAME`
    """


@models.command("list")
@options.as_json
def list_(*, as_json: bool) -> None:
    """List every model at hand, with its card; what cannot be used is said."""
    from geotag import console
    from geotag.models import known, modelfolder, shelf

    with console.muffled():
        cards, troubles = shelf.cards()
    if as_json:
        click.echo(options.as_text([shelf.as_json(card) for card in cards]))
    else:
        console.show([line for card in cards for line in shelf.in_words(card)])
    there = modelfolder.names()
    others = [f"not here: {model.in_words}" for model in known.shipped().values() if model.name not in there]
    where = f"default: {modelfolder.default()}; added models lie in {modelfolder.folder()}"
    console.say([*troubles, *others, where])


@models.command()
@click.argument("name", metavar="NAME|FILE")
@options.as_json
def show(name: str, *, as_json: bool) -> None:
    """Show one model's card: licence, size, SHA-256, metrics, calibration, also what was calibrated here."""
    from dataclasses import asdict

    from geotag import console
    from geotag.models import calibrations, shelf

    with console.muffled():
        card = shelf.load(name, "cpu", 1).card
    measured = calibrations.kept([card.path], card.sha256)
    if as_json:
        click.echo(options.as_text([shelf.as_json(card) | {"calibrations": list(map(asdict, measured))}]))
        return
    console.show(shelf.in_words(card))
    console.show(
        [
            f"  calibrated:    radius times {one.factor:.2f} below {one.base}, by {one.photos:,} photos"
            for one in measured
        ]
    )


class _Person:
    """Whoever sits at the terminal, or said --yes."""

    def __init__(self, view: console.FetchView, *, yes: bool) -> None:
        self.note, self.fetched, self._yes = view.note, view.fetched, yes

    def agree(self, doubt: str) -> bool:
        """Say what is to be known of a licence, and ask whether the model is wanted."""
        self.note(doubt)
        return self._yes or (sys.stdin.isatty() and click.confirm("Add it?", err=True))


@models.command()
@click.argument("source", metavar="FILE|URL|NAME", type=click.Path(path_type=str))
@click.option(
    "--describe",
    type=click.Path(path_type=str),
    metavar="FILE.toml",
    help="What goes into the model and what comes out: wraps one that does not keep the contract (needs the "
    "extra wrap).",
)
@click.option("--name", metavar="NAME", help="The name it gets.  [default: that of the file or description]")
@click.option("--sha256", metavar="HEX", help="What the file's SHA-256 has to be; anything else is refused.")
@click.option(
    "--table",
    type=click.Path(path_type=str),
    metavar="FILE.toml",
    help="A table of known models, your organisation's, in which NAME is looked up.",
)
@click.option("--yes", is_flag=True, help="Take it whatever its licence says.")
@options.log_json
def add(
    source: str,
    describe: str | None,
    name: str | None,
    sha256: str | None,
    table: str | None,
    *,
    yes: bool,
    log_json: bool,
) -> None:
    """Take a model file into your folder of models, after a look at what is in it.

    An address (http, https) is fetched first; what broke off goes on with the same command. Nothing that is
    there already is overwritten. A licence that allows no commercial use, or that geotag does not know, is
    shown and has to be agreed to.

    \b
    geotag models add guest.onnx                          a file that keeps the model contract
    geotag models add https://.../guest.onnx --sha256 ... fetched, and refused if it is another file
    geotag models add model.onnx --describe model.toml    any model that gives coordinates, probabilities of
                                                          places, or vectors to compare with those of places;
                                                          the README says what the description says
    geotag models add NAME --table models.toml            a model that a table knows
    """
    from geotag import console
    from geotag.commands import logview
    from geotag.models import adopt, shelf

    wish = adopt.Wish(source, name, sha256, describe, table)
    with console.muffled(), logview.fetching(as_json=log_json) as view:
        card = adopt.add(wish, _Person(view, yes=yes))
    console.show(shelf.in_words(card))


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a model that was added, with what was calibrated for it."""
    from geotag import console
    from geotag.models import adopt

    console.say([f"removed {path}" for path in adopt.remove(name)])


@models.command()
@click.argument("name", required=False)
def default(name: str | None) -> None:
    """Make a model the one that commands use without --model; without NAME, say which one that is."""
    from geotag.models import adopt, modelfolder

    if name is not None:
        adopt.make_default(name)
    click.echo(modelfolder.default())


COMMANDS = (models,)
