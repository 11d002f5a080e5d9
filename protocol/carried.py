"""Batches on their way by hand, and acknowledgements on theirs: for stations without a network.

::

    line        "windsock spool 1" or "windsock acks 1"
    msgpack     one array, what the file is about
    msgpack     one bin for each batch, or for each message of acknowledgements
    32 bytes    BLAKE2b of everything before

The seal tells a file that was cut or changed on its way. It is no signature: whoever hands a file
to the collector is trusted as far as an operator is. Batches and acknowledgements are the bytes
that travel over MQTT, so both ends treat them the same.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Annotated, Final, Literal, TypeVar

import msgpack
import msgspec
from msgspec import Meta

from windsock.protocol.envelope import MESSAGE_LIMIT, AgentId
from windsock.protocol.errors import WireError

Kind = Literal["spool", "acks"]
SEAL_BYTES: Final = 32
VERSION: Final = 1
_ABOUT_LIMIT: Final = MESSAGE_LIMIT

About = TypeVar("About", bound=msgspec.Struct)


class Spooled(msgspec.Struct, frozen=True, array_like=True):
    """What a file of batches is about: the station, its status as JSON, how many batches."""

    agent: AgentId
    status: bytes
    batches: Annotated[int, Meta(ge=0)]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a file of acknowledgements is about: whose they are, and the seal they answer."""

    agent: AgentId
    answers: Annotated[bytes, Meta(min_length=SEAL_BYTES, max_length=SEAL_BYTES)]


def sealed(kind: Kind, about: msgspec.Struct, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file, piece by piece; the last piece is its seal."""
    seal = blake2b(digest_size=SEAL_BYTES)
    for piece in _unsealed(kind, about, parts):
        seal.update(piece)
        yield piece
    yield seal.digest()


def check_seal(pieces: Iterable[bytes]) -> bytes:
    """The seal of a file that came whole, however it is cut into *pieces*; raises WireError."""
    seal, end = blake2b(digest_size=SEAL_BYTES), b""
    for piece in pieces:
        end += piece
        seal.update(end[:-SEAL_BYTES])
        end = end[-SEAL_BYTES:]
    if end != seal.digest():
        raise WireError("the file was cut or changed on its way: copy it again")
    return end


def about(kind: Kind, what: type[About], pieces: Iterable[bytes]) -> tuple[About, Iterator[bytes]]:
    """What a file is about, and its parts, one by one.

    Raises WireError, also while the parts are taken; look at the seal first.
    """
    unpacked = _unpacked(kind, pieces)
    try:
        head = msgspec.convert(next(unpacked, None), what)
    except msgspec.ValidationError as error:
        raise WireError(f"not a file of this kind: {error}") from error
    return head, _parts(unpacked)


def _unsealed(kind: Kind, about: msgspec.Struct, parts: Iterable[bytes]) -> Iterator[bytes]:
    yield _title(kind)
    yield msgpack.packb(msgspec.to_builtins(about, builtin_types=(bytes,)))
    for part in parts:
        yield msgpack.packb(part)


def _title(kind: Kind) -> bytes:
    return f"windsock {kind} {VERSION}\n".encode()


def _unpacked(kind: Kind, pieces: Iterable[bytes]) -> Iterator[object]:
    """The msgpack objects between title and seal."""
    unpacker = msgpack.Unpacker(max_buffer_size=2 * _ABOUT_LIMIT + 2**20, strict_map_key=True)
    title, end, begun = _title(kind), b"", False
    for piece in pieces:
        end += piece
        if not begun and len(end) >= len(title):
            if not end.startswith(title):
                raise WireError(f"not a file that begins with {title.decode().strip()!r}")
            end, begun = end[len(title) :], True
        if begun:
            unpacker.feed(end[:-SEAL_BYTES])
            end = end[-SEAL_BYTES:]
            yield from _objects(unpacker)
    if not begun:
        raise WireError(f"not a file that begins with {title.decode().strip()!r}")


def _objects(unpacker: msgpack.Unpacker) -> Iterator[object]:
    try:
        yield from unpacker
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError(f"not msgpack: {error}") from error


def _parts(unpacked: Iterator[object]) -> Iterator[bytes]:
    for part in unpacked:
        if not isinstance(part, bytes):
            raise WireError("not a file of batches")
        yield part
