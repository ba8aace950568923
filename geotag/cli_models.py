"""Commands about models: the ones at hand and their cards."""

from __future__ import annotations

import click

from geotag import options


@click.command()
@click.argument("name", required=False, metavar="[NAME|FILE]")
@options.as_json
def models(name: str | None, as_json: bool) -> None:
    """List the models at hand, or show one model's card."""
    from geotag import console, shelf

    with console.muffled():
        cards = shelf.cards(name)
    if as_json:
        click.echo(options.as_text([shelf.as_json(card) for card in cards]))
    else:
        for card in cards:
            click.echo("\n".join(shelf.in_words(card)))


COMMANDS = (models,)
