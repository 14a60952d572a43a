# The two commands of the README are `make audit` and `make test`. Each sets up what it needs.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
CACHE  := .cache
RUN    := $(VENV)/.run-ready
DEV    := $(VENV)/.dev-ready

.PHONY: audit test test-quick test-fixes lint format bench docs pictures schemas clean help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

audit: $(RUN)  ## set up secaudit and audit this machine; ARGS="..." passes options
	@$(BIN)/secaudit audit --fail-on never $(ARGS)

test: $(DEV) $(CACHE)/programs-ready  ## install the real programs where allowed, then run all tests
	@$(BIN)/python -m pytest $(ARGS)

test-quick: $(DEV)  ## the tests, with what is installed now
	@$(BIN)/python -m pytest -x -q $(ARGS)

test-fixes: $(DEV) $(CACHE)/programs-ready  ## try the printed fixes in a throw-away Debian root, and look at all checks after each
	@FIXES=thorough $(BIN)/python -m pytest tests/fixes $(ARGS)

lint: $(DEV)  ## ruff, mypy, and the linter of our own content
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/secaudit checks lint

format: $(DEV)  ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEV)  ## speed and memory, side by side with lynis and oscap
	@scripts/install-programs.sh bench/programs.txt
	@$(BIN)/python -m bench $(ARGS)

docs: $(DEV) schemas  ## write the generated reference pages anew
	@$(BIN)/python scripts/make_docs.py

pictures: $(DEV) $(CACHE)/programs-ready  ## make the pictures of the README anew, from a real audit; needs Chromium
	@$(BIN)/python scripts/make_pictures.py

schemas: $(DEV)  ## write the JSON Schemas anew from the model
	@$(BIN)/python scripts/make_schemas.py

$(RUN): pyproject.toml scripts/make-venv.sh
	@scripts/make-venv.sh $(PYTHON) $(VENV) -e '.[code]' || scripts/make-venv.sh $(PYTHON) $(VENV) -e .
	@touch $@

$(DEV): pyproject.toml scripts/make-venv.sh
	@scripts/make-venv.sh $(PYTHON) $(VENV) -e '.[dev]'
	@touch $@ $(RUN)

$(CACHE)/programs-ready: tests/programs.txt scripts/install-programs.sh scripts/make-roots.sh scripts/make-fix-root.sh scripts/make-oracles.sh tests/reporting/axe/package.json
	@mkdir -p $(CACHE)
	@scripts/install-programs.sh tests/programs.txt
	@scripts/make-roots.sh $(CACHE)/roots
	@scripts/make-fix-root.sh $(CACHE)/roots
	@tests/reporting/axe/setup.sh || { test -z "$(CI)" && echo "note: axe-core could not be installed; its tests say so"; }
	@scripts/make-oracles.sh $(CACHE)/oracles
	@touch $@

clean:  ## remove all that was made here
	@rm -rf $(VENV) $(CACHE) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
