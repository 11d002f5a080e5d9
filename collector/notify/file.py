"""JSON Lines in a file, exactly once: what stands there already is not written again."""

import os
from pathlib import Path
from typing import Final

import msgspec

from windsock.collector.notify.outbox import Parcel, Unreachable
from windsock.collector.notify.payload import payload
from windsock.collector.notify.wording import Wording

_BEGINS: Final = b'{"key":"'


class _Key(msgspec.Struct):
    key: str


class FileChannel:
    """Appends; a line that a crash cut short is cut off and written again."""

    def __init__(self, path: Path, wording: Wording) -> None:
        self._path = path
        self._wording = wording
        self._keys: set[str] | None = None

    def send(self, parcel: Parcel) -> None:
        """Append *parcel*, on disk when this returns."""
        try:
            if self._keys is None:
                self._keys = _mended(self._path)
            if parcel.key not in self._keys:
                _append(self._path, payload(parcel, self._wording) + b"\n")
                self._keys.add(parcel.key)
        except OSError as error:
            self._keys = None  # whatever is there now, it is read again
            raise Unreachable(f"{self._path}: {error.strerror or error}") from error


def _mended(path: Path) -> set[str]:
    """The keys in the file, after cutting off half a line of ours at its end."""
    if not path.exists():
        return set()
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    rest = data[whole:]
    if rest and (rest.startswith(_BEGINS) or _BEGINS.startswith(rest)):
        os.truncate(path, whole)
    elif rest:
        _append(path, b"\n")  # whatever that is, it is not ours
    return {key for line in data[:whole].splitlines() if (key := _key(line))}


def _key(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Key).key
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None  # somebody else's line


def _append(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
