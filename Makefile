# Tidegate: one place for the commands that people and CI use.
# A fresh clone needs Python 3.11 or newer (choose one with PYTHON=...), make, and a package index; no root, no Docker.

PYTHON ?= python3
VENV   ?= .venv
# What `make demo` hands to `tidegate demo`, and `make test` to pytest: make test ARGS="tests/xds -x"
ARGS   ?=

BIN   := $(VENV)/bin
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# A stamp is named after the content of what it installed, not after times: a checkout that changes no lock installs nothing.
PROJECTS    := pyproject.toml packages/tidegate-auth/pyproject.toml
RUNTIME_SUM := $(shell cat requirements/runtime.txt $(PROJECTS) 2>/dev/null | cksum | tr ' ' '-')
DEV_SUM     := $(shell cat requirements/runtime.txt requirements/dev.txt $(PROJECTS) 2>/dev/null | cksum | tr ' ' '-')
RUNTIME     := $(VENV)/.runtime-$(RUNTIME_SUM)
DEV         := $(VENV)/.dev-$(DEV_SUM)
PIP         := $(BIN)/python -m pip --disable-pip-version-check -qq --no-input

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(RUNTIME) ## run the tasks example: gateway, token service, three services; Ctrl-C ends all of it
	@exec $(BIN)/tidegate demo $(ARGS)

.PHONY: test
test: $(DEV) ## run every test that takes seconds, real Envoy included
	@$(BIN)/python -m pytest -m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: $(DEV) ## run the tests that take minutes
	@status=0; $(BIN)/python -m pytest -m slow --collect-only --quiet >/dev/null || status=$$?; \
	if [ $$status -eq 5 ]; then echo "no test is marked slow"; else $(BIN)/python -m pytest -m slow $(ARGS); fi

.PHONY: test-all
test-all: test test-slow ## run every test

.PHONY: coverage
coverage: $(DEV) ## run the tests that need no other process, and show which branches they miss
	@$(BIN)/coverage run --branch --source=src,packages/tidegate-auth/src -m pytest -m "not slow and not e2e" --quiet $(ARGS)
	@$(BIN)/coverage report --skip-covered --show-missing

.PHONY: lint
lint: $(DEV) ## ruff, mypy, import contracts, the house's own rules
	@failed=; \
	check() { echo "-- $$*"; "$$@" || failed="$$failed $$1"; }; \
	check $(BIN)/ruff check --quiet .; \
	check $(BIN)/ruff format --check --quiet .; \
	check $(BIN)/mypy; \
	check $(BIN)/mypy --cache-dir .mypy_cache/house scripts benchmarks; \
	check $(BIN)/lint-imports --no-cache; \
	check $(BIN)/python -m scripts.check_house; \
	check $(BIN)/python -m scripts.generate_docs --check; \
	test -z "$$failed"

.PHONY: format
format: $(DEV) ## let ruff format everything
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: docs
docs: $(DEV) ## write the generated pages: docs/supported.md, docs/diagnostics.md
	@$(BIN)/python -m scripts.generate_docs

.PHONY: bench
bench: $(RUNTIME) ## measure against bare Envoy and HAProxy; writes docs/benchmarks.md (needs Debian's wrk and haproxy)
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: lock
lock: ## write requirements/*.txt anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: $(PYTHON) -m pip install uv" >&2; exit 1; }
	@$(COMPILE) $(PROJECTS) requirements/runtime.in --output-file requirements/runtime.txt
	@$(COMPILE) $(PROJECTS) requirements/runtime.in requirements/dev.in --constraints requirements/runtime.txt \
		--output-file requirements/dev.txt

# No index host and no path of a machine may stand in a lock: --no-emit-index-url, --no-emit-find-links, and a fixed header.
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## remove the environment, caches and build results; never a state directory
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Tidegate needs Python 3.11 or newer; this is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Everything from the index comes with a hash; our own two packages are then installed without asking the index anything.
define install
	@echo "installing from $(1) into $(VENV)"
	@$(PIP) install --no-deps --require-hashes --requirement $(1)
	@$(PIP) install --no-deps --no-build-isolation --editable . --editable packages/tidegate-auth
	@# Compiled once here, not at every start of every process, whatever the environment says about writing bytecode.
	@$(BIN)/python -m compileall -q src packages
	@rm -f $(VENV)/$(2)
	@touch $@
endef

$(RUNTIME): | $(BIN)/python
	$(call install,requirements/runtime.txt,.runtime-*)

$(DEV): | $(BIN)/python
	$(call install,requirements/dev.txt,.dev-*)
	@rm -f $(VENV)/.runtime-* && touch $(RUNTIME)
