.PHONY: dev test check screenshots

TARGET := $(or $(CARGO_TARGET_DIR),target)

# A real mongod under .data/ and the service on port 8000; Ctrl-C stops both. The two programs are
# built in one go, so that what they share is built once.
dev:
	cargo build --package local-mongod --package twofold
	$(TARGET)/debug/local-mongod dev -- $(TARGET)/debug/twofold serve

# Every test, against a mongod of its own on a free port.
test:
	cargo test --workspace

# The README's pictures of the web UI, taken anew.
screenshots:
	cargo test --test browser screenshots -- --ignored

# What CI checks before the tests.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	@if cargo deny --version >/dev/null 2>&1; then \
	  cargo deny check bans licenses sources; \
	else \
	  echo "cargo-deny is not installed, so licences and sources were not checked (cargo install cargo-deny)."; \
	fi
