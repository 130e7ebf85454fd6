# The two commands of the README are `make demo` and `make test`; each sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SAMPLE := pipeline/lichang/sample/article.md

.PHONY: demo test check eval bench train clean

demo: $(VENV)/.installed
	$(BIN)/lichang analyze $(SAMPLE) -o records.jsonl
	$(BIN)/lichang show $(SAMPLE)
	$(BIN)/lichang ingest $(SAMPLE) --store demo.db
	@echo "The record is in records.jsonl; docs/records.md explains every field."
	@echo "To read, trace and correct it on a page: $(BIN)/lichang review --store demo.db"

test: $(VENV)/.installed-dev check
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

eval: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m eval

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/ingest.py overhead
	$(BIN)/python benchmarks/ingest.py rerun

train: $(VENV)/.installed-dev
	$(BIN)/python -m lichang.claims.train corpora/camps
	$(BIN)/python -m lichang.figures.train corpora/camps
	$(BIN)/lichang train camps $(if $(IRRELEVANT),--irrelevant $(IRRELEVANT))

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[review]'
	touch $@

$(VENV)/.installed-dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,postgresql,ray,review,train]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache records.jsonl demo.db*
