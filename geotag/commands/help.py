"""Commands about geotag itself: its handbook by topic, and completion for shells."""

from __future__ import annotations

import click

from geotag import options

_MOST_TOPICS = 3


@click.command("help")
@click.argument("topic", nargs=-1, metavar="[TOPIC|COMMAND]", shell_complete=options.topics)
@click.pass_context
def help_(context: click.Context, topic: tuple[str, ...]) -> None:
    """Read the handbook, by topic.

    Without a word it lists the topics. A command's name shows the help of that command; any other word finds
    the topics that speak of it.
    """
    from geotag import console
    from geotag.commands import handbook

    command = _command(context.find_root(), topic)
    if command is not None:
        click.echo(command.get_help())
        return
    text = handbook.text()
    if not topic:
        console.show([each.name for each in handbook.topics(text)])
        console.say(["`geotag help TOPIC` shows one; `geotag help WORD` finds those that speak of it"])
        return
    found = handbook.find(" ".join(topic), text)
    if len(found) > _MOST_TOPICS:
        console.show([each.name for each in found])
        console.say([f"{len(found)} topics speak of it; `geotag help TOPIC` shows one"])
        return
    for each in found:
        console.markdown(each.text)


def _command(root: click.Context, words: tuple[str, ...]) -> click.Context | None:
    """The context of the command that the words name one after the other, as in "models add"."""
    context = root
    for word in words:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            return None
        context = click.Context(found, info_name=word, parent=context, **found.context_settings)
    return context if words else None


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options, files and model names.

    \b
    bash (4.4 or newer)   eval "$(geotag completion bash)"
    zsh                   eval "$(geotag completion zsh)"
    fish                  geotag completion fish > ~/.config/fish/completions/geotag.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"{shell}: Click knows no completion for it; use bash, zsh or fish")
    click.echo(made(context.find_root().command, {}, "geotag", "_GEOTAG_COMPLETE").source())


COMMANDS = (help_, completion)
