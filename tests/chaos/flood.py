"""More and larger batches than fit into memory, while InfluxDB is down: the broker holds back."""

import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from paho.mqtt import publish

from tests.chaos.rig import Rig
from tests.chaos.scorecard import Scorecard
from tests.protocol.examples import SERIES
from tests.servers.process import HOST
from windsock.protocol import topics
from windsock.protocol.envelope import MESSAGE_LIMIT, Header, encode
from windsock.protocol.series import encode_columns
from windsock.protocol.signals import BY_NAME

PART = "flood"
AGENT = "flooder"
ROWS = 13_000
MEMORY_MB = 600
PATIENCE_S = 300.0
AGAIN_S = 60.0


def batches(count: int, chance: np.random.Generator) -> Iterator[bytes]:
    """Series of hours that compress badly, nearly as large as a batch may be."""
    names = [name for name in BY_NAME if name not in ("lat_deg", "lon_deg")]
    for seq in range(1, count + 1):
        table = {name: chance.normal(0, 20 / BY_NAME[name].scale, ROWS) for name in names}
        series = msgspec.structs.replace(
            SERIES, drone_uid=f"px4:{seq:04x}", rows=ROWS, columns=encode_columns(table)
        )
        yield encode(Header(AGENT, 5, 2, seq, 0, 0, "boot", "0"), series)


def flood(rig: Rig, card: Scorecard, count: int, progress: Callable[[str], None]) -> None:
    """*count* batches come at once and stay unacknowledged; then InfluxDB is back."""
    rig.live(1)
    rig.drain(PATIENCE_S)
    rig.collector.look()
    before_mb = rig.collector.peak_kb / 1024
    rig.bad_influx.mood = "down"
    chosen = list(batches(count, np.random.default_rng(1)))
    assert max(map(len, chosen)) < MESSAGE_LIMIT
    progress(f"flood: {count} batches of {len(chosen[0]) // 1000} kB")
    _send(rig, chosen)
    tries = rig.bad_influx.requests
    while rig.bad_influx.requests < tries + 3:
        rig.collector.look()
        time.sleep(0.05)
    stored = rig.count(_STORED)
    rig.bad_influx.mood = "well"
    limit_s = time.monotonic() + PATIENCE_S
    again_s = time.monotonic() + AGAIN_S
    while rig.count(_STORED + " AND telemetry_done") < count and time.monotonic() < limit_s:
        rig.collector.look()
        time.sleep(0.1)
        if time.monotonic() > again_s:  # as a station does: the broker may have let go of some
            _send(rig, chosen)
            again_s = time.monotonic() + AGAIN_S
    done, peak_mb = rig.count(_STORED + " AND telemetry_done"), rig.collector.peak_kb / 1024
    total_mb = sum(map(len, chosen)) / 1e6
    card.add(
        PART, "back-pressure: at most a window of 100 batches is taken in while InfluxDB is down",
        f"{stored} of {count}, {total_mb:.0f} MB, all {done} in the end",
        kept=stored <= 100 and done == count,
    )  # fmt: skip
    card.add(PART, f"collector's memory, at most {MEMORY_MB} MB",
             f"{before_mb:.0f} MB before, {peak_mb:.0f} MB at its peak",
             kept=peak_mb <= MEMORY_MB)  # fmt: skip


def _send(rig: Rig, chosen: list[bytes]) -> None:
    messages = [(topics.up(AGENT), one, 1, False) for one in chosen]
    publish.multiple(messages, HOST, rig.broker.port)


_STORED = f"SELECT count(*) FROM batches WHERE agent = '{AGENT}'"
