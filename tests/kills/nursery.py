"""A process that has all modules loaded and lives lives in forks of itself, one a request.

``python -m tests.kills.nursery`` reads a line of JSON for each: folder, port, and the commit to
die at. It says the process id when it begins, and how that ended.
"""

import json
import os
import sys
from pathlib import Path

from tests.kills.life import live


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(asked)
        _say(child)
        _say(os.waitpid(child, 0)[1])


def _live(asked) -> None:
    code = 1
    try:
        live(Path(asked["folder"]), asked["port"], asked["nth"], before=asked["before"])
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
