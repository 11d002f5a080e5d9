"""InfluxDB's database or bucket and how long it keeps rows, as the settings say.

1.x: a retention policy, by InfluxQL. 2.x: a bucket's rule, by its HTTP API (``/api/v2/buckets``),
which gives the bucket a database of the same name for InfluxQL by itself. What a server keeps
longer than the settings say is deleted only where that was asked for.
"""

import json
from typing import Any, Final

from windsock.collector.influx.client import Answer, ask
from windsock.collector.settings import Influx

_DAY_S: Final = 86_400
_WEEK_S: Final = 7 * _DAY_S
_SHARDS_S: Final = ((_DAY_S, 3600), (182 * _DAY_S, _DAY_S), (float("inf"), _WEEK_S))
"""Rows that are kept for so long are in shards of so long, as InfluxDB chooses (its documentation,
"Shard group duration")."""
_OK: Final = range(200, 300)
_ABSENT: Final = (404, 405)
_EVER: Final = 0
"""How both generations write that nothing is deleted."""


class RetentionError(Exception):
    """InfluxDB can't be set up like this; the message says what to do."""


def init_influx(settings: Influx, *, shorten: bool = False) -> str:
    """Make the database and set its retention; what was done, as a line. Safe to repeat.

    Raises RetentionError where InfluxDB refuses, or holds longer and *shorten* is not set, and
    StoreDown where it does not answer.
    """
    if ask(settings, "GET", "/api/v3/configure/database", {"format": "json"}).status in _OK:
        name = settings.database
        raise RetentionError(
            f"an InfluxDB 3: `influxdb3 create database {name} --retention-period"
            f" {settings.retention_days or 'DAYS'}d` does it there"
        )
    orgs = ask(settings, "GET", "/api/v2/orgs", {"org": settings.org})
    # 2.x says 404, too, of an organisation that it doesn't know, but as JSON with a code.
    old = orgs.status in _ABSENT and b'"code"' not in orgs.body
    generation = _Policies(settings) if old else _Buckets(settings, orgs)
    return _settled(generation, settings, shorten=shorten)


def _settled(generation: "_Policies | _Buckets", settings: Influx, *, shorten: bool) -> str:
    wanted_s = (settings.retention_days or _EVER) * _DAY_S
    held_s = generation.held_s()
    if held_s is None:
        generation.create(wanted_s)
        return f"made {settings.database}, which keeps {_span(wanted_s)}"
    if held_s == wanted_s:
        return f"{settings.database} keeps {_span(held_s)} already"
    shorter = wanted_s != _EVER and (held_s == _EVER or held_s > wanted_s)
    if shorter and not shorten:
        raise RetentionError(
            f"{settings.database} keeps {_span(held_s)}: to keep only {_span(wanted_s)} deletes"
            " the rest for good; say --shorten, or change influx.retention_days"
        )
    generation.change(wanted_s)
    return f"{settings.database} now keeps {_span(wanted_s)}, before {_span(held_s)}"


class _Policies:
    """1.x. ``database`` or ``database/policy``; without a policy, the default one."""

    def __init__(self, settings: Influx) -> None:
        self._settings = settings
        self._database, _, self._policy = settings.database.partition("/")
        self._shard_s = _WEEK_S

    def held_s(self) -> int | None:
        """How long rows are kept, None where there is no such database or policy."""
        databases = self._statement("SHOW DATABASES")
        if self._database not in [row["name"] for row in databases]:
            return None
        policies = self._statement(f"SHOW RETENTION POLICIES ON {_quoted(self._database)}")
        for row in policies:
            if row["name"] == self._policy or (not self._policy and row["default"]):
                self._policy = row["name"]
                self._shard_s = _seconds(row["shardGroupDuration"])
                return _seconds(row["duration"])
        return None

    def create(self, wanted_s: int) -> None:
        """Make both. A new database has a policy `autogen`, which keeps all."""
        self._policy = self._policy or "autogen"
        self._statement(f"CREATE DATABASE {_quoted(self._database)}")
        if self._policy == "autogen":
            self.change(wanted_s)
        else:
            self._set("CREATE", f"{_duration(wanted_s)} REPLICATION 1")

    def change(self, wanted_s: int) -> None:
        """Keep rows for *wanted_s* from now on."""
        shard_s = _shorter_s(self._shard_s, wanted_s)
        shorter = f" SHARD DURATION {shard_s}s" if shard_s else ""
        self._set("ALTER", _duration(wanted_s) + shorter)

    def _set(self, verb: str, to: str) -> None:
        policy, database = _quoted(self._policy), _quoted(self._database)
        self._statement(f"{verb} RETENTION POLICY {policy} ON {database} DURATION {to}")

    def _statement(self, influxql: str) -> list[dict[str, Any]]:
        """The rows that a statement gives."""
        reply = _read(ask(self._settings, "POST", "/query", {"q": influxql}))
        (result,) = reply["results"]
        if "error" in result:
            raise RetentionError(f"InfluxDB refuses {influxql!r}: {result['error']}")
        (series,) = result.get("series") or [{}]
        columns = series.get("columns", [])
        return [dict(zip(columns, row, strict=True)) for row in series.get("values", [])]


class _Buckets:
    """2.x."""

    def __init__(self, settings: Influx, orgs: Answer) -> None:
        self._settings = settings
        found = [] if orgs.status in _ABSENT else _read(orgs).get("orgs") or []
        if len(found) != 1:  # all of them where none is named
            raise RetentionError(f"influx.org: InfluxDB knows no organisation {settings.org!r}")
        self._org_id = found[0]["id"]
        self._bucket_id, self._shard_s = "", _WEEK_S

    def held_s(self) -> int | None:
        """How long rows are kept, None where there is no such bucket."""
        query = {"orgID": self._org_id, "name": self._settings.database}
        answer = ask(self._settings, "GET", "/api/v2/buckets", query)
        listed = [] if answer.status in _ABSENT else _read(answer).get("buckets") or []
        for bucket in listed:
            if bucket["name"] == self._settings.database:
                self._bucket_id = bucket["id"]
                rules = bucket.get("retentionRules") or [{}]
                self._shard_s = int(rules[0].get("shardGroupDurationSeconds", _WEEK_S))
                return int(rules[0].get("everySeconds", _EVER))
        return None

    def create(self, wanted_s: int) -> None:
        """Make it."""
        made = {"orgID": self._org_id, "name": self._settings.database}
        self._send("POST", "/api/v2/buckets", made | _rules(wanted_s))

    def change(self, wanted_s: int) -> None:
        """Keep rows for *wanted_s* from now on."""
        rules = _rules(wanted_s, _shorter_s(self._shard_s, wanted_s))
        self._send("PATCH", f"/api/v2/buckets/{self._bucket_id}", rules)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> None:
        _read(ask(self._settings, method, path, {}, json.dumps(body).encode()))


def _rules(wanted_s: int, shard_s: int = 0) -> dict[str, Any]:
    """For ever is a rule of no seconds: leaving rules away would change nothing."""
    rule = {"type": "expire", "everySeconds": wanted_s}
    return {"retentionRules": [rule | ({"shardGroupDurationSeconds": shard_s} if shard_s else {})]}


def _shorter_s(held_s: int, wanted_s: int) -> int:
    """How much time shards shall hold where those of *held_s* are too long, 0 where not.

    InfluxDB refuses to keep rows for less time than a shard holds, and chooses that for what is
    new only.
    """
    if not 0 < wanted_s <= held_s:
        return 0
    return next(shard_s for most_s, shard_s in _SHARDS_S if wanted_s <= most_s)


def _read(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    text = answer.body.decode("utf-8", "replace")
    if answer.status not in _OK:
        raise RetentionError(f"InfluxDB answers {answer.status}: {text.strip()[:300]}")
    return json.loads(text)


def _quoted(name: str) -> str:
    """An identifier of InfluxQL."""
    clean = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{clean}"'


def _duration(wanted_s: int) -> str:
    """As InfluxQL has it."""
    return f"{wanted_s // _DAY_S}d" if wanted_s else "INF"


def _seconds(duration: str) -> int:
    """``8760h0m0s`` as 1.x prints it; days and hours are all that policies have."""
    total, number = 0, ""
    for character in duration:
        if character.isdigit():
            number += character
        else:
            total += int(number or 0) * {"h": 3600, "m": 60, "s": 1}.get(character, 0)
            number = ""
    return total


def _span(seconds: int) -> str:
    return f"rows of the last {seconds / _DAY_S:g} days" if seconds else "all rows"
