"""Batches from a file instead of a broker, in order of arrival: `windsock-sim fleet` writes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgpack

from windsock.collector.receive.inbox import Arrived
from windsock.protocol.errors import WireError

TOGETHER: Final = 500
"""Batches of one moment that are stored in one transaction, at most."""


def read_batches(path: Path) -> Iterator[tuple[int, list[Arrived]]]:
    """What arrived at each moment, microseconds UTC: arrays of topic, payload and moment.

    Raises WireError where the file is something else.
    """
    with path.open("rb") as file:
        at_us, together = 0, list[Arrived]()
        for topic, payload, moment_us in _rows(msgpack.Unpacker(file, strict_map_key=True)):
            if together and (moment_us != at_us or len(together) == TOGETHER):
                yield at_us, together
                together = []
            at_us = moment_us
            together.append(Arrived(topic, payload, retained=False, mid=0, at_us=moment_us))
        if together:
            yield at_us, together


def _rows(unpacker: msgpack.Unpacker) -> Iterator[tuple[str, bytes, int]]:
    try:
        for row in unpacker:
            topic, payload, at_us = row
            if not (isinstance(topic, str) and isinstance(payload, bytes)
                    and isinstance(at_us, int)):  # fmt: skip
                raise TypeError("not topic, payload and moment")  # noqa: TRY301 - told as any other wrong row
            yield topic, payload, at_us
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise WireError(f"not a file of batches: {error}") from error
