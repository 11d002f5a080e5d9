"""One round of the collector's second thread: facts from outside, judgement, InfluxDB, notices."""

import logging
import random
import sqlite3
from functools import partial
from typing import Final

from windsock.collector.calls.day import make_day
from windsock.collector.cases.judge import judge_fleet, judge_new, judge_wear
from windsock.collector.dashboards.counters import Counters
from windsock.collector.dashboards.rows import DashboardRows
from windsock.collector.fleet.states import drone_states
from windsock.collector.followers import advance, last_id
from windsock.collector.hubspot.source import open_source
from windsock.collector.hubspot.tasks import write_tasks
from windsock.collector.influx import points
from windsock.collector.influx.client import StoreDown
from windsock.collector.influx.redraw import redraw_some
from windsock.collector.influx.state_rows import StateRows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.outbox import next_due_us, send_due
from windsock.collector.notify.pictures import pictures_of
from windsock.collector.outside.watch import Watch
from windsock.collector.receive.windows import discard_windows
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
        self._channels = open_channels(settings.notify, partial(pictures_of, ledger))
        self._outside = Watch(settings)
        self._hubspot = open_source(settings.hubspot)
        self._fleet_due_us = 0
        self._wear_due_us = 0
        self._telemetry_due_us: int | None = None
        self._counters = counters or Counters()
        self._state_rows = StateRows(telemetry)
        self._dashboard_rows = DashboardRows(ledger, telemetry, self._counters)

    def make(self, now_us: int, *, last: bool = False) -> None:
        """One round at *now_us*; the *last* one leaves nothing for later."""
        came = self._outside.take_in(self._ledger, now_us)
        if self._hubspot:
            came |= self._hubspot.pull(self._ledger, now_us)
        if came:
            self._fleet_due_us = 0
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
        make_day(self._ledger, now_us, self._settings)
        write_tasks(self._ledger, now_us, self._settings)
        self._write_rows(now_us, last=last)
        for trouble in send_due(self._ledger, self._channels, now_us, random.random).troubles:
            log.warning("notice: %s", trouble)

    def rest_s(self, now_us: int) -> float:
        """Seconds until a round has something to do, news aside."""
        moments = (
            self._fleet_due_us,
            self._telemetry_due_us,
            self._outside.due_us(),
            self._hubspot.due_us(now_us) if self._hubspot else None,
            next_due_us(self._ledger, self._channels),
        )
        due_us = min(moment for moment in moments if moment is not None)
        return max(0.0, (due_us - now_us) / 1e6)

    def _write_rows(self, now_us: int, *, last: bool) -> None:
        """What changed, verdicts, the fleet as it stands; again later where InfluxDB is down."""
        try:
            while redraw_some(self._ledger, self._telemetry, now_us):
                pass
            self._write_verdicts(now_us)
            if self._telemetry_due_us is not None and now_us >= self._telemetry_due_us:
                more = self._write_fleet(now_us, last=last)
                self._telemetry_due_us = now_us if more else None
        except StoreDown as error:
            self._counters.store_errors += 1
            self._telemetry_due_us = now_us + int(_RETRY_S * 1e6)
            log.warning("%s", error)

    def _write_fleet(self, now_us: int, *, last: bool) -> bool:
        """True: some of it waits for the next round, so that new flights are judged meanwhile."""
        if not self._telemetry.store:  # a whole fleet is not judged twice for nobody
            return False
        states = drone_states(self._ledger, now_us, self._settings)
        self._state_rows.write(states, now_us)
        while more := self._dashboard_rows.write(states, now_us, self._settings):
            if not last:
                break
        return more

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
