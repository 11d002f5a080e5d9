# `make demo` and `make test` set up all they need: Python 3.11 or newer and make are enough to begin.
# Everything they bring stays in this folder, under .venv, .servers and .view.

PACKAGES = agent collector config firmware_sim protocol
PYTHON = .venv/bin/python

# A checkout set up for development has all that the demo needs.
DEMO_READY = $(or $(wildcard .venv/installed-dev),.venv/installed-demo)

.DEFAULT_GOAL = help
.PHONY: help demo test test-influx check bench chaos dashboards fuzz kills build release setup servers supported clean

help:     ## this list
	@sed -n 's/^\([a-z-]*\): .*## /  make \1\t/p' Makefile

demo: $(DEMO_READY) ## the whole product, a minute (LOGS=folder: your logs; KEEP=1: goes on; INFLUX_URL=...: fills it)
	@.venv/bin/windsock-sim demo $(if $(LOGS),--logs "$(LOGS)") $(if $(KEEP),--keep)

test: setup servers ## all tests (ARGS="-k broker -x": as pytest has it)
	@.venv/bin/pytest -q $(ARGS)

test-influx: setup servers ## those with an InfluxDB, and on yours (INFLUX_URL=... INFLUX_TOKEN=... INFLUX_ORG=...)
	@.venv/bin/pytest -q --ignore tests/docs -k "INFLUX_URL or 1.6 or 1.8" $(ARGS)

check: setup ## format, lint, types
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy

bench: setup servers ## the figures that the README quotes
	@$(PYTHON) benchmarks/run.py $(ARGS)

chaos: setup servers ## kill everything 1,000 times, count what is lost (KILLS=50; ARGS="--only poison")
	@nice $(PYTHON) -m tests.chaos $(if $(KILLS),--kills $(KILLS)) $(ARGS)

dashboards: setup ## Grafana dashboards and alert rules, into config/grafana/ (PICTURES=1: and draws them)
	@$(PYTHON) -m tools.dashboards $(if $(PICTURES),--pictures)

fuzz: .venv/installed-fuzz .view ## bytes that break the log readers (MINUTES=5; finds go to build/fuzz/)
	@nice $(PYTHON) -m tests.fuzz $(or $(MINUTES),5)

supported: setup ## docs/supported.md, from ../shared/logs
	@nice $(PYTHON) tools/supported.py

kills: setup ## the collector killed at every commit and at random moments (MOMENTS=500)
	@nice $(PYTHON) -m tests.kills $(or $(MOMENTS),500)

build: setup ## sdist and wheel, into dist/
	@$(PYTHON) -m build

release: setup ## sdist and wheel, tried in clean environments, each extra by itself
	@nice $(PYTHON) tools/release.py

setup: .venv/installed-dev .view ## .venv for development

servers: .venv/installed-dev ## the broker and databases of the tests, into .servers
	@$(PYTHON) tools/fetch_servers.py

clean:    ## back to a fresh clone
	rm -rf .venv .view .servers .demo build dist windsock.egg-info .coverage .*_cache .hypothesis

.venv/installed-dev: pyproject.toml tools/install
	@tools/install "dev"
	@touch $@

.venv/installed-fuzz: pyproject.toml tools/install
	@tools/install "dev,fuzz"
	@touch $@

.venv/installed-demo: pyproject.toml tools/install
	@tools/install "agent,collector,sim"
	@touch $@

.view:
	@mkdir -p .view/windsock
	@for package in $(PACKAGES); do ln -sfn ../../$$package .view/windsock/$$package; done
