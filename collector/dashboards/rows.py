"""All that dashboards read beside flights, written whenever the fleet was judged."""

import sqlite3
from collections.abc import Sequence

from windsock.collector.dashboards.counters import Counters
from windsock.collector.dashboards.days import note_standing, refresh_days
from windsock.collector.dashboards.events import redraw_events
from windsock.collector.dashboards.standing import customer_rows, standing_counts
from windsock.collector.dashboards.stations import station_rows
from windsock.collector.fleet.contact import silent_agents
from windsock.collector.fleet.states import DroneState
from windsock.collector.influx.points import drone_tag
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.settings import Settings


class DashboardRows:
    """Writes them; *counters* are the collector's own."""

    def __init__(
        self, ledger: sqlite3.Connection, telemetry: Telemetry, counters: Counters
    ) -> None:
        self._ledger = ledger
        self._telemetry = telemetry
        self._counters = counters

    def write(self, states: Sequence[DroneState], now_us: int, settings: Settings) -> bool:
        """With every drone as it stands; True: days still wait, for another round.

        Raises StoreDown; all of it is safe to repeat.

        Without InfluxDB nothing is added up: stale days wait until there is one.
        """
        ledger, telemetry = self._ledger, self._telemetry
        if telemetry.store is None:
            return False
        silent = silent_agents(ledger, now_us, settings.sight)
        note_standing(ledger, standing_counts(states, silent), now_us)
        more = refresh_days(ledger, telemetry, now_us, simulated=settings.judge.simulated)
        uids = {state.serial: drone_tag(state) for state in states if state.serial is not None}
        redraw_events(ledger, telemetry, uids, now_us)
        rows = [*customer_rows(states, now_us), *station_rows(ledger, silent, now_us)]
        telemetry.write([*rows, self._counters.row(ledger, now_us)], now_us)
        return more
