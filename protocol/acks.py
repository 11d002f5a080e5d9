"""Application acknowledgements: what the collector says it has, for good.

An acknowledgement names a batch by the digest of its bytes, which hold its key. So of two stations
that share an agent id (a cloned SD card) each deletes only what the collector has of its own, and
bytes that arrived damaged can be acknowledged without trusting the key in them.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, NamedTuple

import msgpack
import msgspec
from msgspec import Meta

from windsock.protocol.errors import WireError

Status = Literal[0, 1]
STORED: Final[Status] = 0
QUARANTINED: Final[Status] = 1
VERSION: Final = 1


class Ack(NamedTuple):
    """One batch of this agent is stored, or set aside for a person to look at."""

    digest: Annotated[bytes, Meta(min_length=8, max_length=8)]
    status: Status


class _Acks(msgspec.Struct, frozen=True, array_like=True):
    version: Literal[1]
    acks: Annotated[list[Ack], Meta(max_length=4096)]


def encode_acks(acks: Sequence[Ack]) -> bytes:
    """One message for many batches."""
    packed: bytes = msgpack.packb([VERSION, [list(ack) for ack in acks]])
    return packed


def decode_acks(payload: bytes) -> list[Ack]:
    """The acknowledgements in *payload*; raises WireError, and nothing else."""
    try:
        return msgspec.convert(msgpack.unpackb(payload), _Acks).acks
    except (ValueError, msgpack.UnpackException, msgspec.ValidationError) as error:
        raise WireError(f"acknowledgement: {str(error) or type(error).__name__}") from error
