"""Coverage-guided fuzzing of the metadata codecs; not part of the test suite.

    pip install atheris
    python -m tests.fuzz_codecs FORMAT CORPUS [MORE...] -max_total_time=1200 -timeout=10 -max_len=16384

FORMAT is jpeg, tiff, png, webp, heif, jpeg2000 or xmp. CORPUS is a folder that is filled with small sound
files of this format at the start and with whatever libFuzzer finds worth keeping; MORE are folders of other
files to start from. A crash is a file for which `check` or `check_packet` of `tests.codec_checks` fails;
libFuzzer keeps it, and it becomes a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["geotag.metadata"]):
    from geotag.metadata import sniff
    from tests.codec_checks import check, check_packet
    from tests.codec_seeds import PACKETS, SEEDS, mended

FORMATS = ("jpeg", "tiff", "png", "webp", "heif", "jpeg2000", "xmp")


def one(data: bytes, name: str) -> None:
    """One input of the format `name`, others are passed over: any exception is a finding."""
    if name == "xmp":
        check_packet(data)
    elif sniff(data) == name:
        check(mended(data))


def main() -> None:
    """Fill the corpus folder and hand over to libFuzzer, which never returns."""
    if len(sys.argv) < 3 or sys.argv[1] not in FORMATS or sys.argv[2].startswith("-"):
        sys.exit(
            f"usage: python -m tests.fuzz_codecs {'|'.join(FORMATS)} CORPUS [MORE...] [libFuzzer options]"
        )
    name = sys.argv.pop(1)
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = PACKETS if name == "xmp" else {path: data for path, data in SEEDS.items() if sniff(data) == name}
    for path, data in seeds.items():
        (corpus / path).write_bytes(data)
    atheris.Setup(sys.argv, lambda data: one(data, name))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
