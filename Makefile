# Everything a developer or CI does. `make demo` and `make test` need nothing but Python 3.11 and a C compiler.
PYTHON ?= python3
# Processes that tests run in. Each may hold a model and start engines, so more are not always faster.
WORKERS ?= 2
VENV   := .venv
BIN    := $(VENV)/bin
BASE   := $(VENV)/.installed
ALL    := $(VENV)/.installed-with-extras

.PHONY: demo test check format bench clean

demo: $(BASE)
	$(BIN)/phi-lsp models pull
	$(BIN)/phi-lsp demo

test: $(ALL)
	$(BIN)/phi-lsp models pull smollm2-135m
	$(BIN)/phi-lsp models pull
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

check: $(ALL)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

format: $(ALL)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(ALL)
	$(BIN)/python -m tests.benchmarks quick $(if $(DATA),--data $(DATA))

clean:
	rm -rf $(VENV) build dist

$(BASE): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --editable .
	touch $@

# Tests use every engine, so they need every extra.
$(ALL): $(BASE)
	$(BIN)/python -m pip install --editable '.[cluster,keyring,transformers]' --group dev
	touch $@
