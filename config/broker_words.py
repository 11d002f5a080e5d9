"""Why a broker could not be reached, in words that name the setting at fault."""

from pathlib import Path


def unreachable(error: Exception, ca_file: Path | None) -> str:
    """What went wrong when connecting, as the reason for a BrokerError.

    A certificate that is refused says why: `verify_message`, which ssl's error has and no other.
    """
    refused = getattr(error, "verify_message", "")
    if not refused:
        return str(error)
    trusted = f"broker.ca_file = {str(ca_file)!r}" if ca_file else "the system's authorities"
    return f"its certificate is refused, going by {trusted}: {refused}"
