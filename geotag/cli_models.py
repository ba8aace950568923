"""Commands about models: the ones at hand and their cards; models added and removed; the default one."""

from __future__ import annotations

import sys

import click

from geotag import options


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
    from geotag import console, modelfolder, shelf

    with console.muffled():
        cards, troubles = shelf.cards()
    if as_json:
        click.echo(options.as_text([shelf.as_json(card) for card in cards]))
    else:
        console.show([line for card in cards for line in shelf.in_words(card)])
    console.say([*troubles, f"default: {modelfolder.default()}; added models lie in {modelfolder.folder()}"])


@models.command()
@click.argument("name", metavar="NAME|FILE")
@options.as_json
def show(name: str, *, as_json: bool) -> None:
    """Show one model's card: licence, size, SHA-256, metrics, calibration."""
    from geotag import console, shelf

    with console.muffled():
        card = shelf.load(name, "cpu", 1).card
    if as_json:
        click.echo(options.as_text([shelf.as_json(card)]))
    else:
        console.show(shelf.in_words(card))


@models.command()
@click.argument("source", metavar="FILE|URL", type=click.Path(path_type=str))
@click.option("--name", metavar="NAME", help="The name it gets.  [default: that of the file]")
@click.option("--sha256", metavar="HEX", help="What the file's SHA-256 has to be; anything else is refused.")
@click.option("--yes", is_flag=True, help="Take it whatever its licence says.")
def add(source: str, name: str | None, sha256: str | None, *, yes: bool) -> None:
    """Take a model file into your folder of models, after a look at what is in it.

    An address (http, https) is fetched first; what broke off goes on with the same command. Nothing that is
    there already is overwritten. A licence that allows no commercial use, or that geotag does not know, is
    shown and has to be agreed to.
    """
    from geotag import adopt, console, shelf

    def agree(doubt: str) -> bool:
        console.say([doubt])
        return yes or (sys.stdin.isatty() and click.confirm("Add it?", err=True))

    with console.muffled():
        card = adopt.add(source, name, sha256, agree)
    console.show(shelf.in_words(card))
    if sha256 is None:
        console.say(["nothing said which SHA-256 it has to have: compare the one above with its author's"])


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a model that was added, with what was calibrated for it."""
    from geotag import adopt, console

    console.say([f"removed {path}" for path in adopt.remove(name)])


@models.command()
@click.argument("name", required=False)
def default(name: str | None) -> None:
    """Make a model the one that commands use without --model; without NAME, say which one that is."""
    from geotag import adopt, modelfolder

    if name is not None:
        adopt.make_default(name)
    click.echo(modelfolder.default())


COMMANDS = (models,)
