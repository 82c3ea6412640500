# The coordinator, and with it every `quire` command. Build it from the root of the repository:
#
#     docker build --file deploy/images/coordinator.Dockerfile --tag quire-coordinator:0.1.0 .

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p quire-cli -p quire-render \
    && install --strip -Dt /out target/release/quire target/release/quire-worker target/release/quire-render

FROM debian:bookworm-20260812-slim AS assets
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3-pip \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/ /usr/local/bin/
ENV QUIRE__ASSETS__DIR=/opt/quire
# It counts pages and reads none: of all assets it needs pdfium alone.
RUN QUIRE__PIPELINE__PROVIDER=cpu quire setup \
    && rm -rf /opt/quire/models /opt/quire/prepared /opt/quire/native/onnxruntime-*

FROM debian:bookworm-20260812-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/quire quire
COPY --from=build /out/quire /out/quire-render /usr/local/bin/
COPY --from=assets /opt/quire /opt/quire
COPY LICENSE /usr/share/doc/quire/
ENV QUIRE__ASSETS__DIR=/opt/quire \
    QUIRE__COORDINATOR__LISTEN=127.0.0.1:8080 \
    QUIRE__COORDINATOR__SCRATCH=/var/lib/quire/scratch
USER quire
WORKDIR /var/lib/quire
VOLUME /var/lib/quire
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s \
    CMD [ "curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/livez" ]
ENTRYPOINT [ "quire" ]
CMD [ "serve" ]
