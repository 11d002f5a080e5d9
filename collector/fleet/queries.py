"""The queries of the SQL files beside this one, by name."""

from functools import cache
from importlib.resources import files
from typing import Final

from windsock.collector.roster.owners import CLAIMS

_LEFT: Final = """(SELECT max(ended.until_us) FROM links AS ended
    WHERE ended.kind = 'drone_customer' AND ended.subject = drones.serial
        AND ended.until_us <= :now_us)"""
"""When the last customer of a drone gave it away: of one that has none."""


def query(name: str) -> str:
    """The query *name*."""
    return _queries()[name]


@cache
def _queries() -> dict[str, str]:
    here = files("windsock.collector.fleet")
    texts = (file.read_text("utf-8") for file in here.iterdir() if file.name.endswith(".sql"))
    parts = (part.partition("\n") for text in texts for part in text.split("-- name: ")[1:])
    return {name: body.format(claims=CLAIMS, left=_LEFT) for name, _, body in parts}
