# `make help` lists what there is. Only Python 3.11 or newer (with venv), make and git are needed.
.DEFAULT_GOAL := help
.PHONY: help run demo setup dev test check lint types openapi screenshots bench faults lock clean
VENV_PYTHON := .venv/bin/python

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: setup ## set up, start everything, run the sample job and keep serving
	@$(VENV_PYTHON) manage.py demo --serve

demo: setup ## the same, but stop after the sample job; fails if it did not complete
	@$(VENV_PYTHON) manage.py demo

setup: ## create .venv and install what running needs
	@.ci/setup requirements.txt

dev: ## create .venv and install what tests and checks need
	@.ci/setup requirements-dev.txt

test: dev ## all tests, on SQLite and on PostgreSQL
	@.ci/test

check: lint types ## everything that must hold before a commit: lint, types, OpenAPI, migrations, tests
	@.ci/check-project
	@.ci/test

lint: dev ## style and the direction of imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

types: dev ## mypy --strict
	.venv/bin/mypy .

openapi: dev ## write docs/openapi.yaml and the generated pages of docs/ anew
	$(VENV_PYTHON) manage.py write_docs
	$(VENV_PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

screenshots: dev ## take the pictures of the README anew, of a demonstration of its own, with Chromium
	$(VENV_PYTHON) -m tests.browser.screenshots

bench: dev ## measure: start latency, throughput, lists at size
	$(VENV_PYTHON) -m benchmarks.bench

faults: dev ## kill, stop and cut off what runs, and compare the history with what happened outside
	$(VENV_PYTHON) -m benchmarks.faults

lock: dev ## resolve the requirements anew, for Python 3.11 and newer
	.ci/lock

clean: ## remove .venv and caches; var/ (database, files, keys) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache staticfiles
