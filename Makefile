# `make demo` shows it, `make test` proves it, `make check` reads it. ARGS go to the command:
# `make demo ARGS="--port 9000 --viewers 200"`.

PYTHON ?= python3
BIN := .venv/bin
# Each has a PostgreSQL and a Redis of its own.
JOBS ?= 2
PIP := $(BIN)/pip --disable-pip-version-check --quiet install

.PHONY: demo test check locust bench bench-commerce bench-growth bench-media bench-pages bench-rooms format protocol \
	lock clean

demo: .venv/runtime
	@$(BIN)/python clients/build.py build
	@$(BIN)/liveshop demo $(ARGS)

test: .venv/dev
	@$(BIN)/python clients/build.py build test
	@$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

check: .venv/dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m live.protocol --check
	@$(BIN)/python clients/build.py check

# What the video costs and how late it is, beside aiortc's own relay; ARGS as below.
bench-media: .venv/dev
	@$(BIN)/python clients/build.py build
	@$(BIN)/python -m loadtest.bench.media $(ARGS)

# What the viewer's page costs on a slow phone; ARGS as below, and --minutes N for the heap.
bench-pages: .venv/dev
	@$(BIN)/python clients/build.py build
	@$(BIN)/python -m loadtest.bench.pages $(ARGS)

# What the rooms cost, beside floors and peers; ARGS such as --quick, --only storm, --runs 5.
bench-rooms: .venv/runtime
	@$(BIN)/python -m loadtest.bench.rooms $(ARGS)

# What the shop carries, beside the gate's script alone; the same ARGS.
bench-commerce: .venv/runtime
	@$(BIN)/python -m loadtest.bench.commerce $(ARGS)

# liveshop beside its peers: the same fan-out and the same flash sale; ARGS such as --quick, --runs 5.
bench: .venv/load
	@$(BIN)/python -m loadtest.bench.peers $(ARGS)

# Throughput and latency for 1,000 to 15,000 viewers, and for 1, 2 and 4 web processes.
bench-growth: .venv/load
	@$(BIN)/python -m loadtest.bench.growth $(ARGS)

# People for a show that runs: live percentiles on 127.0.0.1:8089, or in the terminal with --headless;
# ARGS such as --shape flash-sale, --users 500, --processes 2, --html report.html.
locust: .venv/load
	@$(BIN)/locust --config loadtest/locust.conf $(if $(findstring --headless,$(ARGS)),,--autostart) $(ARGS)

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

.venv/load: .venv/runtime requirements-load.lock
	@echo "Installing Locust ..."
	@$(PIP) --require-hashes -r requirements-load.lock
	@touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	@echo "Installing what its tests need ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# What the tests of the Helm chart and of the compose file need; without it they are skipped.
.venv/chart: .venv/dev requirements-chart.lock
	@$(PIP) --require-hashes -r requirements-chart.lock
	@touch $@

lock:
	uv pip compile $(LOCK) pyproject.toml --group build -o requirements.lock
	uv pip compile $(LOCK) pyproject.toml --group build --group dev --group load -o requirements-dev.lock
	uv pip compile $(LOCK) pyproject.toml --group build --group load -o requirements-load.lock
	uv pip compile $(LOCK) --group node -o requirements-node.lock
	uv pip compile $(LOCK) --group chart -o requirements-chart.lock
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

clean:
	rm -rf .venv .cache clients/node_modules clients/*/dist live/pages/dist
