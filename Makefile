# The two commands of a newcomer are `make demo` and `make test`; each works first, on a machine with only Python >= 3.11.
# `make help` tells the others. GNU make, POSIX sh.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

BIN := .venv/bin
ROOMS := bot console storage handlers relief locales
# 2: what the smallest machine we know of has, and each worker starts a Valkey and a PostgreSQL of its own.
WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Everything comes from the locked files, checked by hash; building our own package takes setuptools from there too.
LOCKED := install --quiet --require-hashes --only-binary :all: -r
OURS := install --quiet --no-deps --no-build-isolation --editable .

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- what to install -------------------------------------------------------------------------------------------------

.PHONY: install
install: .venv/installed ## Build .venv with the locked dependencies and .venv/bin/komek

.PHONY: install-dev
install-dev: .venv/installed-dev ## The same, and what tests and checks need

$(BIN)/python:
	@.ci/venv .venv

.venv/installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing Kömek and its dependencies into .venv"
	@$(PIP) $(LOCKED) requirements.txt
	@$(PIP) $(OURS)
	@touch $@

# requirements-dev.txt holds all of requirements.txt at the same versions, so both stamps are true afterwards.
.venv/installed-dev: requirements-dev.txt requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing Kömek, its dependencies and the tools of its tests into .venv"
	@$(PIP) $(LOCKED) requirements-dev.txt
	@$(PIP) $(OURS)
	@touch .venv/installed $@

.PHONY: browser
browser: ## Make sure that there is a Chromium for the browser tests
	@.ci/browser

# --- using it --------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: install ## Run everything on this machine: web chat and console on one port
	@$(BIN)/komek demo

.PHONY: talk
talk: install ## Chat with the assistant in this terminal
	@$(BIN)/komek talk

# --- working on it ---------------------------------------------------------------------------------------------------

.PHONY: check
check: install-dev ## Format, lint, types, import contracts, the data pack and the catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(ROOMS) tests benchmarks docs/consumer.py
	$(BIN)/lint-imports
	$(BIN)/komek pack check
	$(BIN)/komek locales check
	@.ci/dictionaries
	$(BIN)/python -m tests.workshop.spelling

.PHONY: test
test: install-dev browser check ## All checks and all tests, with real servers and a real browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: coverage
coverage: install-dev browser ## All tests, a third slower, and which lines and branches none of them reaches
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist worksteal
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.PHONY: test-fast
test-fast: install-dev ## The tests alone, until the first failure; ARGS="tests/handlers -k menu" narrows them
	$(BIN)/python -m pytest -x -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: chaos-short
chaos-short: install-dev ## Each kind of fault once, in about two minutes, as `make test` does too
	$(BIN)/python -m pytest -q tests/chaos

.PHONY: chaos
chaos: install-dev ## An hour in the fault laboratory, then the balance; SECONDS=600 SEED=7 PEOPLE=20 CLUSTER=1 change it
	$(BIN)/python -m tests.chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(PEOPLE),--people $(PEOPLE)) $(if $(CLUSTER),--cluster)

.PHONY: fuzz
fuzz: install-dev ## A million odd inputs at every door: no 5xx, no leak, memory flat; INPUTS=100000 SEED=7 change it
	$(BIN)/python -m tests.fuzz $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SEED),--seed $(SEED))

# The peer has an environment of its own: what it needs is nothing of ours.
.venv-bench/installed: requirements-bench.txt
	@echo "Installing the peer that we are measured beside into .venv-bench"
	@.ci/venv .venv-bench
	@.venv-bench/bin/python -m pip --disable-pip-version-check --no-input $(LOCKED) $<
	@touch $@

.PHONY: bench
bench: install-dev .venv-bench/installed ## Measure turns beside aiogram, and what they cost: about ten quiet minutes; QUICK=1 a first look
	$(BIN)/python -m benchmarks.turns $(if $(QUICK),--quick)

.PHONY: bench-law
bench-law: install-dev ## Measure the law: assessments a second, how quickly the pack is read
	$(BIN)/python benchmarks/assess.py

.PHONY: locales-update
locales-update: install-dev ## Bring the catalogues up to the texts in code and packs, new ones empty; TAGS="tr hu" narrows it
	$(BIN)/komek locales update $(TAGS)

.PHONY: locales-check
locales-check: install-dev ## Every gate of the catalogues, and spelling where there is a good dictionary; TAGS="tr hu" narrows it
	$(BIN)/komek locales check $(TAGS)
	@.ci/dictionaries
	$(BIN)/python -m tests.workshop.spelling $(TAGS)

.PHONY: bench-desk
bench-desk: install-dev ## Measure the desk with 1,000,000 cases in PostgreSQL: takes minutes and 6 GB of disk
	$(BIN)/python -m benchmarks.desk

.PHONY: bench-broadcast
bench-broadcast: install-dev ## Measure a broadcast to 5,000 people beside people who talk: the rate, every 429, how long replies take
	$(BIN)/python -m benchmarks.broadcast

.PHONY: bench-scale
bench-scale: install-dev ## Measure what a second reader and a Valkey Cluster bring, by the clock and by processor time a turn
	$(BIN)/python -m benchmarks.scale

.PHONY: format
format: install-dev ## Write the format that `make check` wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: lock
lock: install-dev ## Write the locked requirements anew after a change of pyproject.toml; UPGRADE=1 takes newer versions
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra build --output-file requirements.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra build --extra dev --constraint requirements.txt \
	  --output-file requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) --group pyproject.toml:bench --output-file requirements-bench.txt

.PHONY: settings
settings: install-dev ## Write docs/configuration.md from the settings' docstrings
	$(BIN)/python -m tests.workshop.configuration

.PHONY: interfaces
interfaces: install-dev ## Write docs/openapi.json and docs/asyncapi.yaml from the table of calls and the events' fields
	$(BIN)/python -m tests.workshop.interfaces

.PHONY: pictures
pictures: install-dev browser ## Take the pictures of docs/languages.md and docs/desk.md anew: each language's chat and console, the desk
	$(BIN)/python -m tests.workshop.pictures

LOCK = --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock" \
	$(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## Remove what was built here; var/ (the demo's data) stays
	rm -rf .venv .venv-bench build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +
