# The first minutes: `make convert` needs Rust, a C compiler, and Python with pip, and says what is missing.

PDF ?= tests/corpus/sample.pdf
DOCS ?= tests/corpus
OUT ?= out
TEST_SERVERS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/quire/test-servers
BUILT := $(or $(CARGO_TARGET_DIR),target)/release
QUIRE := $(BUILT)/quire
FLEET_TOUR := $(BUILT)/quire-fleet-tour

.DEFAULT_GOAL := help
.PHONY: help convert fleet test test-setup setup build lint check-tools

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

convert: setup ## convert a document: make convert PDF=file-or-folder OUT=folder
	@$(QUIRE) convert "$(PDF)" --out "$(OUT)"
	@echo "results are in $(OUT):" && ls "$(OUT)"

fleet: test-setup setup ## convert documents with a fleet on this machine: make fleet DOCS=file-or-folder OUT=folder
	@cargo build --release --locked -p quire-tests --bin quire-fleet-tour
	@$(FLEET_TOUR) "$(DOCS)" "$(OUT)"

setup: build ## build quire, then fetch and prepare libraries and models
	@$(QUIRE) setup

build: check-tools ## build the release binaries
	@cargo build --release --locked -p quire-cli -p quire-render

# The tests' own build also makes the binaries, with the same features, so that nothing is compiled twice.
test: check-tools test-setup ## run all tests
	cargo test --release --locked --workspace --no-run
	$(QUIRE) setup
	QUIRE__PIPELINE__PROVIDER=cpu $(QUIRE) setup
	if cargo nextest --version >/dev/null 2>&1; \
	then cargo nextest run --release --locked --workspace; \
	else cargo test --release --locked --workspace; fi

test-setup: check-tools ## install the servers that tests start: RabbitMQ, Redis, an S3
	@.ci/test-servers "$(TEST_SERVERS)"

lint: check-tools ## formatting, clippy, documentation, licences
	.ci/lint

check-tools:
	@.ci/check-tools
