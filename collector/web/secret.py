"""What links are made with and who may bring facts, read from the files that the settings name."""

from functools import cache
from pathlib import Path

from windsock.collector.settings import Web
from windsock.collector.web.links import LEAST_SECRET, Links
from windsock.config.loader import SettingsError, secret

_KEY = "web.secret_file"
_TOKEN = "web.import_token_file"  # noqa: S105 - a key of the settings


@cache
def open_links(web: Web | None) -> Links | None:
    """Links as the settings have them; None: without a web server there are none.

    Read once. Raises SettingsError for a file that can't be read or a secret that can be guessed.
    """
    if web is None:
        return None
    return Links(_long_enough(web.secret_file, _KEY), web.base_url, web.link_days)


def import_token(web: Web) -> str | None:
    """What programs that bring facts must know; None: nobody may. Raises SettingsError."""
    file = web.import_token_file
    return _long_enough(file, _TOKEN) if file else None


def _long_enough(file: Path, key: str) -> str:
    found = secret(file, key)
    if len(found) < LEAST_SECRET:
        raise SettingsError(
            f"{key} = {str(file)!r}: {len(found)} characters, expected {LEAST_SECRET} or more,"
            " as `openssl rand -hex 32` prints them"
        )
    return found
