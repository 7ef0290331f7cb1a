# Everything a person needs, from a machine with Python 3.11+ (venv), git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NOTEBOOKS := notebooks

.DEFAULT_GOAL := help
.PHONY: help demo test test-full lab lint bench words notebooks clean
.DELETE_ON_ERROR:

help: ## list what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Say in one line what is missing, before anything is installed.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Missing: $(PYTHON). Install Python 3.11 or newer (Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Missing: Python 3.11 or newer; this is $$($(PYTHON) --version). Name another with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Missing: Python's venv (Debian: apt install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# One stamp for each set of extras: installed again when pyproject.toml changes. uv where it is found: it is faster.
$(VENV)/installed-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing riskscope ($*) into $(VENV); the first time takes a minute or two."
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[$*]'; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$*]'; fi
	@touch $@

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing riskscope into $(VENV); the first time takes a minute or two."
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install --quiet --python $(BIN)/python -c constraints.txt -e .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .; fi
	@touch $@

demo: $(VENV)/installed ## assess the embedded customers and write the HTML report
	@$(BIN)/riskscope demo --html riskscope-demo.html --next-step "make lab"

test: $(VENV)/installed-test ## run all tests; parts that need Java or Chromium skip and are listed at the end
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -n auto tests/kernels tests/engines
	@$(BIN)/python -m pytest -n auto

test-full: $(VENV)/installed-all $(VENV)/installed-test $(VENV)/installed-lint ## install Java and Chromium too; nothing may skip
	@command -v java >/dev/null && command -v chromium >/dev/null || \
	{ command -v apt-get >/dev/null || { echo "Missing: Java 17 and Chromium; install them first."; exit 1; }; \
	  SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); $$SUDO apt-get update -qq; $$SUDO apt-get install -y -qq default-jre-headless chromium; }
	@RISKSCOPE_REQUIRE_ALL=1 $(BIN)/python -m pytest -n auto
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n auto tests/kernels tests/engines tests/risk tests/contract

notebooks: $(VENV)/installed-test ## execute the notebooks again and keep their outputs
	@$(BIN)/python tests/notebooks/test_notebooks.py

lab: $(VENV)/installed-lab ## open the guided notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=$(NOTEBOOKS) --LabApp.default_url=/doc/tree/01_before_you_release.ipynb

lint: $(VENV)/installed-lint ## format, style, types, import rules, catalogue of words
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/installed-bench ## measure against peers, side by side, and write benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

words: $(VENV)/installed-lint ## extract every sentence that a person reads into the catalogue
	@$(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-wrap --omit-header --sort-by-file --no-location \
	-o src/riskscope/words/riskscope.pot src

clean: ## remove the environment and what was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
