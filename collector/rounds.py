"""One round of the collector's second thread: roster, judgement, InfluxDB, notices."""

import logging
import random
import sqlite3
from pathlib import Path
from typing import Final

from windsock.collector.cases.judge import judge_fleet, judge_new, judge_wear
from windsock.collector.dashboards.counters import Counters
from windsock.collector.dashboards.rows import DashboardRows
from windsock.collector.fleet.states import drone_states
from windsock.collector.followers import advance, last_id
from windsock.collector.influx import points
from windsock.collector.influx.client import StoreDown
from windsock.collector.influx.redraw import redraw_some
from windsock.collector.influx.state_rows import StateRows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.outbox import next_due_us, send_due
from windsock.collector.receive.windows import discard_windows
from windsock.collector.roster.enrolment import apply_roster
from windsock.collector.roster.file import RosterError, load_roster
from windsock.collector.roster.releases import (
    apply_mails,
    apply_releases,
    parse_mails,
    parse_releases,
)
from windsock.collector.roster.sheet import load_sheet
from windsock.collector.settings import Settings

log = logging.getLogger("windsock.collector")

_VERDICT_ROWS: Final = "verdict rows"
_ROWS_A_ROUND: Final = 5000
_RETRY_S: Final = 30.0
_DAY_US: Final = 86_400_000_000


class Rounds:
    """What has to be done again and again; each step is safe to repeat."""

    def __init__(
        self,
        settings: Settings,
        ledger: sqlite3.Connection,
        telemetry: Telemetry,
        counters: Counters | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._telemetry = telemetry
        self._channels = open_channels(settings.notify)
        self._files_seen: dict[Path, tuple[int, int]] = {}
        self._fleet_due_us = 0
        self._wear_due_us = 0
        self._telemetry_due_us: int | None = None
        self._counters = counters or Counters()
        self._state_rows = StateRows(telemetry)
        self._dashboard_rows = DashboardRows(ledger, telemetry, self._counters)

    def make(self, now_us: int, *, last: bool = False) -> None:
        """One round at *now_us*; the *last* one leaves nothing for later."""
        self._read_files()
        judge_new(self._ledger, now_us, self._settings)
        if last or now_us >= self._fleet_due_us:
            judge_fleet(self._ledger, now_us, self._settings)
            with transaction(self._ledger):
                discard_windows(self._ledger, now_us)
            self._fleet_due_us = now_us + int(self._settings.judge.interval_s * 1e6)
            self._telemetry_due_us = now_us
        if now_us >= self._wear_due_us:
            judge_wear(self._ledger, now_us, self._settings)
            self._wear_due_us = now_us + _DAY_US
        self._write_rows(now_us)
        for trouble in send_due(self._ledger, self._channels, now_us, random.random).troubles:
            log.warning("notice: %s", trouble)

    def rest_s(self, now_us: int) -> float:
        """Seconds until a round has something to do, news aside."""
        moments = (
            self._fleet_due_us,
            self._telemetry_due_us,
            next_due_us(self._ledger, self._channels),
        )
        due_us = min(moment for moment in moments if moment is not None)
        return max(0.0, (due_us - now_us) / 1e6)

    def _read_files(self) -> None:
        """Take in what people wrote, when it changed; what is wrong is said and the rest holds."""
        settings = self._settings
        for path, take in (
            (settings.roster, self._take_roster),
            (settings.releases, self._take_releases),
            (settings.update_mails, self._take_mails),
        ):
            if path is None or self._files_seen.get(path) == _stamp(path):
                continue
            self._files_seen[path] = _stamp(path)
            for error in take(path):
                log.warning("%s", error)
            self._fleet_due_us = 0

    def _take_roster(self, path: Path) -> list[RosterError]:
        roster = load_roster(path)
        apply_roster(self._ledger, roster)
        return roster.errors

    def _take_releases(self, path: Path) -> list[RosterError]:
        return apply_releases(self._ledger, load_sheet(path, parse_releases))

    def _take_mails(self, path: Path) -> list[RosterError]:
        return apply_mails(self._ledger, load_sheet(path, parse_mails))

    def _write_rows(self, now_us: int) -> None:
        """What changed, verdicts, the fleet as it stands; again later where InfluxDB is down."""
        try:
            while redraw_some(self._ledger, self._telemetry, now_us):
                pass
            self._write_verdicts(now_us)
            if self._telemetry_due_us is not None and now_us >= self._telemetry_due_us:
                states = drone_states(self._ledger, now_us, self._settings)
                self._state_rows.write(states, now_us)
                self._dashboard_rows.write(states, now_us, self._settings)
                self._telemetry_due_us = None
        except StoreDown as error:
            self._counters.store_errors += 1
            self._telemetry_due_us = now_us + int(_RETRY_S * 1e6)
            log.warning("%s", error)

    def _write_verdicts(self, now_us: int) -> None:
        rows = self._ledger.execute(
            "SELECT verdicts.*, drone_uid, log_id, armed_boot_us, start_us, start_quality,"
            " retracted = 0 AND merged_into IS NULL AS stands"
            " FROM verdicts JOIN flights ON flights.id = flight_id"
            " WHERE verdicts.id > ? ORDER BY verdicts.id LIMIT ?",
            (last_id(self._ledger, _VERDICT_ROWS), _ROWS_A_ROUND),
        ).fetchall()
        if rows:
            drawn = [
                row for row in rows if row["stands"] and row["start_quality"] in points.TRUSTED
            ]
            self._telemetry.write([points.of_verdict(row) for row in drawn], now_us)
            advance(self._ledger, _VERDICT_ROWS, rows[-1]["id"])


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; a missing one is said so by who reads it."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
