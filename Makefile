# The Production Relay. `make run` shows it, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PACKAGES := librdkafka-dev libssl-dev libxgboost-dev libzstd-dev python3-xgboost python3-sklearn pkg-config kcat git
SAMPLE := docs/examples/breast-cancer
PROJECT ?= $(SAMPLE)
DATA ?= .relay
BIN := .build/debug
BENCH ?=
BENCH_VENV := .build/bench-venv
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 1
CHAOS_SECONDS ?= 300

PROGRAMS := relay relay-captain relay-pipeline relay-deploy relay-monitor relay-governance relay-lane
IMAGES := production-relay/services:dev production-relay/pipeline:dev

.PHONY: help run programs test test-fast fuzz conformance bench setup build lint format clean chaos \
	reference images provenance compose-test upgrade-test screenshot

help: ## List what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The sample's Python is Debian's, which has the libraries that setup installs; another project's is the caller's.
run: programs ## Release the sample project and show its race (PROJECT=..., DATA=...)
	@$(if $(filter $(SAMPLE),$(PROJECT)),PATH="/usr/bin:$$PATH" )$(BIN)/relay run $(PROJECT) --data-directory $(DATA)

# The test program is started itself: `swift test` would wait for the lock on the build.
TESTS := .build/debug/production-relayPackageTests.xctest
ONE_BY_ONE := --testing-library swift-testing --no-parallel
FAST := ^((ArtifactStore|Baton|Captain|Digest|Governance|Monitor|OpenInference|Operations|Reports|Web)Tests|Style)[.]

test: PACKAGES += curl openssl nodejs
test: build ## Run all tests (FILTER=<expression>: only those whose suite or function it finds)
ifdef FILTER
	@$(TESTS) $(ONE_BY_ONE) --filter '$(FILTER)'
else
	@PYTHONDONTWRITEBYTECODE=1 python3 Tests/Run $(TESTS)
endif

test-fast: PACKAGES += nodejs openssl
test-fast: build ## Run the tests that start no relay, lane, broker or stage
	@$(TESTS) --testing-library swift-testing --filter '$(FAST)' --skip 'OverKafka|BrokerTests'

# The test of the screen in a real browser takes it on its way, from a race of the sample project.
screenshot: PACKAGES += chromium fonts-dejavu-core
screenshot: build ## Take the picture of the screen that the README shows
	@PATH="/usr/bin:$$PATH" SCREENSHOT=$(CURDIR)/docs/images/screen.png $(TESTS) $(ONE_BY_ONE) --filter 'ScreenTests'

# In release, and beside a Python with confluent-kafka; without one (no package index) that contender is left out.
bench: PACKAGES += python3-venv
bench: setup ## Measure it beside hand-written loops and rewrite docs/benchmarks.md (BENCH="--only race --rounds 3")
	@echo "building in release: some 8 minutes on two cores the first time; then it says how long measuring takes"
	@for product in relay relay-captain relay-bench; do swift build -c release --product $$product || exit 1; done
	@test -x $(BENCH_VENV)/bin/pip || python3 -m venv $(BENCH_VENV)
	@python=; $(BENCH_VENV)/bin/pip install -q confluent-kafka && python="--python $(BENCH_VENV)/bin/python"; \
	.build/release/relay-bench $$python --page docs/benchmarks.md $(BENCH)

CONFORMANCE := .build/conformance
OUTPUT ?= table

$(CONFORMANCE)/installed: Tests/Conformance/requirements.txt
	@python3 -m venv --clear $(CONFORMANCE)
	@$(CONFORMANCE)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

conformance: PACKAGES += python3-venv
conformance: programs $(CONFORMANCE)/installed ## Run other people's Kafka clients against the broker (OUTPUT=json)
	@PYTHONDONTWRITEBYTECODE=1 $(CONFORMANCE)/bin/python Tests/Conformance --relay $(BIN)/relay --output $(OUTPUT)

fuzz: setup ## Throw at the embedded broker what a stranger might send (FUZZ_SECONDS=60, FUZZ_SEED=1)
	@swift build --product relay-fuzz
	@$(BIN)/relay-fuzz --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)

chaos: build ## Race while everything breaks, then judge (CHAOS_SECONDS=300, CHAOS_SEED=... to repeat a race)
	@$(BIN)/relay-chaos --seconds $(CHAOS_SECONDS) $(if $(CHAOS_SEED),--seed $(CHAOS_SEED))

images: ## Build the images for docker compose; they say which commit they are of
	@changed=$$(git status --porcelain); \
	RELAY_REVISION=$$(git rev-parse HEAD)$${changed:+-changed} docker compose -f compose/compose.yaml build topics pipeline

provenance: ## Sign what the images are made of, into .build/provenance (KEY=<private key, PEM>)
	@test -n "$(KEY)" || { echo "KEY=<file> is needed: openssl genpkey -algorithm ed25519 -out <file>" >&2; exit 1; }
	@mkdir -p .build/provenance; for image in $(IMAGES); do name=$${image##*/}; \
	compose/provenance.sh sign "$(KEY)" $$image .build/provenance/$${name%:*}.dsse.json || exit 1; done

compose-test: ## Run it all in containers and look at it (OUTPUT=json, KAFKA=apache or cluster, SECURE=yes)
	@PYTHONDONTWRITEBYTECODE=1 python3 Tests/Compose --output $(OUTPUT) --binaries "$(BINARIES)" \
		--kafka $(or $(KAFKA),embedded) $(if $(SECURE),--secure)

# Replaces each service of a relay under load by that of another release, and back. A commit is built in a worktree, which
# stays for the next time: `git worktree remove --force .build/upgrade/<commit>`.
upgrade-test: build ## Upgrade and downgrade a relay in use (OLD=<directory of the old programs> or OLD_COMMIT=<commit>)
	@old="$(abspath $(OLD))"; tree=.build/upgrade/$(OLD_COMMIT); \
	if [ -z "$$old" ] && [ -n "$(OLD_COMMIT)" ]; then \
		[ -d $$tree ] || git worktree add --detach $$tree $(OLD_COMMIT) || exit 1; \
		swift build --package-path $$tree || exit 1; \
		old=$$PWD/$$tree/.build/debug; \
	fi; \
	[ -x "$$old/relay-captain" ] || { echo "name the old release: OLD=<directory> or OLD_COMMIT=<commit>" >&2; exit 1; }; \
	rm -f .build/upgrade-report.txt; \
	UPGRADE_OLD_BINARIES=$$old swift test --skip-build --disable-xctest --no-parallel --filter Upgraded && \
	cat .build/upgrade-report.txt

setup: ## Install the system packages that are missing (apt)
	@missing=$$(for package in $(PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done); \
	if [ -n "$$missing" ]; then \
		echo "installing $$missing"; \
		as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$as_root apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive $$as_root apt-get -qq install -y --no-install-recommends $$missing >/dev/null; \
	fi
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install/linux" >&2; exit 1; }

# One after another: `swift build` takes the last of several products for the only one. They share what they are made of,
# with the tests too.
programs: setup ## Build what runs, and no tests
	@for program in $(PROGRAMS); do swift build --product $$program || exit 1; done

build: setup ## Build everything, tests included
	@swift build --build-tests

# Each service prints its own; a section that several have is kept once.
reference: programs ## Write docs/configuration.md from what the services say of themselves
	@page=docs/configuration.md; { sed '/^<!-- begin of what/q' $$page; echo; \
	for service in captain pipeline deploy monitor governance; do $(BIN)/relay-$$service --help=markdown; echo; done | \
	sed -E 's/`RELAY_(PIPELINE|DEPLOY|MONITOR|GOVERNANCE)_WORK_LIMIT`/`RELAY_<SERVICE>_WORK_LIMIT`/' | \
	awk 'BEGIN { RS = "## "; ORS = "" } NF && !seen[$$1 $$2 $$3 $$4]++ { print "## " $$0 }' | \
	sed -e :a -e '/^\n*$$/{$$d;N;ba' -e '}'; } >$$page.new && mv $$page.new $$page

lint: ## Check the format of all sources
	@swift format lint --strict --recursive --parallel Package.swift Services Shared Tests

format: ## Format all sources
	@swift format --in-place --recursive --parallel Package.swift Services Shared Tests

clean: ## Remove what was built and what the relay wrote here
	@rm -rf .build $(DATA)
