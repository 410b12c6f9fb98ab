# The menu. Everything is idempotent: `make serve` on a warm machine starts at once.

VENV ?= .venv
PY := $(VENV)/bin/python
ARGS ?=
PYTEST_ARGS ?= -q
SAMPLE ?= 40
SEED ?= 1
SCALE ?= 0.1
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)

# Without bytecode on disk every server that a test starts would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve setup setup-dev test lint lint-python lint-page format test-js test-python test-engines mutants siege docs pictures demo-clip

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

serve: setup ## Install what is needed and serve on http://127.0.0.1:8000 (ARGS="--port 9000 …")
	exec $(PY) server.py $(ARGS)

setup: ## Create the virtual environment and install what the server needs
	@scripts/setup.sh $(VENV) requirements.txt

setup-dev: ## The same, with what the tests need
	@scripts/setup.sh $(VENV) requirements-dev.txt

test: setup-dev ## Install what the tests need, then lint and run them all
	@$(MAKE) --no-print-directory -j $(WORKERS) --output-sync=target lint-python lint-page test-js
	@$(MAKE) --no-print-directory test-python

lint: lint-python lint-page ## Style and types, of the page too where there is Node

lint-python: setup-dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m mypy training scripts benchmarks
	$(PY) -m bandit -q -ll -c pyproject.toml -r sam2_session scripts training server.py

lint-page:
	@scripts/lint_page.sh

format: setup-dev ## Format the sources
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

test-js: ## Tests of the page's modules, in Node
	@if ! command -v node >/dev/null; then \
	    echo "-- No node here: the page's unit tests are left out"; \
	elif [ -n "$$(find tests/js -name '*.test.*js' 2>/dev/null)" ]; then \
	    echo "node --test"; node --test --test-reporter=dot $$(find tests/js -name '*.test.*js'); \
	fi

test-python: setup-dev ## Tests of the server, and of the page in a real browser (WORKERS=1 …)
	CHROMIUM="$$(scripts/chromium.sh $(PY))" && export CHROMIUM && \
	    $(PY) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

test-engines: setup-dev ## The page in Firefox and in WebKit, too: takes minutes, skips an engine that is missing
	@scripts/engines.sh
	$(PY) -m pytest -m slow tests/browser/engines $(PYTEST_ARGS)

mutants: ## Change a token at a time: do the tests notice? (SAMPLE=40 SEED=1 AREAS="core formats")
	@scripts/setup.sh $(VENV) requirements-mutants.txt
	$(PY) -m tests.mutants --sample $(SAMPLE) --seed $(SEED) --workers $(WORKERS) $(AREAS)
	node tests/js/mutants.mjs $(SAMPLE) $(SEED)

siege: setup-dev ## Attack a server in every way, a tenth of each campaign (SCALE=0.1 SIEGE_ARGS="--only kills --seed 7")
	CHROMIUM="$$(scripts/chromium.sh $(PY))" && export CHROMIUM && \
	    $(PY) -m tests.siege --scale $(SCALE) --record $(SIEGE_ARGS)
	@$(PY) -m scripts.docs

docs: setup ## Write the tables of README and docs/ anew, from the code
	$(PY) -m scripts.docs

pictures: setup-dev ## Take the pictures of the README anew, in a real browser
	CHROMIUM="$$(scripts/chromium.sh $(PY))" && export CHROMIUM && $(PY) -m scripts.pictures

demo-clip: setup ## Draw videos/demo.mp4 again
	$(PY) -m training.make_demo_clip
