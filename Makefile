.PHONY: dev demo test test-otlp check deny screenshots bench bench-programs bench-check fuzz chaos soak malformed

TARGET := $(or $(CARGO_TARGET_DIR),target)

# A real mongod under .data/ and the service on port 8000; Ctrl-C stops both. The two programs are
# built in one go, so that what they share is built once.
dev:
	cargo build --package local-mongod --package twofold
	$(TARGET)/debug/local-mongod dev -- $(TARGET)/debug/twofold serve

# The same, and the React example on port 3000; Ctrl-C stops everything.
demo: examples/react/node_modules
	cargo build --package local-mongod --package twofold
	MAIL_PAGES=http://localhost:3000/ \
	  exec node examples/react/demo.js $(TARGET)/debug/local-mongod dev -- $(TARGET)/debug/twofold serve

examples/react/node_modules: $(wildcard examples/react/package*.json clients/typescript/*.json clients/typescript/src/*)
	cd examples/react && npm install --no-audit --no-fund
	touch $@

# Every test, against a mongod of its own on a free port.
test:
	cargo test --workspace

# The export of traces, in a build with the feature.
test-otlp:
	cargo test --features otlp --test otlp
	cargo test --features otlp --lib trace

# Retakes the README's pictures of the web UI.
screenshots:
	cargo test --test browser screenshots -- --ignored

# What CI checks before the tests. With --examples, of which there are none, the documentation is built with
# the features of the tests' dependencies, as clippy is, and dependencies are not checked a second time.
check:
	cargo fmt --all --check
	rustfmt --check examples/backends/actix/src/main.rs
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --features argon2-simd,otlp --lib --test otlp -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items \
	  --lib --bin twofold-bench --examples
	.ci/deny

# Security advisories, yanked crates, licences, bans and sources of the dependencies.
deny:
	.ci/deny

# How fast the service is against its limits: everything in a quarter of an hour, recorded in docs/;
# or one work, as in `make bench WORK=login`.
bench: bench-programs
	$(TARGET)/release/twofold-bench run $(WORK) --folder $(TARGET)/bench

# Fails where a ratio fell by more than a tenth of the recorded one. For releases, and by hand.
bench-check: bench-programs
	$(TARGET)/release/twofold-bench check $(WORK) --folder $(TARGET)/bench

# Built one after the other, so that the benchmark's needs change nothing of the service's dependencies.
bench-programs:
	cargo build --release --locked --package twofold
	cargo build --release --locked --package twofold-bench

# Faults, one after the other, while people use the service: no acknowledged write may be lost. Records the results in docs/.
chaos: reliability-programs
	$(RELIABILITY) chaos

# The same people for MINUTES at 70 % of the capacity: latencies, memory, connections and collections stay flat.
MINUTES := 60
soak: reliability-programs
	$(RELIABILITY) soak --minutes $(MINUTES)

# COUNT malformed requests on raw connections: no 500, no connection that stays open, no memory that grows.
COUNT := 1000000
malformed: reliability-programs
	$(RELIABILITY) malformed --count $(COUNT)

RELIABILITY = $(TARGET)/debug/twofold-reliability --folder $(TARGET)/reliability
.PHONY: reliability-programs
reliability-programs:
	cargo build --locked --package twofold
	cargo build --locked --package twofold-reliability

# Every parser of untrusted input against libFuzzer, FUZZ_SECONDS each; needs a C++ compiler. What it learns stays
# in the target folder; a failing input is written there too, and named. `make fuzz FUZZ=json` runs one alone.
FUZZ := account basic cookies forwarded json sealed settings wire
FUZZ_SECONDS := 60
FUZZ_HOST = $(shell rustc --print host-tuple)
FUZZ_FOLDER = $(abspath $(TARGET))/fuzz
# Coverage instrumentation for libFuzzer. With --target, none of it reaches build scripts and macros.
FUZZ_FLAGS := --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares
fuzz:
	RUSTFLAGS="$(FUZZ_FLAGS)" cargo build --release --manifest-path fuzz/Cargo.toml \
	  --target $(FUZZ_HOST) --target-dir $(FUZZ_FOLDER)
	@set -e; for target in $(FUZZ); do \
	  echo "fuzzing $$target for $(FUZZ_SECONDS) seconds"; \
	  mkdir -p $(FUZZ_FOLDER)/corpus/$$target $(FUZZ_FOLDER)/findings; \
	  $(FUZZ_FOLDER)/$(FUZZ_HOST)/release/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -verbosity=0 -print_final_stats=1 -artifact_prefix=$(FUZZ_FOLDER)/findings/$$target- \
	    $(FUZZ_FOLDER)/corpus/$$target fuzz/seeds/$$target; \
	done
