"""What links are made with, read from the file that the settings name."""

from functools import cache

from windsock.collector.settings import Web
from windsock.collector.web.links import LEAST_SECRET, Links
from windsock.config.loader import SettingsError, secret

_KEY = "web.secret_file"


@cache
def open_links(web: Web | None) -> Links | None:
    """Links as the settings have them; None: without a web server there are none.

    Read once. Raises SettingsError for a file that can't be read or a secret that can be guessed.
    """
    if web is None:
        return None
    key = secret(web.secret_file, _KEY)
    if len(key) < LEAST_SECRET:
        raise SettingsError(
            f"{_KEY} = {str(web.secret_file)!r}: {len(key)} characters,"
            f" expected {LEAST_SECRET} or more, as `openssl rand -hex 32` prints them"
        )
    return Links(key, web.base_url, web.link_days)
