"""The queries of the SQL files beside this one, by name."""

from functools import cache
from importlib.resources import files

from windsock.collector.roster.owners import CLAIMS


def query(name: str) -> str:
    """The query *name*."""
    return _queries()[name]


@cache
def _queries() -> dict[str, str]:
    here = files("windsock.collector.fleet")
    texts = (file.read_text("utf-8") for file in here.iterdir() if file.name.endswith(".sql"))
    parts = (part.partition("\n") for text in texts for part in text.split("-- name: ")[1:])
    return {name: body.format(claims=CLAIMS) for name, _, body in parts}
