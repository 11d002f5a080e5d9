"""The collector's settings: every key, its default and its meaning (`config/collector.toml`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from windsock.config.loader import SettingsError
from windsock.config.values import Email, Group, HttpUrl, Port, Positive, Text


class Broker(Group, frozen=True, kw_only=True):
    """``[broker]``: where batches come from."""

    host: Text = "localhost"
    port: Port = 1883
    tls: bool = False
    ca_file: Path | None = None
    client_id: Text = "windsock-collector"
    user: Text | None = None
    password_file: Path | None = None
    protocol: Literal["5", "3.1.1"] = "5"
    window: Annotated[int, Meta(ge=1, le=1000)] = 100
    """Batches under way, which are stored together; 3.1.1: as the broker has it, mosquitto 20."""


class Influx(Group, frozen=True, kw_only=True):
    """``[influx]``: absent means the collector works on its ledger alone."""

    url: HttpUrl
    api: Literal["v2", "v1"] = "v2"
    """``v2``: ``/api/v2/write`` (1.8, 2.x, 3); ``v1``: ``/write`` (1.x)."""
    database: Text = "windsock"
    """Bucket in 2.x, ``database/retention-policy`` or database elsewhere."""
    org: str = ""
    token_file: Path | None = None
    """2.x and 3: a token. 1.x: ``user:password``."""
    retention_days: Annotated[int, Meta(ge=1)] | None = None


class Judge(Group, frozen=True, kw_only=True):
    """``[judge]``: what opens a case."""

    simulated: bool = False
    interval_s: Positive = 300.0
    inactive_days: Positive = 30.0
    inactive_reading: Literal["days", "calendar"] = "days"
    interrupt_score: Positive = 3.8
    """From here on a silence is told at once; below it waits for the digest."""
    never_flown_days: Positive = 60.0
    presumed_online_share: Annotated[float, Meta(gt=0, le=1)] = 0.9
    unseen_support_days: Positive = 45.0
    incident_notice_days: Positive = 30.0
    crash_like_notice_severity: Annotated[int, Meta(ge=0, le=101)] = 50
    """Crash-like events below this open a case without a notice; 101: all of them."""
    withdraw_hours: Positive = 24.0
    due_days: Positive = 2.0


class Sight(Group, frozen=True, kw_only=True):
    """``[sight]``: when we can't see a drone, and how it stands if we can."""

    silent_hours: Positive = 24.0
    field_silent_days: Positive = 30.0
    unconnected_days: Positive = 30.0
    fleet_silent_share: Annotated[float, Meta(gt=0, le=1)] = 0.8
    lost_days: Positive = 180.0


class Software(Group, frozen=True, kw_only=True):
    """``[software]``: what is old, and what is not held against it."""

    tolerate_previous: bool = False
    """The release before the newest is good enough."""


class Smtp(Group, frozen=True, kw_only=True):
    """``[notify.smtp]``: e-mail."""

    host: Text
    port: Port = 587
    sender: Email
    security: Literal["starttls", "tls", "plain"] = "starttls"
    user: Text | None = None
    password_file: Path | None = None


class Webhook(Group, frozen=True, kw_only=True):
    """``[notify.webhook]``: a POST, signed with HMAC-SHA256 of the body."""

    url: HttpUrl
    secret_file: Path


class File(Group, frozen=True, kw_only=True):
    """``[notify.file]``: JSON Lines."""

    path: Path


class Notify(Group, frozen=True, kw_only=True):
    """``[notify]``: where notices go. Without a channel they wait in the outbox."""

    support: Email | None = None
    templates: Path | None = None
    """A folder with edited copies of `collector/notify/templates`; missing ones are as shipped."""
    smtp: Smtp | None = None
    webhook: Webhook | None = None
    file: File | None = None


class Metrics(Group, frozen=True, kw_only=True):
    """``[metrics]``: figures for Prometheus and a state of health, on 127.0.0.1 only."""

    port: Port | None = None
    """Absent: nobody listens."""


class Settings(Group, frozen=True, kw_only=True):
    """The whole of ``collector.toml``."""

    ledger: Path = Path("windsock.ledger")
    roster: Path | None = None
    releases: Path | None = None
    update_mails: Path | None = None
    broker: Broker = Broker()
    influx: Influx | None = None
    judge: Judge = Judge()
    sight: Sight = Sight()
    software: Software = Software()
    notify: Notify = Notify()
    metrics: Metrics = Metrics()

    def check(self, path: Path) -> None:
        """What types can't say of the settings in *path*: named files and folders are there.

        Raises SettingsError.
        """
        if self.ledger.is_dir():
            raise SettingsError(f"{path}: ledger: {str(self.ledger)!r} is a folder")
        for key, folder in (("ledger", self.ledger.parent),
                            ("notify.templates", self.notify.templates)):  # fmt: skip
            if folder is not None and not folder.is_dir():
                raise SettingsError(f"{path}: {key}: no folder {str(folder)!r}")
        for key, file in self._files():
            if file is not None and not file.is_file():
                raise SettingsError(f"{path}: {key}: no file {str(file)!r}")

    def _files(self) -> Iterator[tuple[str, Path | None]]:
        yield "roster", self.roster
        yield "releases", self.releases
        yield "update_mails", self.update_mails
        yield "broker.ca_file", self.broker.ca_file
        yield "broker.password_file", self.broker.password_file
        if self.influx:
            yield "influx.token_file", self.influx.token_file
        if self.notify.smtp:
            yield "notify.smtp.password_file", self.notify.smtp.password_file
        if self.notify.webhook:
            yield "notify.webhook.secret_file", self.notify.webhook.secret_file
