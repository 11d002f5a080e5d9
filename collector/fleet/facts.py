"""Facts of many flights, from the ledger's blobs into one matrix without a step for each."""

from collections.abc import Sequence

import numpy as np

from windsock.protocol.facts import FACTS, Matrix

_BYTES = 4


def facts_matrix(blobs: Sequence[bytes]) -> Matrix:
    """(n, len(FACTS)) float32; NaN for facts that an older agent did not know.

    Facts of a newer agent are left out.
    """
    sizes = np.fromiter(map(len, blobs), np.int64, len(blobs))
    if len(blobs) and (sizes == sizes[0]).all():
        return _of_one_size(blobs)
    matrix = np.full((len(blobs), len(FACTS)), np.nan, np.float32)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        matrix[rows] = _of_one_size([blobs[row] for row in rows.tolist()])
    return matrix


def _of_one_size(blobs: Sequence[bytes]) -> Matrix:
    width = len(blobs[0]) // _BYTES
    values = np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), width)
    if width >= len(FACTS):
        return values[:, : len(FACTS)].astype(np.float32, copy=False)
    missing = np.full((len(blobs), len(FACTS) - width), np.nan, np.float32)
    return np.concatenate([values, missing], axis=1, dtype=np.float32)
