"""What the collector's threads are about, for whoever asks: plain values, each written by one."""

from dataclasses import dataclass


@dataclass
class Pulse:
    """Times are the collector's clock, None where there is nothing to tell."""

    connected: bool = False
    """To the broker."""
    receiving_us: int | None = None
    """When the thread that takes batches in was last heard of."""
    in_hand: int = 0
    """Batches that came and are not acknowledged."""
    in_hand_since_us: int | None = None
    """When the oldest of them came."""
    delay_us: int | None = None
    """From the station's clock, which may be wrong, to the ledger: of the last batch."""
    influx_down_since_us: int | None = None
    influx_trouble: str = ""
    round_us: int | None = None
    """When the last round of judging and telling ended."""
