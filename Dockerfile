# The service only. It starts in production mode by default; docker-compose.yml shows the settings it needs.

# Base images by version. To pin one by digest as well, append what `docker buildx imagetools inspect IMAGE` prints as
# its digest: `rust:1.95.0-bookworm@sha256:…`. Other images can be tried with `--build-arg`.
ARG RUST_IMAGE=rust:1.95.0-bookworm
ARG DEBIAN_IMAGE=debian:12.15-slim

# rust-toolchain.toml names the same version and is not copied: nothing is downloaded but crates.
FROM ${RUST_IMAGE} AS build
WORKDIR /build

# Builds the dependencies in their own layer, with empty sources, so that it is reused until a manifest or the lock file changes.
# crates/, bench and reliability are for development and tests; Cargo needs their manifests for the lock file, and does not compile them.
COPY Cargo.toml Cargo.lock ./
COPY crates/local-mongod/Cargo.toml crates/local-mongod/
COPY crates/service-process/Cargo.toml crates/service-process/
COPY bench/Cargo.toml bench/
COPY reliability/Cargo.toml reliability/
RUN mkdir src crates/local-mongod/src crates/service-process/src bench/src reliability/src \
    && touch src/lib.rs crates/local-mongod/src/lib.rs crates/service-process/src/lib.rs reliability/src/lib.rs \
    && echo 'fn main() {}' | tee bench/src/main.rs reliability/src/main.rs > src/main.rs \
    && cargo build --release --locked -p twofold

# The real sources may be older than the empty ones; touching them makes Cargo build them.
COPY src src
COPY web web
RUN touch src/lib.rs src/main.rs \
    && cargo build --release --locked -p twofold

FROM ${DEBIAN_IMAGE}
RUN groupadd --gid 10001 twofold \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin twofold
COPY --from=build /build/target/release/twofold /usr/local/bin/twofold
USER 10001:10001
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000

# The image has no HTTP client, but bash can open TCP connections.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["bash", "-c", "\
exec 3<>/dev/tcp/127.0.0.1/$PORT && \
printf 'GET /health/ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && \
read -r _ status _ <&3 && echo \"$status\" && [ \"$status\" = 200 ]"]

ENTRYPOINT ["twofold"]
