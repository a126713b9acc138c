PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
FRAMEWORKS := torchgan==0.1.0 torch-mimicry==0.1.16 lightning-bolts==0.7.0 pytorch-lightning==1.9.5 'setuptools<80'

.DEFAULT_GOAL := help
.PHONY: help setup train test test-all lint bench frameworks board clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## Make .venv with everything in it

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[dev]'
	touch $(READY)

train: setup ## Train the default: the ring of eight Gaussians, about a minute
	$(BIN)/python -m gan_lightning

test: setup ## Run the tests
	$(BIN)/python -m pytest

test-all: setup ## Run the slow tests too
	$(BIN)/python -m pytest -m ''

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup ## Time the framework against hand-written loops
	$(BIN)/python tests/benchmarks/iteration.py

frameworks: setup ## Install other GAN frameworks to time against, in .venv/frameworks
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --target .venv/frameworks $(FRAMEWORKS)

board: setup ## Open TensorBoard on all runs in outputs/
	$(BIN)/tensorboard --logdir outputs

clean: ## Remove caches and .venv; runs in outputs/ stay
	rm -rf .venv .hypothesis .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info
	find gan_lightning tests -name __pycache__ -type d -exec rm -rf {} +
