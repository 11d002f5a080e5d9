"""The columns of a Series message as numbers."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from windsock.protocol.columns import Mask, decode_column, encode_column
from windsock.protocol.signals import BY_NAME

Floats = npt.NDArray[np.float64]


def encode_columns(table: Mapping[str, Floats]) -> dict[str, bytes]:
    """Columns of a Series from signals (n,) in their units; NaN is missing, so is an empty signal.

    Raises KeyError for a name that is not in the catalogue of signals.
    """
    columns = {}
    for name, values in table.items():
        present = np.isfinite(values)
        if present.any():
            steps = np.rint(np.where(present, values, 0.0) * BY_NAME[name].scale)
            columns[name] = encode_column(steps.astype(np.int64), present)
    return columns


def decode_values(name: str, column: bytes, rows: int) -> tuple[Floats, Mask]:
    """Values (rows,) in the signal's unit and where they are present.

    ``integer / scale`` is the double nearest to the decimal number that was sent. Raises WireError
    for bytes that are no column and KeyError for a name that is not in the catalogue.
    """
    steps, present = decode_column(column, rows)
    return steps / BY_NAME[name].scale, present


def values(name: str, column: bytes, rows: int) -> list[float | None]:
    """The column as JSON has it: missing is null."""
    numbers, present = decode_values(name, column, rows)
    return [
        number if there else None
        for number, there in zip(numbers.tolist(), present.tolist(), strict=True)
    ]
