# Everything runs in a virtual environment of this folder. Nothing else is needed than Python 3.11+, make and the
# package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_DISABLE_TELEMETRY := 1

.PHONY: demo dev test faults soak lint bench setup lock clean

demo: setup  ## Several periods of an invented company, from Expensify to Zoho Books, reconciled to the cent.
	$(BIN)/mlc demo

dev: setup  ## The Dagster UI with the sandbox behind it.
	$(BIN)/mlc dev

setup: $(VENV)/.runtime  ## The virtual environment with `mlc`.

test: $(VENV)/.dev  ## All tests.
	$(BIN)/pytest -n 5 --dist loadfile --no-loadscope-reorder

faults: $(VENV)/.dev  ## Runs are killed while Zoho Books loses answers; then every document is counted. SEED=n repeats.
	$(BIN)/python -m mlc_pipeline_tests.faults $(if $(SEED),--seed $(SEED))

soak: $(VENV)/.dev  ## The same with 500 kills.
	$(BIN)/python -m mlc_pipeline_tests.faults --kills 500 $(if $(SEED),--seed $(SEED))

lint: $(VENV)/.dev  ## Style, types and the direction of imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## Measurements, side by side.
	$(BIN)/python -m benchmarks

lock:  ## Anew: requirements/*.lock from pyproject.toml.
	$(BIN)/uv pip compile $(LOCK_OPTIONS) pyproject.toml --group build -o requirements/runtime.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) pyproject.toml --group build --group dev \
		-c requirements/runtime.lock -o requirements/dev.lock
LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras \
	--no-emit-index-url --no-emit-find-links

clean:  ## Remove the virtual environment and the state of the demo.
	rm -rf $(VENV) .mlc/demo

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml
	$(MAKE) --no-print-directory $(VENV)/.python
	$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.lock
	touch $@

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "ml-connector needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@
