# What a person does with this tree. `make` alone lists it.
# Nothing here needs more than Python 3.11 with venv, git and make; `make test` says what else it needs of the system.

VENV := .venv
PYTHON := $(VENV)/bin/python
PROJECT := pyproject.toml $(wildcard agent/pyproject.toml) scripts/install-python

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-unit check format bench specs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.base: requirements/base.txt $(PROJECT)
	scripts/install-python base
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(PROJECT)
	scripts/install-python dev
	@touch $@ $(VENV)/.base

$(VENV)/.judges: requirements/pcsc.txt requirements/node.txt requirements/wapiti.txt scripts/install-node \
		scripts/install-wapiti tests/interop/package-lock.json $(VENV)/.dev
	scripts/install-python pcsc
	scripts/install-node
	scripts/install-wapiti
	@touch $@

venv: $(VENV)/.dev ## Make .venv with everything a developer needs

demo: $(VENV)/.base ## Start a provider, a relying party and a test card, and sign in once; ONCE=1 ends after that
	$(PYTHON) -m examples.demo $(if $(ONCE),--once)

test: ## Run everything: checks, then every test; installs what is missing, as root also Debian packages
	scripts/install-test-needs
	$(MAKE) --no-print-directory $(VENV)/.judges
	$(MAKE) --no-print-directory check
	scripts/run-tests

test-unit: $(VENV)/.dev ## Run the tests that need no socket and no other program
	$(PYTHON) -m pytest -q tests/unit tests/architecture

check: $(VENV)/.dev ## Style, types, layers, dependencies, names, sizes, locks
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	cd agent && ../$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/deptry .
	$(PYTHON) -m pytest -q tests/architecture

format: $(VENV)/.dev ## Put imports and lines in order
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: $(VENV)/.dev ## Measure sign-ins a second beside a peer
	$(PYTHON) -m bench

specs: $(VENV)/.dev ## Write docs/specs.md and the reasons in docs/errors*.md anew
	$(PYTHON) -m tests.specs.table

lock: ## Write the locks anew from pyproject.toml (needs uv); UPGRADE=1 takes newer versions
	scripts/lock $(if $(UPGRADE),--upgrade)

clean: ## Remove what the other targets made, but no database and no key
	rm -rf $(VENV) .cache build dist
