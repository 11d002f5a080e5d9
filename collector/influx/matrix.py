"""Lines of numbers, all at once: as a matrix of characters. Pure.

Where most fields are there each line is a row with room for all of them; where few are, as in a
window of samples at many rates, each value is a row of its own.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from windsock.collector.influx.digits import (
    NOTHING,
    Integers,
    Mask,
    Octets,
    Steps,
    decimals,
    measured,
    whole_measured,
)

_MOSTLY: Final = 0.5
"""Of all values that could be there."""
_COMMA, _SPACE = np.uint8(ord(",")), np.uint8(ord(" "))

Fields = Mapping[str, Steps]


def drawn(head: bytes, times: Integers, fields: Fields) -> tuple[bytes, int]:
    """``head name=value,... time`` of each row (n,) that has a field, and how many those are."""
    if not len(times) or not fields:
        return b"", 0
    present = np.array([steps.present for steps in fields.values()])
    if present.all():
        return _by_rows(head, times, fields), len(times)
    some = present.any(axis=0)
    if not some.any():
        return b"", 0
    if present.mean() < _MOSTLY:
        return _by_values(head, times, fields, present), int(np.count_nonzero(some))
    if not some.all():
        fields = {
            name: Steps(steps[some], scale, there[some])
            for name, (steps, scale, there) in fields.items()
        }
    return _by_rows(head, times[some], fields), int(np.count_nonzero(some))


def _by_rows(head: bytes, times: Integers, fields: Fields) -> bytes:
    """The lines of rows (n,), each of which has a field."""
    numbers = [measured(steps) for steps in fields.values()]
    labels = [f",{name}=".encode() for name in fields]
    time = whole_measured(times)
    row, ends = head + b" ", []
    for label, number in zip(labels, numbers, strict=True):
        row += label + number.room
        ends.append(len(row))
    matrix = _rows_of(row + b" " + time.room + b"\n", len(times))
    at = len(head) + 1
    begun = np.zeros(len(times), bool)
    for label, number, steps, end in zip(labels, numbers, fields.values(), ends, strict=True):
        number.fill(matrix[:, at + len(label) : end])
        _leave_out(matrix[:, at:end], steps.present, begun)
        begun |= steps.present
        at = end
    time.fill(matrix[:, at + 1 : -1])
    return matrix.tobytes().translate(None, NOTHING)


def _leave_out(cells: Octets, present: Mask, begun: Mask) -> None:
    """Nothing where a field is missing, no comma where it is the first of its row."""
    if not begun.all():
        cells[~begun, 0] = 0
    if not present.all():
        cells[~present] = 0


def _by_values(head: bytes, times: Integers, fields: Fields, present: Mask) -> bytes:
    """The lines of rows (n,): head before a row's first value, time behind its last one."""
    row, field = np.nonzero(present.T)
    steps = np.array([steps.steps for steps in fields.values()])[field, row]
    opens = np.diff(row, prepend=-1) > 0
    closes = np.append(opens[1:], True)
    separator = np.where(opens, _SPACE, _COMMA)[:, None]
    labels = np.array([f"{name}=".encode() for name in fields])
    label = labels[field].view(np.uint8).reshape(len(row), -1)
    time = whole_measured(times[row[closes]])
    ending = np.zeros((len(row), len(time.room) + 2), np.uint8)
    endings = _rows_of(b" " + time.room + b"\n", int(np.count_nonzero(closes)))
    time.fill(endings[:, 1:-1])
    ending[closes] = endings
    start = np.frombuffer(head, np.uint8) * opens[:, None]
    parts = (start, separator, label, _mixed(steps, field, fields), ending)
    return np.concatenate(parts, axis=1).tobytes().translate(None, NOTHING)


def _mixed(steps: Integers, field: Integers, fields: Fields) -> Octets:
    """Values (k,) of several fields as text (k, width), each to the decimals of its own."""
    scales = np.array([one.scale for one in fields.values()])[field]
    drawn_apart = []
    for scale in {one.scale for one in fields.values()}:
        here = np.flatnonzero(scales == scale)
        if not len(here):
            continue
        places = decimals(scale)
        number = whole_measured(steps[here] * (10**places // scale), places)
        cells = _rows_of(number.room, len(here))
        number.fill(cells)
        drawn_apart.append((here, cells))
    text = np.zeros((len(steps), max(cells.shape[1] for _, cells in drawn_apart)), np.uint8)
    for here, cells in drawn_apart:
        text[here, : cells.shape[1]] = cells
    return text


def _rows_of(row: bytes, count: int) -> Octets:
    """*row* as often as told, (count, len)."""
    matrix = np.empty((count, len(row)), np.uint8)
    matrix[:] = np.frombuffer(row, np.uint8)
    return matrix
