# Everything a developer or CI does. `make demo` and `make test` need nothing but Python 3.11 and a C compiler.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check format bench clean

demo: $(STAMP)
	$(BIN)/phi-lsp models pull
	$(BIN)/phi-lsp demo

test: $(STAMP)
	$(BIN)/phi-lsp models pull smollm2-135m
	$(BIN)/phi-lsp models pull
	$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

format: $(STAMP)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks quick $(if $(DATA),--data $(DATA))

clean:
	rm -rf $(VENV) build dist

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --editable '.[transformers]' --group dev
	touch $@
