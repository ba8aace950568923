# Two commands do everything, each with its own set-up in .venv: make demo, make test.
# A second call is quick: nothing is installed again until pyproject.toml changes.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help demo test bench giants scale growth clean
.DELETE_ON_ERROR:

help:
	@echo "make demo               locate a small archive of real photographs, made in ./demo"
	@echo "make demo ARCHIVE=DIR   locate your own folder; it is only read, answers go to ./demo"
	@echo "make test               every check: ruff, mypy, pytest"
	@echo "make bench              how far from the decode ceiling, and where the time goes; what a GPU is worth"
	@echo "make giants             memory and time of pictures of 100 megapixels and a gigapixel"
	@echo "make scale              memory of runs over 2,000 and 20,000 photos; a finished archive of a million"
	@echo "make growth             draws docs/growth.png: time and memory against photos and megapixels"
	@echo "make clean              remove .venv, ./demo and caches"
	@echo "PYTHON=/path/to/python3 chooses the Python (3.11 or newer)"

# The first Python of the list that is new enough makes the environment. Where the system has no ensurepip
# (Debian without python3-venv), its own pip installs into the bare environment from outside.
$(BIN)/python:
	@for python in $(PYTHON); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        $$python -m venv $(VENV) >/dev/null 2>&1 || { \
	            $$python -m venv --clear --without-pip $(VENV) \
	            && $$python -m pip --python $@ install --quiet --disable-pip-version-check pip; }; \
	        exit $$?; \
	    fi; \
	done; \
	echo "geotag needs Python 3.11 or newer; none of these is one: $(PYTHON)." >&2; \
	echo "Install one and name it, for example: make $(or $(MAKECMDGOALS),demo) PYTHON=/usr/bin/python3.12" >&2; \
	exit 1

$(VENV)/.demo: EXTRAS = demo,heif
$(VENV)/.test: EXTRAS = demo,heif,test
$(VENV)/.demo $(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) (the first time this downloads a few hundred megabytes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

test: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest

# Exit code 3 says that some photographs failed; the demonstration holds one that is cut short on purpose.
ifdef ARCHIVE
export ARCHIVE
demo: $(VENV)/.demo
	@output="demo$$(CDPATH= cd "$$ARCHIVE" 2>/dev/null && pwd).geotag"; \
	mkdir -p "$$(dirname "$$output")"; \
	$(BIN)/geotag run "$$ARCHIVE" --output "$$output" || test $$? -eq 3 || exit 1; \
	echo; \
	echo "Your folder was only read. The answers:"; \
	echo "  $$output/manifest.csv      a row for every photograph; opens in a spreadsheet"; \
	echo "  $$output/manifest.geojson  the same for a map: QGIS, or any GeoJSON viewer"
else
demo: $(VENV)/.demo
	@rm -rf demo/photographs demo/photographs.geotag
	@$(BIN)/python -m tests.photographs demo/photographs
	$(BIN)/geotag run demo/photographs --write-exif --max-error-km 20100 || test $$? -eq 3
	@echo
	@echo "--max-error-km 20100 is half way round the Earth: every guess was written, so that you can see it."
	@echo "A real archive leaves the option out: then only answers with a radius of at most 2,500 km get into files."
	@echo "One photograph failed because it is cut short on purpose; one had a position already and kept it."
	@echo
	@echo "Look at"
	@echo "  demo/photographs.geotag/manifest.csv      a row for every photograph; opens in a spreadsheet"
	@echo "  demo/photographs.geotag/manifest.geojson  the same for a map: QGIS, or any GeoJSON viewer"
	@echo "  demo/photographs                          the photographs, now with positions"
	@echo "ask about a single one with"
	@echo "  $(BIN)/geotag inspect demo/photographs/launch/rocket.tif"
	@echo "and take it all back, byte for byte, with"
	@echo "  $(BIN)/geotag undo demo/photographs.geotag"
endif

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_devices
	$(BIN)/python -m tests.startup

giants: $(VENV)/.test
	$(BIN)/python -m tests.giants

scale: $(VENV)/.test
	$(BIN)/python -m tests.scale memory
	$(BIN)/python -m tests.scale resume

# Drawing needs matplotlib, from the extra `export`.
growth: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'matplotlib>=3.8'
	$(BIN)/python -m tests.growth measure docs/growth.csv
	$(BIN)/python -m tests.growth draw docs/growth.csv docs/growth.png

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
