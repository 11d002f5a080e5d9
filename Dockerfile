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
ENTRYPOINT ["windsock-collector"]
CMD ["run", "-c", "collector.toml"]
