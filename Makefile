# Two commands matter: `make demo` and `make test`. Everything else is in `make help`.
# Needed beforehand: make, Python 3.12 or newer, and a package index that pip can reach.

SHELL := /bin/sh
PYTHON_IN_VENV := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint lock

help: ## Say what can be made
	@echo "Verbatim: who said what. Run one of:"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 : \2/p' Makefile | awk -F ' : ' '{ printf "%-12s %s\n", $$1, $$2 }'
	@echo
	@echo "Words after a command go in ARGS: make demo ARGS=--help, make test ARGS='-k speaker'."

demo: ## A running desk on the founding story, at http://127.0.0.1:8000 (again: keeps the data)
	@sh scripts/venv
	@exec $(PYTHON_IN_VENV) manage.py demo $(ARGS)

test: ## Lint, then every test, browser journeys included
	@sh scripts/venv dev
	@sh scripts/lint; lint=$$?; \
	sh scripts/test $(ARGS) || exit; \
	[ $$lint = 0 ] || { echo "The tests pass, but lint found something: see the top, or make lint."; exit 1; }

lint: ## Style, types, templates, import floors, migrations and requirements
	@sh scripts/venv dev
	@sh scripts/lint

lock: ## Write requirements.txt and requirements-dev.txt anew from pyproject.toml (ARGS=--upgrade for newer releases)
	@sh scripts/venv dev
	@sh scripts/lock $(ARGS)
