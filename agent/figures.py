"""What a running agent can be asked for in numbers (`agent/metrics`)."""

from dataclasses import dataclass


@dataclass
class Figures:
    """Counted by the threads that work, read by the one that tells."""

    connected: bool = False
    connections: int = 0
    sent: int = 0
    acknowledged: int = 0
    dropped: int = 0
    batches: int = 0
    bytes: int = 0

    def met_broker(self) -> None:
        """It took us."""
        self.connected = True
        self.connections += 1
