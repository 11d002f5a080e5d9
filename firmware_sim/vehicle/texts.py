"""STATUSTEXT."""

from windsock.firmware_sim.vehicle.enums import Severity
from windsock.firmware_sim.vehicle.frames import Message


def text(words: str, severity: Severity) -> Message:
    """Up to 50 characters."""
    return Message("STATUSTEXT", {"severity": severity, "text": words.encode()})
