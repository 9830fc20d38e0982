# `make demo` shows it, `make test` proves it, `make check` reads it. ARGS go to the command:
# `make demo ARGS="--port 9000 --viewers 200"`.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install

.PHONY: demo test check bench-hls bench-commerce bench-media bench-rooms format protocol lock clean

demo: .venv/runtime
	@$(BIN)/python clients/build.py build
	@$(BIN)/liveshop demo $(ARGS)

test: .venv/dev
	@$(BIN)/python clients/build.py build test
	@$(BIN)/pytest $(ARGS)

check: .venv/dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m live.protocol --check
	@$(BIN)/python clients/build.py check

# What a viewer over WHEP costs, beside aiortc's own relay; ARGS such as --viewers 40 --seconds 5.
bench-media: .venv/dev
	@$(BIN)/python -m tests.bench.media $(ARGS)

# How far behind a viewer by HLS is, and what packaging costs; ARGS is for how many seconds.
bench-hls: .venv/dev
	@$(BIN)/python clients/build.py build
	@$(BIN)/python -m tests.bench.hls $(ARGS)

# What the rooms cost, beside floors and peers; ARGS such as --quick, --only storm, --runs 5.
bench-rooms: .venv/runtime
	@$(BIN)/python -m loadtest.bench.rooms $(ARGS)

# What the shop carries, beside the gate's script alone; the same ARGS.
bench-commerce: .venv/runtime
	@$(BIN)/python -m loadtest.bench.commerce $(ARGS)

format: .venv/dev
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

protocol: .venv/runtime
	@$(BIN)/python -m live.protocol

.venv/runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("liveshop needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@echo "Installing what liveshop needs into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	@echo "Installing what its tests need ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

lock:
	uv pip compile $(LOCK) pyproject.toml --group build -o requirements.lock
	uv pip compile $(LOCK) pyproject.toml --group build --group dev -o requirements-dev.lock
	uv pip compile $(LOCK) --group node -o requirements-node.lock
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

clean:
	rm -rf .venv .cache clients/node_modules live/pages/dist
