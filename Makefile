# The two commands that matter: `make run` and `make test`.
# Everything is set up on the way, from the machine's Python 3.11 and the locked requirements.

PYTHON ?= python3
PORT ?= 8501
WORKSPACE ?= workspace
PARCELS ?= 20000
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --universal --quiet

.PHONY: help run test lint format install install-test install-scale install-bench lock dist bench clean

help:
	@echo "make run      build the sample city on first start and open the app on port $(PORT)"
	@echo "make test     run all tests"
	@echo "make lint     formatting, lint, types, import contracts"
	@echo "make install  only set up .venv and the browser assets"
	@echo "make install-scale  also what several machines need to compute together"
	@echo "make bench    measure, print a table"
	@echo "make install-bench  also the tools that benchmarks/compare.py sets beside ours"
	@echo "make dist     wheel and all it needs, for networks without any registry"
	@echo "make lock     pin the requirements anew"

run: install
	@test -f $(WORKSPACE)/city.toml || $(BIN)/geoapp --workspace $(WORKSPACE) demo --parcels $(PARCELS)
	$(BIN)/geoapp --workspace $(WORKSPACE) serve --port $(PORT)

test: install-test
	$(BIN)/pytest -n auto --dist loadgroup -m "not browser"
	$(BIN)/pytest -n auto --dist loadfile -m browser

lint: install-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install-test
	$(BIN)/python benchmarks/area_statistics.py

install: .venv/.installed assets
install-test: .venv/.installed-test assets
	@sh .ci/system-packages
install-scale: install
	@sh .ci/install-requirements requirements-scale.lock
install-bench: install-test
	@sh .ci/install-requirements requirements-bench.lock

.PHONY: assets
assets: .venv/.installed
	@command -v npm >/dev/null 2>&1 || sh .ci/install-requirements requirements-assets.lock
	@$(BIN)/python -m geoapp.ui.assets.install

.venv/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@sh .ci/install-requirements requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m geoapp.overlay.warming
	@$(BIN)/python -m geoapp.tiles.warming
	@$(BIN)/python -m geoapp.reports.sheet_warming
	@touch $@

.venv/.installed-test: requirements-dev.lock .venv/.installed
	@sh .ci/install-requirements requirements-dev.lock
	@touch $@

lock: .venv/.installed-test
	$(LOCK) pyproject.toml --group build --output-file requirements.lock
	$(LOCK) pyproject.toml --group build --extra scale --constraint requirements.lock --output-file requirements-scale.lock
	$(LOCK) pyproject.toml --group build --extra scale --group dev --constraint requirements-scale.lock --output-file requirements-dev.lock
	$(LOCK) pyproject.toml --group build --extra scale --group dev --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock
	$(LOCK) --group assets --output-file requirements-assets.lock

dist: install
	rm -rf dist
	$(BIN)/python -m hatchling build --target wheel
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement requirements-scale.lock --dest dist
	@echo "On the other network: python3.11 -m venv geoapp && geoapp/bin/pip install --no-index --find-links dist geoapp"

clean:
	rm -rf .venv dist geoapp/ui/assets/vendor
