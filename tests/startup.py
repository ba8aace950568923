"""What starting costs: `python -m tests.startup [--rounds N]`, in seconds of the processor.

`geotag --help` beside importing Click alone, and `geotag run` on one photo beside the parts it is made of,
each a process of its own, in turn, round by round, so that a slow moment of the machine hits all of them;
printed are medians and shares of the run. Python's compiled modules are kept, as an installation keeps them,
wherever the environment forbids that: compiling them anew costs more than all the rest.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests import archives, costs

PARTS = {
    "python": "pass",
    "click": "import click",
    "numpy": "import numpy",
    "pillow": "import numpy, PIL.Image; PIL.Image.init()",
    "pipeline": "import geotag.cli, geotag.console, geotag.pipeline",
    "gazetteer": "import geotag.pipeline; from geotag.evidence import gazetteer; gazetteer.load()",
    "model": "import geotag.pipeline; from geotag.models import shelf; shelf.load('geovision', 'cpu', 1)",
}


def measured(rounds: int) -> dict[str, float]:
    """Seconds of the processor by part, medians."""
    spent: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = archives.fill(Path(scratch, "archive"), ["a.jpg"])
        run = ["run", str(folder), "--output", f"{scratch}/out", "--redo", "--device", "cpu"]
        commands = {name: ["-c", program] for name, program in PARTS.items()}
        commands |= {"help": ["-m", "geotag", "--help"], "run": ["-m", "geotag", *run]}
        compiled = {"PYTHONPYCACHEPREFIX": f"{scratch}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
        for number in range(rounds + 1):
            for name, arguments in commands.items():
                cost = costs.of([sys.executable, *arguments], **compiled)
                if cost.code:
                    raise subprocess.CalledProcessError(cost.code, arguments, stderr=cost.said)
                if not number:
                    # The first time modules are compiled.
                    continue
                spent.setdefault(name, []).append(cost.cpu_s)
    return {name: statistics.median(found) for name, found in spent.items()}


@click.command()
@click.option("--rounds", default=5, show_default=True)
def main(rounds: int) -> None:
    """Print the shares."""
    found = measured(rounds)
    click.echo(f"geotag --help: {found['help'] / found['click']:.2f} times importing Click alone")
    shares = {
        "Python itself": found["python"],
        "NumPy": found["numpy"] - found["python"],
        "Pillow and its plugins": found["pillow"] - found["numpy"],
        "the rest of geotag's imports": found["pipeline"] - found["pillow"],
        "the gazetteer": found["gazetteer"] - found["pipeline"],
        "loading the model": found["model"] - found["pipeline"],
    }
    shares["the photo, journal, manifests"] = found["run"] - sum(shares.values())
    click.echo(f"geotag run on one photo: {found['run']:.2f} s of the processor, of which")
    for name, seconds in shares.items():
        click.echo(f"  {name:<30}{100 * seconds / found['run']:5.0f} %")


if __name__ == "__main__":
    main()
