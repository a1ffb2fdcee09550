# Linux and macOS; on Windows `pokazatel.cmd` does the same. Another Python: make PYTHON=python3.12 demo
PYTHON ?= python3
VENV := .venv/bin/python
export PYTHONUTF8 := 1

.PHONY: help demo test test-editor test-lowest test-newest lint format bench lock wheel clean runtime dev

# Name the targets and what they do: the comment above each.
help:
	@awk '/^# /{text=substr($$0, 3); next} /^[a-z-]+:/{if (text) {split($$1, name, ":"); printf "  make %-11s %s\n", name[1], text}} {text=""}' Makefile

# Evaluate all shipped catalogues on their demo data and write the reports to out/
demo: runtime
	@$(VENV) scripts/demo.py

# Everything that is tested: style, types, tests, coverage
test: dev
	@$(VENV) scripts/test.py

# What editors make of the catalogues: talks to the real server, which npm brings (Node.js)
test-editor: dev
	@$(VENV) scripts/editors.py

# The core of the tests with the lowest versions that pyproject.toml declares
test-lowest:
	@$(PYTHON) scripts/versions.py lowest

# The core of the tests with the newest version of everything
test-newest:
	@$(PYTHON) scripts/versions.py newest

# Style and types only
lint: dev
	@$(VENV) -m ruff check
	@$(VENV) -m ruff format --check
	@$(VENV) -m mypy

# Put the code into the one format
format: dev
	@$(VENV) -m ruff check --fix
	@$(VENV) -m ruff format

# Speed and memory, as ratios inside one run
bench: dev
	@$(VENV) -m benchmarks

# Resolve the locked versions anew from pyproject.toml, for every system and Python at once
lock:
	@$(PYTHON) scripts/lock.py

# Build the wheel into dist/
wheel: dev
	@$(VENV) -m build --wheel --no-isolation

# Remove what was made, the environment included
clean:
	rm -rf .venv out build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime dev:
	@$(PYTHON) scripts/environment.py $@
