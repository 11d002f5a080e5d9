"""What is packed of a ledger, held against its rows."""

from contextlib import contextmanager
from dataclasses import fields, is_dataclass

import numpy as np

from windsock.collector.cases.judge import inactive_fleet
from windsock.collector.fleet.checkpoint import PACKINGS, load_columns
from windsock.collector.fleet.contact import load_sight
from windsock.collector.fleet.rows import snapshot
from windsock.collector.fleet.software import load_software


@contextmanager
def unpacked(ledger):
    """Without a checkpoint, for a while."""
    ledger.execute("BEGIN")
    ledger.execute("DELETE FROM packed")
    yield
    ledger.execute("ROLLBACK")


def packed_wrong(ledger):
    """Sources and autopilots of which something else would be read than there is; ideally none."""
    wrong = []
    for packing in PACKINGS:
        names = ledger.execute(
            f"SELECT drone_uid FROM {packing.source} UNION SELECT drone_uid FROM packed"
        ).fetchall()
        for (uid,) in names:
            found = load_columns(ledger, packing, [uid])
            with unpacked(ledger):
                wanted = load_columns(ledger, packing, [uid])
            if not same(found, wanted):
                wrong.append((packing.source, uid))
    return wrong


def loaded(ledger, now_us, settings):
    """All that a round reads of the fleet."""
    simulated = settings.judge.simulated
    with snapshot(ledger):
        fleet = inactive_fleet(ledger, now_us, settings)
        sight = load_sight(ledger, fleet.rows, now_us, settings.sight, simulated=simulated)
        software = load_software(ledger, fleet.rows, now_us, simulated=simulated)
    return [fleet.rows, fleet.ways, sight, software.drones]


def same(one, other):
    """Equal to the last bit, however deep."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other
