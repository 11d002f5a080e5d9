"""Images of a station's disk: after power cuts, cut short, with bytes changed."""

import random
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from tests.power_cuts.promises import Promises, kept, opened, reported
from tests.power_cuts.shim import recorded
from tests.power_cuts.trace import WRITE, Disk, parsed, write_image

PAGE = 4096
SPOOL = "spool.sqlite"
CATALOGUE = "catalogue.sqlite"
WORKLOAD = "tests.power_cuts.workload"


@contextmanager
def scratch():
    """A folder in memory where there is one: thousands of images are made there."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder within has a name of its own
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def worked(library, folder, seed):
    """A state folder after the workload of *seed*, and what was done to it in order."""
    state = folder / f"state-{seed}"
    state.mkdir()
    return state, parsed(recorded(library, state, folder / f"trace-{seed}", WORKLOAD, state, seed))


def power_cuts(library, seed, count):
    """Cut the power *count* times in one workload; how many images were opened and sound."""
    dice = random.Random(seed)
    with scratch() as folder:
        state, ops = worked(library, folder, seed)
        moments = sorted(dice.randrange(1, len(ops) + 1) for _ in range(count))
        disk, promises, done = Disk(), Promises(), 0
        for number, moment in enumerate(moments):
            for op in ops[done:moment]:
                play(disk, promises, op)
            done = moment
            image = folder / f"image-{number}"
            image.mkdir()
            write_image(disk.after_cut(dice), state, image)
            kept(promises, opened(image))
            shutil.rmtree(image)
    return count


def play(disk, promises, op):
    if op.path.endswith("/marks"):
        if op.kind == WRITE:
            promises.read(op.data.decode())
        return
    disk.play(op)


def final_promises(ops):
    promises, disk = Promises(), Disk()
    for op in ops:
        play(disk, promises, op)
    return promises


def truncations(library, seed, step=1):
    """Cut each file of a killed station short, at every *step*-th byte of its last page."""
    count = 0
    with scratch() as folder:
        state, ops = worked(library, folder, seed)
        promises = final_promises(ops)
        for name in database_files(state):
            size = (state / name).stat().st_size
            for length in range(max(0, size - PAGE), size, step):
                with copied(state, folder) as copy:
                    with (copy / name).open("r+b") as file:
                        file.truncate(length)
                    reported(promises, opened(copy))
                count += 1
    return count


def byte_flips(library, seed, count):
    """Change one byte of a killed station's databases, *count* times."""
    dice = random.Random(seed)
    with scratch() as folder:
        state, ops = worked(library, folder, seed)
        promises = final_promises(ops)
        names = database_files(state)
        sizes = [(state / name).stat().st_size for name in names]
        for _ in range(count):
            (name,) = dice.choices(names, sizes)
            with copied(state, folder) as copy:
                flip(copy / name, dice)
                reported(promises, opened(copy))
    return count


def database_files(state):
    return sorted(p.name for p in state.iterdir() if p.name.endswith((".sqlite", "-wal")))


def flip(path, dice):
    with path.open("r+b") as file:
        at = dice.randrange(path.stat().st_size)
        file.seek(at)
        (old,) = file.read(1)
        file.seek(at)
        file.write(bytes([old ^ dice.randint(1, 255)]))


@contextmanager
def copied(state, folder):
    copy = folder / "copy"
    shutil.copytree(state, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)
