"""The one error that bytes from outside can raise."""


class WireError(ValueError):
    """These bytes are not a message of wire version 1; ``reason`` says why, for the quarantine."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
