"""The one error that bytes from outside can raise."""


class WireError(ValueError):
    """These bytes are not a message of wire version 1; ``reason`` says why, for the quarantine.

    ``at`` is the byte of the batch where that shows, None where it is not known.
    """

    def __init__(self, reason: str, at: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
