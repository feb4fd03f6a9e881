# Every target does its own set-up: nothing has to be typed before it, as root or as an ordinary user.
# PYTHON is the interpreter that makes the virtual environment (3.11 or newer).

PYTHON = python3
BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: help demo findings quality test fast bench judge mutations docs lock clean

help:
	@echo "make demo    check and boot the articles' setups, and compare the proof with a real kernel"
	@echo "make findings  the findings on a real kernel, as they stand and mended; CODES=\"LEAK101 …\" GUESTS="
	@echo "make test    format, lint, types, import directions, and every test"
	@echo "make fast    lint and the tests that boot no guest and need no root: under a minute"
	@echo "make bench   measure; prints ratios"
	@echo "make judge   ask a real kernel about random networks; MINUTES=5 SEED= KERNEL= KEEP=DIR DAEMON=1"
	@echo "make mutations  delete each fact of the model and see a test turn red; FACT=WORD takes some of them"
	@echo "make docs    write the parts of the pages that are made from the code"
	@echo "make lock    resolve the dependencies anew and write requirements/*.txt"
	@echo "make clean   remove everything that the other targets made in this directory"

demo:
	@$(PYTHON) tools/bootstrap.py run
	@$(BIN)/python -m sapper.cli.demo

findings:
	@$(PYTHON) tools/bootstrap.py run
	@$(BIN)/python -m sapper.cli.findings $(CODES) $(if $(GUESTS),--guests $(GUESTS))

quality:
	@$(PYTHON) tools/bootstrap.py dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

# Two workers with a guest each: more guests than processors make clocks and daemons late.
test: quality
	SAPPER_GUESTS=1 $(PYTEST)

fast:
	@$(PYTHON) tools/bootstrap.py dev
	$(BIN)/ruff check .
	SAPPER_FAST=1 SAPPER_EXAMPLES=15 $(PYTEST) -m "not lab and not netns and not setup"

bench:
	@$(PYTHON) tools/bootstrap.py dev
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/read.py
	@$(BIN)/python benchmarks/mtu.py
	@$(BIN)/python benchmarks/proof.py
	@$(BIN)/python benchmarks/lab.py

judge:
	@$(PYTHON) tools/bootstrap.py run
	@$(BIN)/python -m sapper.lab.judge $(if $(DAEMON),--daemon) --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED)) \
		$(if $(KERNEL),--kernel $(KERNEL)) $(if $(KEEP),--keep $(KEEP))

mutations:
	@$(PYTHON) tools/bootstrap.py dev
	@$(BIN)/python tests/mutations/run.py $(FACT)

docs:
	@$(PYTHON) tools/bootstrap.py dev
	@$(BIN)/python tools/pages.py
	@$(BIN)/python tools/rule_pages.py
	@$(BIN)/python tools/reference_pages.py
	@$(BIN)/python tools/real_configurations.py
	@$(BIN)/python tools/schemas.py

lock:
	@$(PYTHON) tools/lock.py
	@$(PYTHON) tools/bootstrap.py dev
	@$(BIN)/python tools/guest_lock.py

clean:
	rm -rf .venv .venv.gone-* .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist demo-report
	find src tests tools benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +
