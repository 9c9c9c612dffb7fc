# Each target sets up all it needs in .venv, from a plain Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Tests run in as many processes as there are cores; ARGS="-n 0" runs them in one.
PARALLEL := -n auto
export PYTHONDONTWRITEBYTECODE = 1

# What touches constraints, relations and transactions, and what has to leave no trace in a database.
ON_MYSQL := tests/services tests/serializers tests/outbox tests/forms tests/queries tests/test_models.py \
	tests/views/services tests/views/test_transactions.py \
	tests/migration/replay tests/migration/proof/test_sandbox.py tests/migration/proof/test_flags.py \
	tests/migration/proof/shadow/test_endpoints.py

.PHONY: help demo drill test test-mysql thorough workers mutants coverage lint types docs docs-version pictures release bench bench-more format clean

help:
	@echo "make demo             the example project: old and new side by side, then served"
	@echo "make demo ARGS=--once the same without serving; fails if any answer differs"
	@echo "make drill            the clinic, from its classic start to schemas, services and async, unattended;"
	@echo "                      fails if any byte of any answer differs (ARGS=--quick draws less)"
	@echo "make test             the test suite (SQLite; DATABASE_URL=postgresql://... for PostgreSQL,"
	@echo "                      ARGS=--database-only for the tests that use the database)"
	@echo "make test-mysql       a part of it (DATABASE_URL=mysql://... for MySQL and MariaDB)"
	@echo "make thorough         what takes minutes: a hundred changes of an API are found; shell lines of the guide run"
	@echo "make workers          real workers on Redis and RabbitMQ, killed and cut off"
	@echo "make mutants          mutants of the guarding modules, and those that no test notices"
	@echo "make coverage         the test suite with branch coverage"
	@echo "make lint | types     ruff, import-linter, spelling and prose | mypy and pyright"
	@echo "make docs             the guide and a reference of every public name as a site, in dist/docs; opened in Chromium"
	@echo "make docs-version     the site of this version beside earlier ones, each with a list of all (TO=directory)"
	@echo "make pictures         the pictures of the guide, made anew"
	@echo "make release          sdist and wheel, checked and installed in clean environments; published by nobody"
	@echo "make bench            one table of DRF, this, its peers and what is written by hand"
	@echo "make bench-more       parts of it alone, each a ratio to DRF in the same run; a soak"

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

demo: $(VENV)/ready
	$(BIN)/python examples/bookshop/manage.py demo $(ARGS)

drill: $(VENV)/ready
	$(BIN)/python -m tests.drill $(ARGS)

test: $(VENV)/ready
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

$(VENV)/mysql-ready: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group mysql
	touch $@

test-mysql: $(VENV)/mysql-ready
	$(BIN)/python -m pytest $(PARALLEL) $(ON_MYSQL) $(ARGS)

thorough: $(VENV)/ready
	$(BIN)/python -m pytest $(PARALLEL) -m thorough tests/migration tests/documents $(ARGS)

workers: $(VENV)/ready
	$(BIN)/python -m pytest $(PARALLEL) -m workers $(ARGS)

mutants: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group mutation
	$(BIN)/mutmut run $(ARGS)
	$(BIN)/mutmut results

coverage: $(VENV)/ready
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report=term $(ARGS)

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/codespell *.md .github migration_guide nova_drf examples
	$(BIN)/python -m tests.documents.prose

# The package spylls brings a package `tests`; ours has to come first.
types: $(VENV)/ready
	PYTHONPATH=. $(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python -m pytest tests/typing $(ARGS)

$(VENV)/docs-ready: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

docs: $(VENV)/docs-ready
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html migration_guide dist/docs
	$(BIN)/python -m pytest -n 0 -q -m site tests/site
	@echo "Open dist/docs/index.html."

# TO is the directory that has the sites of all versions.
docs-version: $(VENV)/docs-ready
	$(BIN)/python -m tests.site.publish $(or $(TO),dist/site)

pictures: $(VENV)/ready
	PYTHONPATH=.:examples/bookshop DJANGO_SETTINGS_MODULE=bookshop.settings \
		$(BIN)/python -m tests.site.pictures

$(VENV)/release-ready: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group release
	touch $@

release: $(VENV)/release-ready
	rm -rf dist/release
	$(BIN)/python -m build --quiet --outdir dist/release
	$(BIN)/twine check --strict dist/release/*
	$(BIN)/check-wheel-contents dist/release/*.whl
	$(BIN)/tox run --quiet -e py311-dist,py311-dist-sdist,py313-dist,py313-dist-sdist

$(VENV)/peers-ready: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group bench --group peers
	touch $@

# DATABASES are URLs of further databases, such as postgresql://postgres@127.0.0.1:5432/test
bench: $(VENV)/peers-ready
	$(BIN)/python -m tests.benchmarks.table --write --databases "" $(DATABASES) $(ARGS)

bench-more: $(VENV)/ready
	$(BIN)/python -m pytest tests/benchmarks -m bench -p no:randomly --benchmark-columns=min,median $(ARGS)
	$(BIN)/python -m tests.benchmarks.starting
	$(BIN)/python -m tests.benchmarks.upstream
	$(BIN)/python -m tests.benchmarks.resources
	$(BIN)/python -m tests.benchmarks.growth
	$(BIN)/python -m tests.benchmarks.soak

format: $(VENV)/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .tox .mypy_cache .ruff_cache .pytest_cache .coverage dist
