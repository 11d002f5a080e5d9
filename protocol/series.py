"""The columns of Series and Window messages as numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from windsock.protocol.columns import (
    Integers,
    Mask,
    decode_column,
    decode_columns,
    encode_column,
)
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Samples
from windsock.protocol.signals import BY_NAME, Signal

Floats = npt.NDArray[np.floating[Any]]
Catalogue = Mapping[str, Signal]
"""Signals by name: `signals.BY_NAME` of a series, `signals.WINDOW_BY_NAME` of a window."""
Numbers = list[float | None]


def encode_columns(
    table: Mapping[str, Floats], catalogue: Catalogue = BY_NAME
) -> dict[str, bytes]:
    """Columns from signals (n,) in their units; NaN is missing, and so is an empty signal.

    Raises KeyError for a name that is not in the catalogue of signals.
    """
    columns = {}
    for name, values in table.items():
        present = np.isfinite(values)
        if present.any():
            known = np.where(present, values, 0.0).astype(np.float64)
            steps = np.rint(known * catalogue[name].scale)
            columns[name] = encode_column(steps.astype(np.int64), present)
    return columns


def decode_values(
    name: str, column: bytes, rows: int, catalogue: Catalogue = BY_NAME
) -> tuple[Floats, Mask]:
    """Values (rows,) in the signal's unit and where they are present.

    ``integer / scale`` is the double nearest to the decimal number that was sent. Raises WireError
    for bytes that are no column and KeyError for a name that is not in the catalogue.
    """
    steps, present = decode_column(column, rows)
    return steps / catalogue[name].scale, present


def values(name: str, column: bytes, rows: int, catalogue: Catalogue = BY_NAME) -> Numbers:
    """The column as JSON has it: missing is null."""
    numbers, present = decode_values(name, column, rows, catalogue)
    return [
        number if there else None
        for number, there in zip(numbers.tolist(), present.tolist(), strict=True)
    ]


def encode_samples(times_us: Integers, signal: Floats, scale: int) -> Samples:
    """Finite samples (n,), n > 0, with their times since the window's start."""
    present = np.ones(len(times_us), bool)
    steps = np.rint(signal.astype(np.float64) * scale).astype(np.int64)
    return Samples(
        rows=len(times_us),
        times=encode_column(times_us, present),
        values=encode_column(steps, present),
    )


def decode_samples(samples: Samples, scale: int) -> tuple[Integers, Floats]:
    """Times since the window's start and values, (rows,) each.

    Raises WireError for bytes that are no columns, or with a time or a value missing.
    """
    columns, present = decode_columns([samples.times, samples.values], samples.rows)
    if not present.all():
        raise WireError("a sample without its time or its value")
    return columns[0], columns[1] / scale
