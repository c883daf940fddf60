# syntax=docker/dockerfile:1
# One image for the hub, the worker, the bots and the Chroma server, and one for the proxy: docs/deployment.md
#
#   docker build --build-arg ALLMENDE_TORCH_INDEX=https://download.pytorch.org/whl/cpu --tag allmende .
#   docker build --target proxy --tag allmende-proxy .

# --- Building: the locked packages, and the language model as exported for this processor; pip is the only one that needs
# the network.
FROM python:3.11.14-slim-trixie AS build

# PyTorch's builds for the CPU are a tenth of those for graphics cards. Its version is the pinned one in any case.
ARG ALLMENDE_TORCH_INDEX=https://download.pytorch.org/whl/cpu
# A mirror of the package index, and a proxy, where your house has them.
ARG PIP_INDEX_URL
ARG https_proxy
ENV PIP_NO_CACHE_DIR=1 ALLMENDE_LANGUAGE=en

WORKDIR /opt/allmende
COPY pyproject.toml requirements.lock requirements-pip.lock allmende ./
# Certificates of your house can be handed in: docker build --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt
RUN --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    ./allmende setup

COPY . .
# Bytecode, as nobody can write any later; then the model, which is checked against its published SHA-256.
RUN .venv/bin/python -m compileall -q -j 0 knowledge bot hub migrations \
    && ALLMENDE_DATA_DIR=/tmp/build ALLMENDE_MODELS_DIR=/opt/allmende/models ./allmende reindex \
    && rm -rf /tmp/build && chmod -R go+rX,go-w /opt/allmende

# --- The proxy, under a user of its own.
FROM caddy:2.10.2-alpine AS proxy

RUN adduser -D -H -u 10002 proxy && install -d -o 10002 -g 10002 -m 0700 /var/lib/proxy
ENV XDG_DATA_HOME=/var/lib/proxy XDG_CONFIG_HOME=/tmp
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10002:10002

# --- Running: no compiler, no right to change the program.
FROM python:3.11.14-slim-trixie AS allmende

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp allmende \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/allmende /opt/allmende

ENV ALLMENDE_DATA_DIR=/data \
    ALLMENDE_MODELS_DIR=/opt/allmende/models \
    ALLMENDE_HUB_HOST=0.0.0.0 \
    ALLMENDE_LOG_FORMAT=json \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1

USER 10001:10001
WORKDIR /tmp
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of whatever serves pages; compose turns it off for what does not.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/allmende/.venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["/opt/allmende/allmende"]
CMD ["serve"]
