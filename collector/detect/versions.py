"""Versions that can be put in order, out of what autopilots and release lists say. Pure.

Ordered by (major, minor, patch, type), types as AUTOPILOT_VERSION.flight_sw_version has them: 0
dev, 64 alpha, 128 beta, 192 release candidate, 255 release. So a release outranks a dev build of
the same number. The number in ``beta2`` orders betas among themselves.
"""

import re
from typing import Final, NamedTuple

UNKNOWN: Final = -1
"""No version; lower than every one."""

_TYPES: Final = {"dev": 0, "alpha": 64, "beta": 128, "rc": 192}
_RELEASE: Final = 255
_MOST_IN_TYPE: Final = 62
_LONGEST: Final = 2**16
_VERSION: Final = re.compile(
    r"[vV]?(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?"
    r"(?:[-_. ]?(dev|alpha|beta|rc)[-_. ]?(\d{0,3}))?(?:[+ ].*)?"
)


class Version(NamedTuple):
    """What a drone runs, or a release is.

    `own` is the maker's, the autopilot project's where the maker has none; `base` the project's,
    or `UNKNOWN`.
    """

    own: int
    base: int = UNKNOWN


def packed(text: str) -> int:
    """``1.15.4``, ``v7.1``, ``4.5.0-rc2`` as a number that sorts.

    Raises ValueError with what was expected.
    """
    found = _VERSION.fullmatch(text.strip())
    if not found:
        raise ValueError(f"expected a version such as 1.15.4 or 4.5.0-beta2, got {text!r}")
    major, minor, patch = (int(part or 0) for part in found.group(1, 2, 3))
    if max(major, minor, patch) >= _LONGEST:
        raise ValueError(f"expected numbers below {_LONGEST}, got {text!r}")
    kind = _RELEASE
    if found[4]:
        kind = _TYPES[found[4]] + min(int(found[5] or 0), _MOST_IN_TYPE)
    return ((major * _LONGEST + minor) * _LONGEST + patch) * 256 + kind


def of_code(code: int) -> int:
    """`packed` of AUTOPILOT_VERSION.flight_sw_version: major, minor, patch, type from the top."""
    major, minor, patch, kind = code.to_bytes(4, "big")
    return ((major * _LONGEST + minor) * _LONGEST + patch) * 256 + kind


def version_of(vendor: str | None, base: str | None, code: int | None) -> Version:
    """The maker's version first, the project's second; `UNKNOWN` where neither can be read."""
    project = _or_unknown(base)
    if project == UNKNOWN and code is not None:
        project = of_code(code)
    own = _or_unknown(vendor)
    return Version(project if own == UNKNOWN else own, project)


def _or_unknown(text: str | None) -> int:
    try:
        return packed(text) if text else UNKNOWN
    except ValueError:
        return UNKNOWN
