"""A short form of `python -m tests.power_cuts`, and that it would notice."""

import shutil

import pytest

from tests.power_cuts.cuts import byte_flips, final_promises, power_cuts, truncations, worked
from tests.power_cuts.promises import kept, opened
from tests.power_cuts.shim import compiled
from tests.power_cuts.trace import CREATE, RENAME, SYNC, WRITE, Disk, Op


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_power_cut_costs_nothing_that_was_promised(library, seed):
    assert power_cuts(library, seed, 60) == 60


def test_a_file_cut_short_is_mended_and_reported(library):
    assert truncations(library, 3, step=293)


def test_a_changed_byte_is_mended_and_reported(library):
    assert byte_flips(library, 4, 60) == 60


@pytest.mark.parametrize("name", ["spool.sqlite", "spool.sqlite-wal", "downloads"])
def test_a_disk_that_forgets_what_was_synced_is_noticed(library, tmp_path, name):
    state, ops = worked(library, tmp_path, 5)
    promises = final_promises(ops)
    if name == "downloads":
        shutil.rmtree(state / name)
    else:
        (state / name).unlink()

    with pytest.raises(AssertionError):
        kept(promises, opened(state))


class Never:
    """Nothing that was not synced came to be on the disk."""

    def randint(self, low, _high):
        return low

    def choice(self, _chances):
        return 0.0

    def random(self):
        return 0.5


def write(path, data, offset=0):
    return Op(WRITE, path, offset, data)


def left(*ops, random=None):
    disk = Disk()
    for op in ops:
        disk.play(op)
    return disk.after_cut(random or Never())


def test_only_what_was_synced_is_sure():
    made, synced = Op(CREATE, "a", 0, b""), Op(SYNC, "a", 0, b"")

    assert left(made, write("a", b"x")) == {}
    assert left(made, write("a", b"x"), synced, write("a", b"y")) == {"a": b"x"}


def test_a_new_name_is_sure_with_its_folder():
    made, synced = Op(CREATE, "f/a", 0, b""), Op(SYNC, "f/a", 0, b"")
    renamed = Op(RENAME, "f/a", 0, b"f/b")

    assert left(made, synced, renamed) == {"f/a": b""}
    assert left(made, synced, renamed, Op(SYNC, "f", 0, b"")) == {"f/b": b""}


class Second(Never):
    """Of the sectors, only each second one is there."""

    def __init__(self):
        self.turn = 0

    def choice(self, _chances):
        return 0.5

    def random(self):
        self.turn += 1
        return self.turn % 2


def test_a_write_tears_between_sectors():
    made, synced = Op(CREATE, "a", 0, b""), Op(SYNC, "a", 0, b"")
    torn = write("a", b"y" * 600, offset=500)

    (content,) = left(made, write("a", b"x" * 1200), synced, torn, random=Second()).values()

    assert content == b"x" * 512 + b"y" * 512 + b"x" * 176
