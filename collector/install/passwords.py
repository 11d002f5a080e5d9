"""Users of the broker as mosquitto's `password_file` has them, without `mosquitto_passwd`.

A line is ``name:$7$iterations$salt$hash``, salt and hash in base64, the hash PBKDF2 with SHA-512
(mosquitto 2.0, src/password_mosq.c).
"""

import hashlib
import secrets
from base64 import b64encode
from typing import Final

ITERATIONS: Final = 101
"""mosquitto's own. Our passwords have 192 random bits: nobody guesses one, however fast."""
_SALT_BYTES: Final = 12
_HASH_BYTES: Final = 64


def new_password() -> str:
    """One that nobody has to remember."""
    return secrets.token_urlsafe(24)


def password_line(user: str, password: str, salt: bytes | None = None) -> str:
    """The line of *user*, without its end."""
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    octets = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, _HASH_BYTES)
    return f"{user}:$7${ITERATIONS}${b64encode(salt).decode()}${b64encode(octets).decode()}"


def users(text: str) -> list[str]:
    """Whom a password file names."""
    return [line.partition(":")[0] for line in text.splitlines() if ":" in line]
