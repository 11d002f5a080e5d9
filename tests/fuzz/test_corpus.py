"""What `make fuzz` began with, and what it found, is read within bounds and without a surprise."""

from pathlib import Path

import pytest

from tests.fuzz.reading import WAYS, try_to_read

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_nothing_but_the_named_error_and_no_more_work_than_bytes(path):
    for read in WAYS:
        try_to_read(path.read_bytes(), read)


def test_the_corpus_is_small_and_holds_both_formats():
    assert all(path.stat().st_size < 4096 for path in CORPUS)
    read = [try_to_read(path.read_bytes(), WAYS[0]) for path in CORPUS]
    assert {log.format for log in read if log} == {"ulog", "dataflash"}
