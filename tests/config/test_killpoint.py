import os
import signal
import subprocess
import sys

import pytest

from windsock.config.killpoint import VARIABLE, KillPoint

OURS = os.getpid()
CODE = """
from windsock.config.killpoint import reached
reached("after-publish")
reached("after-spool")
print("once", flush=True)
reached("after-spool")
print("twice", flush=True)
"""


def outcome(asked):
    environment = os.environ | ({} if asked is None else {VARIABLE: asked})
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode().split()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (f"after-spool@{OURS}", []),
        (f"after-spool:2@{OURS}", ["once"]),
        (f"after-publish@{OURS}", []),
    ],
)
def test_a_process_dies_where_its_parent_wants_it_to(asked, said):
    assert outcome(asked) == (-signal.SIGKILL, said)


@pytest.mark.parametrize(
    "asked",
    [None, "", "after-spool", "after-spool@1", f"after-spool:3@{OURS}", f"mid-delete@{OURS}"],
)
def test_nobody_else_can_ask_for_it(asked):
    assert outcome(asked) == (0, ["once", "twice"])


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5"])
def test_a_count_that_is_none_never_comes(count):
    point = KillPoint(f"after-spool:{count}@7", 7)

    assert not any(point.due("after-spool") for _ in range(5))
