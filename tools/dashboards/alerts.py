"""Alert rules for Grafana's unified alerting, as a provisioning file.

Never over flights: Grafana resolves an alert whose series vanishes, and a drone that stopped
flying has none. Drones are watched through ``drone_state``, which has a row of each every hour,
and the collector through its own rows, whose absence is an alert. Cases and calls are the
collector's; these rules tell whoever runs it. No ``$`` but in queries, which Grafana leaves alone:
in the rest of the file it would be an environment variable.
"""

from dataclasses import dataclass
from typing import Any

from tools.dashboards.board import UIDS
from tools.dashboards.parts import SOURCE_UID, Query

_HOUR_S = 3600
_STATES_S = 66 * 60
"""Covers the newest hourly rows, however long ago the hour began."""


@dataclass(frozen=True)
class Rule:
    """Fires while the query's last value is *beyond* (``gt`` or ``lt``) *limit*."""

    uid: str
    title: str
    summary: str
    description: str
    query: str
    dashboard: str
    limit: float = 0
    beyond: str = "gt"
    since_s: int = _STATES_S
    pending: str = "0s"
    nothing: str = "OK"
    """State without any row: ``OK`` or ``Alerting``."""
    severity: str = "warning"

    def build(self) -> dict[str, Any]:
        """As the provisioning file has it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": "C",
            "for": self.pending,
            "noDataState": self.nothing,
            "execErrState": "Error",
            "labels": {"severity": self.severity, "source": "windsock"},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "__dashboardUid__": UIDS[self.dashboard],
            },
            "data": [self._asked(), self._reduced(), self._compared()],
        }

    def _asked(self) -> dict[str, Any]:
        model = Query(self.query).to_json() | {
            "datasource": {"type": "influxdb", "uid": SOURCE_UID}
        }
        return {
            "refId": "A",
            "datasourceUid": SOURCE_UID,
            "relativeTimeRange": {"from": self.since_s, "to": 0},
            "model": model | {"intervalMs": 60_000, "maxDataPoints": 1000},
        }

    def _reduced(self) -> dict[str, Any]:
        model = {"refId": "B", "type": "reduce", "expression": "A", "reducer": "last"}
        return _expression(model)

    def _compared(self) -> dict[str, Any]:
        evaluator = {"type": self.beyond, "params": [self.limit]}
        model = {"refId": "C", "type": "threshold", "expression": "B"}
        return _expression(model | {"conditions": [{"evaluator": evaluator}]})


def _expression(model: dict[str, Any]) -> dict[str, Any]:
    source = {"type": "__expr__", "uid": "__expr__"}
    return {
        "refId": model["refId"],
        "datasourceUid": "__expr__",
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": model | {"datasource": source},
    }


def _drones(condition: str) -> str:
    """Rows of each customer's drones: more than none is what matters."""
    return f"""
        SELECT count("flights") AS "drones" FROM "drone_state" WHERE {condition} AND $timeFilter
        GROUP BY "customer"
    """


def _grown(name: str) -> str:
    return f"""
        SELECT max("{name}") - min("{name}") AS "new" FROM "pipeline" WHERE $timeFilter
    """


RULES = (
    Rule(
        "windsock-no-states", "The collector judges no drones",
        "No row of any drone for two hours",
        "The collector is down, or InfluxDB does not take its rows: nothing on these dashboards"
        " can be believed until it runs.",
        'SELECT count("flights") AS "rows" FROM "drone_state" WHERE $timeFilter',
        "stations", limit=1, beyond="lt", since_s=2 * _HOUR_S + 600, nothing="Alerting",
        severity="critical",
    ),
    Rule(
        "windsock-possible-crashes", "A possible crash waits for an answer",
        "{{ .Labels.customer }}: possible crashes of the last 30 days",
        "Drones of this customer had incidents that nobody confirmed or took back. Who calls whom"
        " is the collector's to tell: docs/cases.md.",
        """
        SELECT max("possible_crashes") AS "of one drone" FROM "drone_state"
        WHERE "possible_crashes" > 0 AND $timeFilter GROUP BY "customer"
        """,
        "fleet", severity="critical",
    ),
    Rule(
        "windsock-inactive", "Drones stopped flying",
        "{{ .Labels.customer }}: drones that have not flown for a month",
        "By state rows, so the alert stays while the drones do: docs/detection-inactivity.md.",
        _drones("(\"state\" = 'inactive' OR \"state\" = 'lost')"),
        "fleet", pending="2h",
    ),
    Rule(
        "windsock-overdue", "Software is overdue",
        "{{ .Labels.customer }}: drones that a mandatory release waits for",
        "Past its grace and powered on since: docs/detection-firmware.md.",
        _drones("\"software\" = 'overdue'"),
        "fleet", pending="2h",
    ),
    Rule(
        "windsock-stations-silent", "Drones behind silent stations",
        "{{ .Labels.customer }}: drones whose station is silent",
        "Nothing that these drones do is seen. Look at the station: docs/detection-states.md.",
        _drones("\"data_state\" = 'agent-silent'"),
        "stations", pending="2h",
    ),
    Rule(
        "windsock-quarantine", "Batches were quarantined",
        "Batches came within an hour that nobody could decode",
        "They are kept byte for byte in the ledger; a newer agent than the collector is the usual"
        " reason.",
        _grown("quarantined"), "stations", since_s=_HOUR_S,
    ),
    Rule(
        "windsock-dead-letters", "InfluxDB refused rows",
        "Rows within an hour that InfluxDB refused for good",
        "They are in the ledger, with the reason: a field of another type, or a store that deletes"
        " nothing.",
        _grown("dead_letters"), "stations", since_s=_HOUR_S,
    ),
    Rule(
        "windsock-lag", "News arrives late",
        "Urgent batches, flights or sightings took an hour and more",
        "By the stations' clocks: a slow network, a full spool, or a wrong clock.",
        'SELECT max("lag_s") AS "lag" FROM "pipeline" WHERE $timeFilter',
        "stations", limit=3600, since_s=_HOUR_S, pending="30m",
    ),
)  # fmt: skip


def file() -> dict[str, Any]:
    """All of them, as one group."""
    group = {
        "orgId": 1,
        "name": "windsock",
        "folder": "windsock",
        "interval": "5m",
        "rules": [rule.build() for rule in RULES],
    }
    return {"apiVersion": 1, "groups": [group]}
