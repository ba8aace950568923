"""What starting costs: `python -m tests.startup [--rounds N]`, in seconds of the processor and on the clock.

`geotag --help` beside importing Click alone; `geotag run` on one photo beside the parts it is made of, and
again when that photo is finished. Loading the model is what it takes without the rest: importing NumPy and
ONNX Runtime, creating the session, reading what the model says of itself. Parts are processes of their own
that end as geotag does. All go in turn, round by round, so that a slow moment of the machine hits all of
them; printed are medians. Python's compiled modules are kept, as an installation keeps them, wherever the
environment forbids that: compiling them anew costs more than all the rest.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from tests import archives, costs

ENDING = "import atexit, gc; atexit.register(gc.freeze); "
PARTS = {
    "python": "pass",
    "click": "import click",
    "numpy": "import numpy",
    "runtime": "import onnxruntime",
    "predict": "import onnxruntime, geotag.predict, geotag.models.shelf",
    "model": "from geotag.models import shelf; shelf.load('geovision', 'cpu')",
    "pillow": "import numpy, PIL.Image; PIL.Image.preinit()",
    "modules": "import numpy, PIL.Image, geotag.cli, geotag.console, geotag.pipeline\n"
    "import geotag.flows.work, geotag.flows.glances\n"
    "PIL.Image.preinit()",
}


def measured(rounds: int) -> dict[str, list[costs.Cost]]:
    """What the parts and the commands cost, round by round."""
    spent: dict[str, list[costs.Cost]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = archives.fill(Path(scratch, "archive"), ["a.jpg"])
        run = ["-m", "geotag", "run", str(folder), "--output", f"{scratch}/out", "--device", "cpu"]
        commands = {name: ["-c", ENDING + program] for name, program in PARTS.items()}
        commands |= {
            "click alone": ["-c", "import click"],
            "help": ["-m", "geotag", "--help"],
            "run": [*run, "--redo"],
            "again": run,
        }
        environment = {"PYTHONPYCACHEPREFIX": f"{scratch}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
        # The parts, too, are measured as the command sets itself up.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        for number in range(rounds + 1):
            for name, arguments in commands.items():
                cost = costs.of([sys.executable, *arguments], **environment)
                if cost.code:
                    raise subprocess.CalledProcessError(cost.code, arguments, stderr=cost.said)
                if not number:
                    # The first time modules are compiled.
                    continue
                spent.setdefault(name, []).append(cost)
    return spent


def shares(found: dict[str, float]) -> dict[str, float]:
    """A run's seconds by part; what makes up loading the model begins with a space."""
    session = found["model"] - found["predict"]
    parts = {
        "loading the model": found["runtime"] - found["python"] + session,
        " NumPy": found["numpy"] - found["python"],
        " ONNX Runtime": found["runtime"] - found["numpy"],
        " the session, the card": session,
        "Python itself": found["python"],
        "Click": found["click"] - found["python"],
        "Pillow": found["pillow"] - found["numpy"],
        "geotag's own modules": found["modules"] - found["pillow"] - (found["click"] - found["python"]),
    }
    rest = found["run"] - sum(seconds for name, seconds in parts.items() if name[0] != " ")
    return parts | {"photo, words, journal, manifests": rest}


@click.command()
@click.option("--rounds", default=5, show_default=True)
def main(rounds: int) -> None:
    """Print the shares."""
    spent = measured(rounds)

    def medians(of: Callable[[costs.Cost], float]) -> dict[str, float]:
        return {name: statistics.median(map(of, found)) for name, found in spent.items()}

    cpu, clock = medians(lambda cost: cost.cpu_s), medians(lambda cost: cost.clock_s)
    click.echo(f"geotag --help: {cpu['help'] / cpu['click alone']:.2f} times importing Click alone")
    click.echo(
        f"geotag run, one photo: {cpu['run']:.2f} s of the processor, {clock['run']:.2f} s on the clock"
    )
    click.echo(f"{'of which':<36}{'processor':>10}{'clock':>8}")
    for (name, seconds), waited in zip(shares(cpu).items(), shares(clock).values(), strict=True):
        click.echo(f"  {name:<34}{seconds / cpu['run']:>9.0%} {waited / clock['run']:>7.0%}")
    again = cpu["again"] / cpu["run"], clock["again"] / clock["run"]
    click.echo(f"  the same command again, finished  {again[0]:>9.0%} {again[1]:>7.0%}")


if __name__ == "__main__":
    main()
