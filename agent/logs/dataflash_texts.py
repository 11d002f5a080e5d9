"""What DataFlash messages say in words: parameters, the autopilot's lines of text, its version."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from windsock.agent.logs.flightlog import LogMessage, ParameterChange, Table
from windsock.agent.logs.records import column_of


class Parameters(NamedTuple):
    """The values first seen, the defaults, and every later different value."""

    initial: dict[str, float]
    defaults: dict[str, float]
    changes: list[ParameterChange]


def read_parameters(table: Table | None) -> Parameters:
    """Read PARM messages."""
    found = Parameters({}, {}, [])
    fields = table.fields if table else {}
    texts, values = column_of(fields, "Name", "S"), column_of(fields, "Value")
    if table is None or texts is None or values is None:
        return found
    names = [to_text(name) for name in texts.tolist()]
    latest: dict[str, float] = {}
    for boot_us, name, value in zip(table.boot_us.tolist(), names, values.tolist(), strict=True):
        if name not in latest:
            found.initial[name] = value
        elif latest[name] != value:
            found.changes.append(ParameterChange(boot_us, name, value))
        latest[name] = value
    defaults = column_of(fields, "Default")
    if defaults is not None:
        pairs = zip(names, defaults.tolist(), strict=True)
        found.defaults.update((name, value) for name, value in pairs if not math.isnan(value))
    return found


def read_messages(table: Table | None) -> list[LogMessage]:
    """Read MSG messages."""
    texts = column_of(table.fields, "Message", "S") if table else None
    if table is None or texts is None:
        return []
    rows = zip(table.boot_us.tolist(), texts.tolist(), strict=True)
    return [LogMessage(boot_us, None, to_text(text).rstrip()) for boot_us, text in rows]


def last_row(table: Table | None) -> Mapping[str, object]:
    """Return the last message's fields as Python values."""
    if table is None:
        return {}
    values = ((name, column[-1]) for name, column in table.fields.items())
    return {
        name: to_text(value) if isinstance(value, bytes) else value.tolist()
        for name, value in values
    }


def to_text(value: bytes) -> str:
    """Decode UTF-8; what is not is taken as Latin-1, as old firmware wrote it."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
