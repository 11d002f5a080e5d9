"""The collector's settings: every key, its default and its meaning (`config/collector.toml`)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from windsock.collector.roster.cells import Tier
from windsock.config.loader import SettingsError
from windsock.config.values import Email, Group, HttpUrl, Listen, Port, Positive, SecretUrl, Text

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


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


Required = Literal["csm", "sales owner", "e-mail", "delivery date", "serial"]
"""What has to be known of an account that has drones."""


class Judge(Group, frozen=True, kw_only=True):
    """``[judge]``: what opens a case."""

    simulated: bool = False
    interval_s: Positive = 300.0
    inactive_days: Positive = 30.0
    inactive_reading: Literal["days", "calendar"] = "days"
    unusual_score: Positive = 5.0
    """From here on a silence is unusual for its drone: it comes before usual ones."""
    large_drones: Annotated[int, Meta(ge=1)] = 10
    """An account with so many drones in service is large, whatever its tier."""
    never_flown_days: Positive = 60.0
    presumed_online_share: Annotated[float, Meta(gt=0, le=1)] = 0.9
    unseen_support_days: Positive = 45.0
    incident_notice_days: Positive = 30.0
    crash_like_notice_severity: Annotated[int, Meta(ge=0, le=101)] = 50
    """Crash-like events below this open a case without a notice; 101: all of them."""
    withdraw_hours: Positive = 24.0
    count_unconfirmed: bool = False
    """D2, C2: detections that nobody confirmed count, too."""
    required: tuple[Required, ...] = get_args(Required)
    """M1: what of these is missing is a task."""
    due_days: Positive = 2.0


class Day(Group, frozen=True, kw_only=True):
    """``[day]``: when people work, and how much of their day is ours."""

    zone: Text = "UTC"
    """IANA time zone of those for whom the list of people names none."""
    hour: Annotated[int, Meta(ge=0, le=23)] = 8
    """The digest comes then, by the clock on their wall."""
    working_days: Annotated[tuple[Weekday, ...], Meta(min_length=1)] = (
        "mon", "tue", "wed", "thu", "fri",
    )  # fmt: skip
    holidays: tuple[date, ...] = ()
    interrupts: Annotated[int, Meta(ge=0, le=100)] = 3
    """So many a CSM and day at once, possible crashes aside; the rest waits for the digest."""
    digest_calls: Annotated[int, Meta(ge=1, le=100)] = 10
    """Calls that a digest spells out; it only names further ones."""


class Cadence(Group, frozen=True, kw_only=True):
    """``[[cadence]]``: what is done again and again for an account; the first that fits holds."""

    kind: Literal["call", "health-check"]
    of: Literal["distributor", "direct"] = msgspec.field(name="for")
    tier: Tier | None = None
    """Only accounts of this tier."""
    every_days: Annotated[int, Meta(ge=7, le=3660)]
    playbook: Text


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
    format: Literal["windsock", "slack", "teams"] = "windsock"
    """Our own JSON, a Slack message, an Adaptive Card for a workflow of Teams."""
    secret_file: Path | None = None
    """Signs what is posted; our own format must be signed."""


class File(Group, frozen=True, kw_only=True):
    """``[notify.file]``: JSON Lines."""

    path: Path


class HubspotTasks(Group, frozen=True, kw_only=True):
    """``[notify.hubspot]``: every case is a task there."""

    token_file: Path
    url: SecretUrl = "https://api.hubapi.com"
    account: Text = "name"
    """The property of companies that names accounts as the ledger does."""


class Hubspot(Group, frozen=True, kw_only=True):
    """``[hubspot]``: owners, companies, tickets and completed tasks are read from there."""

    token_file: Path
    url: SecretUrl = "https://api.hubapi.com"
    interval_s: Positive = 300.0
    client_secret_file: Path | None = None
    """Signs webhooks, ``POST /hubspot``: what they say is asked for at once."""
    account: Text = "name"
    """Properties of companies; those of people hold an owner."""
    region: Text = "country"
    tier: Text | None = None
    csm: Text | None = None
    sales: Text = "hubspot_owner_id"
    drone: Text = "drone_serial"
    """Properties of tickets."""
    incident: Text = "incident_date"
    critical: Text = "hs_ticket_priority"
    critical_values: Annotated[tuple[Text, ...], Meta(min_length=1)] = ("URGENT",)


class Notify(Group, frozen=True, kw_only=True):
    """``[notify]``: where notices go. Without a channel they wait in the outbox."""

    support: Email | None = None
    playbook_url: HttpUrl | None = None
    """Where playbooks are read: a playbook's name in lower case with dashes replaces ``$playbook``
    in it, or is put behind it."""
    dashboard_url: HttpUrl | None = None
    """Grafana's drone dashboard: ``$drone`` in it becomes the autopilot's uid."""
    safety: Email | None = None
    """Gets a copy of every possible crash."""
    templates: Path | None = None
    """A folder with edited copies of `collector/notify/templates`; missing ones are as shipped."""
    smtp: Smtp | None = None
    webhook: Webhook | None = None
    file: File | None = None
    hubspot: HubspotTasks | None = None


class Outside(Group, frozen=True, kw_only=True):
    """``[outside]``: where people put files of facts."""

    folder: Path | None = None
    """Files named after what they hold are taken in when they change (docs/outside.md)."""


class Web(Group, frozen=True, kw_only=True):
    """``[web]``: answers by links, and imports. Absent: notices name the command instead."""

    base_url: HttpUrl
    """As people reach it: a reverse proxy with TLS in front of `listen`."""
    secret_file: Path
    """Signs the links: 32 characters or more that nobody can guess."""
    listen: Listen = "127.0.0.1:8080"
    link_days: Positive = 30.0
    import_token_file: Path | None = None
    """``POST /import/KIND`` is refused without."""
    most_mb: Annotated[float, Meta(gt=0, le=256)] = 16.0
    """Bodies larger than this are refused."""


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
    day: Day = Day()
    cadence: tuple[Cadence, ...] = ()
    notify: Notify = Notify()
    metrics: Metrics = Metrics()
    outside: Outside = Outside()
    hubspot: Hubspot | None = None
    web: Web | None = None

    def check(self, path: Path) -> None:
        """What types can't say of the settings in *path*: named files and folders are there.

        Raises SettingsError.
        """
        if self.ledger.is_dir():
            raise SettingsError(f"{path}: ledger: {str(self.ledger)!r} is a folder")
        for key, folder in (("ledger", self.ledger.parent),
                            ("notify.templates", self.notify.templates),
                            ("outside.folder", self.outside.folder)):  # fmt: skip
            if folder is not None and not folder.is_dir():
                raise SettingsError(f"{path}: {key}: no folder {str(folder)!r}")
        hook = self.notify.webhook
        if hook and hook.format == "windsock" and hook.secret_file is None:
            raise SettingsError(f"{path}: notify.webhook.secret_file: format windsock needs it")
        try:
            ZoneInfo(self.day.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(f"{path}: day.zone: no time zone {self.day.zone!r}") from error
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
        if self.notify.hubspot:
            yield "notify.hubspot.token_file", self.notify.hubspot.token_file
        if self.hubspot:
            yield "hubspot.token_file", self.hubspot.token_file
            yield "hubspot.client_secret_file", self.hubspot.client_secret_file
        if self.web:
            yield "web.secret_file", self.web.secret_file
            yield "web.import_token_file", self.web.import_token_file
