"""Coverage-guided fuzzing of the metadata codecs; not part of the test suite.

    pip install atheris
    python -m tests.fuzz_codecs CORPUS -max_total_time=1200 -timeout=10 -max_len=8192

CORPUS is a folder that is filled with small sound files of every format, XMP packets among them, at the
start and with whatever libFuzzer finds worth keeping. A crash is a file for which `check` or `check_packet`
of `tests.codec_checks` fails; it is kept by libFuzzer, and becomes a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["geotag.metadata"]):
    from geotag.metadata import sniff
    from tests.codec_checks import check, check_packet
    from tests.codec_seeds import PACKETS, SEEDS, mended


def one(data: bytes) -> None:
    """One input: any exception is a finding."""
    if sniff(data):
        check(mended(data))
    else:
        check_packet(data)


def main() -> None:
    """Fill the corpus folder and hand over to libFuzzer, which never returns."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python -m tests.fuzz_codecs CORPUS [libFuzzer options]")
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in (SEEDS | PACKETS).items():
        (corpus / name).write_bytes(data)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
