# make run: set up and build the graph.   make test: set up and run the tests.   make long: run those that take long.
# make bench: compare engines.   make fuzz: try odd inputs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test long check lint bench fuzz java clean

run: $(STAMP)
	$(BIN)/spacegov build

test: $(STAMP)
	$(BIN)/python -m pytest -n auto -m "not long and not java"

long: $(STAMP)
	$(BIN)/python -m pytest -n auto -m "long and not java"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/spacegov fmt --check

bench: $(STAMP)
	$(BIN)/python benchmarks/against_reference.py

# How many inputs all tests of tests/fuzz try together, each time others.
FUZZ ?= 120000
fuzz: $(STAMP)
	SPACEGOV_FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/fuzz -n auto

java: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "JPype1==1.7.1"
	$(BIN)/python -m pytest -m java -rs

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) dist
