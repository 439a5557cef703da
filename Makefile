# The two commands: `make demo` and `make test`. Both set up whatever they need: Python 3.11 to 3.14 and the package index
# suffice. PYTHON=... names an interpreter; without it the newest one that starts is taken.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SEEDS ?= 2000
CYCLES ?= 100000
CASES ?= 50
ROUNDS ?= 20
JOBS ?= 2

WHAT_TO_INSTALL := "Comanda needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module, and found none that starts: install one (on Debian and Ubuntu: apt install python3 python3-venv), or name one with PYTHON=/path/to/python."
NAMED_WILL_NOT_DO := "does not start as Python 3.11, 3.12, 3.13 or 3.14 with its venv module: name another one, or leave PYTHON out and the newest on PATH is taken."

.DEFAULT_GOAL := help
.PHONY: help demo test coverage lint types bench simulate soak kills papers kitchen api clean

help:
	@echo "make demo            try it: cloud, till and kitchen on this machine (CHECK=1: without a screen)"
	@echo "make test            everything that must hold before a change lands"
	@echo "make coverage        the tests again, with the lines that none of them runs"
	@echo "make bench           measure"
	@echo "make simulate        SEEDS=$(SEEDS) simulated days of a branch, and all planted bugs, which must be found"
	@echo "make soak            a till's day of 50,000 sales, 10,000 of them by keys: its memory must not grow"
	@echo "make papers          a print queue that dies 10,000 times, and 100 times by kill -9: nothing lost, nothing twice"
	@echo "make kills           kill -9 before every statement of splits, payments, refunds and a close (CYCLES=$(CYCLES))"
	@echo "make api             CASES=$(CASES) requests of each operation by each caller against its document, and the isolation matrix"
	@echo "make kitchen         ROUNDS=$(ROUNDS) of a kitchen whose displays die and sleep, with clocks hours apart and a cloud that is cut"

$(READY): pyproject.toml constraints.txt
	@sh packaging/find_python.sh $(BIN)/python >/dev/null || { \
		named='$(PYTHON)'; \
		python=$$(sh packaging/find_python.sh "$$named") || { \
			if test -n "$$named"; then echo "PYTHON=$$named" $(NAMED_WILL_NOT_DO); else echo $(WHAT_TO_INSTALL); fi; \
			exit 1; \
		}; \
		"$$python" -m venv --clear $(VENV); \
	}
	@echo "Installing packages into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --constraint constraints.txt hatchling editables
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary --no-build-isolation --constraint constraints.txt --editable '.[terminal,cloud,demo,dev]'
	@touch $(READY)

demo: $(READY)
	@$(BIN)/comanda demo $(if $(CHECK),--check)

test: $(READY) lint types
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q tests

# By itself: to count lines costs a third of the time that the tests take.
coverage: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --cov --cov-report=term:skip-covered -q tests

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m tests.benchmarks

simulate: $(READY)
	$(BIN)/python -m tests.simulation.run --seeds $(SEEDS) --jobs $(JOBS)
	COMANDA_POSTGRES_SEEDS=20 $(BIN)/python -m pytest -q tests/simulation/test_keepers.py
	$(BIN)/python -m tests.simulation.run --mutants --jobs $(JOBS)

soak: $(READY)
	$(BIN)/python -m tests.soak

papers: $(READY)
	$(BIN)/python -m tests.papers

kills: $(READY)
	$(BIN)/python -m pytest -q --cycles $(CYCLES) tests/faults/test_killed_evening.py

kitchen: $(READY)
	COMANDA_KITCHEN_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -q -o faulthandler_timeout=0 tests/faults/test_kitchen_evening.py

api: $(READY)
	COMANDA_API_CASES=$(CASES) $(BIN)/python -m pytest -n $(JOBS) -q tests/cloud/test_document.py tests/cloud/api

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
