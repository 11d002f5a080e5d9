# The collector. `docker build -t windsock-collector .`, or through config/compose.yaml.
# Settings, roster and ledger are in /srv/windsock, which belongs to whoever it runs as.

FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/windsock && /opt/windsock/bin/pip install --no-cache-dir '.[collector]'

FROM python:3.13-slim-bookworm
COPY --from=build /opt/windsock /opt/windsock
RUN useradd --system --uid 10001 --home-dir /srv/windsock --create-home windsock
ENV PATH=/opt/windsock/bin:$PATH PYTHONUNBUFFERED=1
USER windsock
WORKDIR /srv/windsock
# What `windsock-collector init` writes: [metrics] port = 9750. A collector that hangs is unhealthy; one that lacks
# broker or InfluxDB is not, as to start it again would mend neither.
HEALTHCHECK --interval=30s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9750/healthz', timeout=5)"]
ENTRYPOINT ["windsock-collector"]
CMD ["run", "-c", "collector.toml"]
