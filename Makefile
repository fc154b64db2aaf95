# Everything a developer or CI does. `make demo` and `make test` need nothing but Python 3.11 and a C compiler.
PYTHON ?= python3
# Processes that tests run in. Each may hold a model and start engines, so more are not always faster.
WORKERS ?= 2
VENV   := .venv
BIN    := $(VENV)/bin
BASE   := $(VENV)/.installed
ALL    := $(VENV)/.installed-with-extras

EXTENSION := editors/vscode
MODULES   := $(EXTENSION)/node_modules/.package-lock.json

.PHONY: demo test check check-editors audit editors vscode pictures format bench bench-typing clean

demo: $(BASE)
	$(BIN)/phi-lsp models pull
	$(BIN)/phi-lsp demo

test: $(ALL)
	$(BIN)/phi-lsp models pull smollm2-135m
	$(BIN)/phi-lsp models pull
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

check: $(ALL) check-editors
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

# The clients in other languages: needs Node.js with npm, and Debian's lua-check.
check-editors: $(MODULES)
	npm --prefix $(EXTENSION) run check
	luacheck --quiet --config editors/nvim/.luacheckrc editors/nvim

# The editors that tests drive, for Debian; without them their tests are skipped and say so.
editors: $(ALL)
	$(BIN)/python -m tests.editors.install

# What is known of the packages that the extension is built from; npm asks its registry, which must offer that.
audit:
	npm --prefix $(EXTENSION) audit

vscode: $(MODULES)
	PYTHON=$(PYTHON) npm --prefix $(EXTENSION) run package

# Those of the README, the extension's page and its guide, from the editors that `make editors` installs.
pictures: $(ALL)
	$(BIN)/python -m tests.pictures
	$(BIN)/python -m tests.editors.nvim.picture
	$(BIN)/python -m tests.editors.vscode.pictures

format: $(ALL)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(ALL)
	$(BIN)/python -m tests.benchmarks quick $(if $(DATA),--data $(DATA))

# Real typing, beside llama.cpp's own server, which is built once (ten minutes and more). Goes on where it was cut.
bench-typing: $(ALL)
	mkdir -p results
	$(BIN)/python -m tests.benchmarks.typing.native_server
	$(BIN)/python -m tests.benchmarks.typing --json results/typing.json --svg results/typing.svg $(TYPING)

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

$(MODULES): $(EXTENSION)/package-lock.json
	npm --prefix $(EXTENSION) ci --no-audit --no-fund
	touch $@
