# Everything stays below this folder: packages in .venv, the demo's state in var. Nothing needs root, Docker or a database.

PYTHON ?= python3

.DEFAULT_GOAL := help
BIN := .venv/bin
READY := .venv/.ready
FITS := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
# An interpreter that the caller names is taken or refused; only the default may be replaced by a fitting neighbor.
CANDIDATES := $(if $(filter file,$(origin PYTHON)),python3 python3.13 python3.12 python3.11,"$(PYTHON)")
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --annotation-style line --generate-hashes

.PHONY: help run up test test-services chaos browser check bench docs lock bundle clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo '  PYTHON=…           the Python (3.11 to 3.13) that .venv is made with; ONCE=1, TESTS=…, BENCH=… as above'

run: $(READY) ## the demo: five obligations up to review, then stay up; ONCE=1 approves, prints the ledger and ends
	@$(BIN)/python -m obligations.orchestration.demo.demo $(if $(filter 1,$(ONCE)),once,run)

up: $(READY) ## Airflow and its pages alone
	@$(BIN)/python -m obligations.orchestration.demo.demo up

test: $(READY) ## all tests that need neither a service nor a browser; TESTS=tests/rules for some of them
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(or $(TESTS),tests --ignore=tests/services)

test-services: browser ## what needs a browser, Redis, and a PostgreSQL server, whose address OBLIGATIONS_TEST_POSTGRESQL_URL gives
	@: "$${OBLIGATIONS_TEST_POSTGRESQL_URL:?set it to a role that may create databases, postgresql+psycopg2://postgres@127.0.0.1:5432/postgres}"
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder tests/services

chaos: $(READY) ## half an hour of faults while an office works, on both topologies; prints what was lost and done twice; CHAOS=part for a third
	OBLIGATIONS_TEST_CHAOS=$(or $(CHAOS),whole) $(BIN)/python -m pytest -p no:xdist tests/services/chaos

browser: $(READY) ## a Chromium and a Chinese font, which the tests of the pages need, where they may be installed
	@if { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
	    && { ! command -v fc-list >/dev/null || [ -n "$$(fc-list :lang=zh)" ]; }; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk; \
	else $(BIN)/playwright install chromium || echo 'No Chromium could be installed: the pages are not tested in a browser.' >&2; fi

check: export AIRFLOW_HOME := $(CURDIR)/var/check
check: $(READY) ## lint, formatting, types and the catalogue; mends nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/obligations check

bench: $(READY) ## the benchmarks, one table and bench/results.json; BENCH=clocks for one of them
	@$(BIN)/python -m bench $(BENCH)

docs: $(READY) browser ## write anew what is written from the code: docs/catalogue.md, docs/law.zh-CN.md, docs/licences.zh-CN.md, docs/gallery, docs/pages, the names of templates
	$(BIN)/python -m obligations.orchestration.documents.catalogue_page
	$(BIN)/python -m obligations.orchestration.documents.law_page
	$(BIN)/python -m obligations.orchestration.documents.licences_page
	$(BIN)/python -m obligations.orchestration.documents.template_names
	$(BIN)/python -m obligations.orchestration.documents.gallery
	mkdir -p docs/pages && OBLIGATIONS_TEST_SCREENSHOTS=docs/pages $(BIN)/python -m pytest tests/services/test_pages_browser.py

lock: $(READY) ## pin requirements*.in into requirements*.txt; UPGRADE=1 takes newer releases
	@echo 'Resolving requirements.in and requirements-dev.in, half a minute each.'
	$(LOCK) $(if $(filter 1,$(UPGRADE)),--upgrade) --output-file requirements.txt requirements.in
	$(LOCK) $(if $(filter 1,$(UPGRADE)),--upgrade) --output-file requirements-dev.txt requirements-dev.in

bundle: $(READY) ## everything a machine without internet needs, in dist/bundle; there: bash install.sh FOLDER
	$(BIN)/python deploy/bundle.py make dist/bundle

clean: ## remove .venv and caches; the ledger, drafts and inbox in var stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build include/obligations.egg-info
	find bench dags include plugins tests -name __pycache__ -type d -exec rm -rf {} +

$(READY): requirements.txt requirements-dev.txt pyproject.toml
	@if ! $(BIN)/python -c 'import pip; $(FITS)' 2>/dev/null; then \
	    for python in $(CANDIDATES) ''; do "$$python" -c '$(FITS)' 2>/dev/null && break; done; \
	    if [ -z "$$python" ]; then \
	        echo 'No fitting Python: this needs 3.11, 3.12 or 3.13 with venv and ensurepip (on Debian: package python3-venv).' >&2; \
	        echo 'Tried: $(subst ",,$(CANDIDATES)). Name another one: make PYTHON=/path/to/python3.12' >&2; \
	        exit 1; \
	    fi; \
	    echo "Making .venv with $$("$$python" --version); the first set-up downloads about 200 packages."; \
	    rm -rf .venv && "$$python" -m venv .venv; \
	fi
	@echo 'Installing the pinned packages; after the last download pip works for a minute or two without a word.'
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)
