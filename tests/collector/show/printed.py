"""What a table looks like in a terminal."""

import io

from rich.console import Console


def printed(table, width=200):
    console = Console(width=width, file=io.StringIO())
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]
