# A worker for NVIDIA GPUs: as worker-cpu, over the libraries of CUDA 13 and cuDNN 9. The machine needs the NVIDIA
# container toolkit. Build it from the root of the repository:
#
#     docker build --file deploy/images/worker-cuda.Dockerfile --tag quire-worker-cuda:0.1.0 .

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
RUN QUIRE__PIPELINE__PROVIDER=cuda quire setup

FROM nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/quire quire
COPY --from=build /out/quire /out/quire-worker /out/quire-render /usr/local/bin/
COPY --from=assets /opt/quire /opt/quire
COPY LICENSE /usr/share/doc/quire/
ENV QUIRE__ASSETS__DIR=/opt/quire \
    QUIRE__WORKER__CACHE_DIR=/var/lib/quire/documents \
    QUIRE__WORKER__HEALTH=0.0.0.0:8081
USER quire
WORKDIR /var/lib/quire
VOLUME /var/lib/quire
EXPOSE 8081
# Models load for some seconds; a broker that is away makes a worker unready, not unhealthy.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s \
    CMD [ "curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8081/livez" ]
ENTRYPOINT [ "quire-worker" ]
CMD [ "--device", "cuda:0" ]
