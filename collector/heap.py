"""The process's heap: what arrays leave behind is kept, not given back and asked for again."""

from typing import Final

_KEPT_BYTES: Final = 16 * 1024 * 1024


def keep_freed_memory() -> None:
    """Make glibc keep up to 32 MB of freed memory: getting it anew, page by page, takes a tenth.

    Freeing a large block makes it keep twice as much from then on (mallopt(3), on dynamic
    M_MMAP_THRESHOLD). Other C libraries do as they like.
    """
    bytearray(_KEPT_BYTES)
