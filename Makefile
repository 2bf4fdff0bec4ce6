# `make demo` and `make test` need only Python >= 3.11 with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUNS := $(VENV)/.runs
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url pyproject.toml --all-extras
ARGS ?=

# The tests and the demo start many processes: each would compile everything anew where bytecode is not written.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check again attack audit crash lint lock sbom clean bench bench-identity pictures release site words

demo: $(RUNS)
	$(BIN)/leadline demo $(ARGS)

# Everything that guards behaviour, under five minutes.
test: $(READY)
	$(BIN)/python -m pytest $(ARGS)

# All of it: lint, types, the documentation's links, and every test, those marked `long` too. Keeps pictures of the pages.
check: lint site
	LEADLINE_TEST_PICTURES=1 $(BIN)/python -m pytest -m 'not longest' $(ARGS)

# The few that failed in `make check` once more, alone; names them.
again: $(READY)
	$(BIN)/python -m tests.again

# Under 15 minutes on an idle machine. Each prints a table and leaves results.json and results.svg beside itself.
bench: $(READY)
	$(BIN)/python -m benchmarks.door.run --leave --seconds 3
	$(BIN)/python -m benchmarks.worker.run --leave
	$(BIN)/python -m benchmarks.latency.run --leave
	$(BIN)/python -m benchmarks.rest.run --leave
	$(BIN)/python -m benchmarks.growth.run --leave --senders 10000,100000
	$(BIN)/python -m benchmarks.backlog.run --leave --messages 10000 --senders 2000 --away 90 --drain 40
	$(BIN)/python -m benchmarks.scale.run --leave

# Takes minutes; ARGS=120 plays fewer people. The last line is one JSON object.
bench-identity: $(READY)
	$(BIN)/python -m benchmarks.identity.run $(ARGS)

# Ten minutes of kills, freezes and lost answers; prints a ledger. ARGS=--quick takes one.
# Then a batch of a thousand merges, killed again and again: a quarter of an hour.
crash: $(READY)
	$(BIN)/python -m tests.crash.run $(ARGS)
	$(BIN)/python -m pytest -n 0 -m longest

# A scripted attacker against a Leadline on this machine; prints each try and what was answered.
attack: $(READY)
	$(BIN)/python -m tests.security.attack.run

# Every package that is installed with Leadline as a CycloneDX list; needs no network.
sbom: $(READY)
	$(BIN)/python -m tests.security.sbom sbom.json

# Asks a source of advisories about every locked package; says so where none can be reached.
audit: $(READY)
	$(BIN)/python -m tests.security.advisories

# Takes the pictures of the documentation from a running demo; needs /usr/bin/chromium.
pictures: $(READY)
	$(BIN)/python -m tests.stage.pictures

# Wheel, sdist and their checksums in dist/, checked.
release: $(READY)
	$(BIN)/python deploy/release.py

# The documentation as a site in site/, with search; fails where a link leads nowhere.
site: $(READY)
	$(BIN)/python deploy/site.py

# Brings the console's catalogues up to date with its texts, and says how much of each language is translated.
words: $(READY)
	$(BIN)/python -m deploy.words

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Two files from one resolution: everything, and the part of it that Leadline needs to run.
lock: $(READY)
	$(COMPILE) --group pyproject.toml:dev -o requirements.lock
	$(COMPILE) --constraints requirements.lock -o requirements-run.lock

clean:
	rm -rf $(VENV)

# The tests' environment: everything that is locked.
$(READY): requirements.lock pyproject.toml
	$(call installed,requirements.lock)
	@touch $(READY) $(RUNS)

# What Leadline needs to run, and no tools; nothing to do where the tests' environment is there.
$(RUNS): requirements-run.lock pyproject.toml
	@[ -e $(READY) ] || { $(MAKE) --no-print-directory $(VENV)/.installed; }
	@touch $(RUNS)

.PHONY: $(VENV)/.installed
$(VENV)/.installed:
	$(call installed,requirements-run.lock)

# uv installs the locked packages in seconds; where it cannot reach an index that pip can, pip does it.
define installed
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Leadline needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) from $(1) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@awk '/^[^ ]/ { on = /^(uv|flit-core)==/ } on' requirements.lock > $(VENV)/tools.lock.txt
	@$(PIP) install --require-hashes -r $(VENV)/tools.lock.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || \
		$(PIP) install --require-hashes -r $(1)
	@$(PIP) install --no-deps --no-build-isolation --editable .
endef
