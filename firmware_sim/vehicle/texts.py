"""STATUSTEXT."""

from windsock.firmware_sim.vehicle.enums import Severity
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.model import RELEASE, Model


def text(words: str, severity: Severity) -> Message:
    """Up to 50 characters."""
    return Message("STATUSTEXT", {"severity": severity, "text": words.encode()})


def banner(model: Model) -> Message:
    """What it says of itself after booting. PX4 ends its texts with a tab."""
    version = model.sw_version
    numbers = f"{version.major}.{version.minor}.{version.patch}"
    if model.px4:
        return text("Ready for takeoff!\t", Severity.INFO)
    suffix = "" if version.type == RELEASE else "-dev"
    named = model.banner or f"ArduCopter V{numbers}{suffix}"
    return text(f"{named} ({model.git_hash[:8]})", Severity.INFO)
