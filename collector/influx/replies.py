"""What InfluxDB answers to a write, in the words of each generation. Pure.

1.x says ``{"error": ...}`` (its httpd handler, ``models.ParsePoints``); 2.x says ``{"code",
"message"}`` and stores nothing where a line can't be parsed (its http/write_handler); 3 lists the
lines at fault as ``data`` and stores the others (its page on ``write_lp``, "Partial writes"). In
all of them 413 is a request that is too large; 429 and 503 may have ``Retry-After`` in seconds.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_SUCCESS: Final = range(200, 300)
_REFUSALS: Final = (400, 413, 422)
"""What is wrong is in the lines. All else (no such database, no rights, overload) may pass."""
_NOT_FOUND: Final = 404
_LONGEST_WAIT_S: Final = 3600.0
_REASON_LENGTH: Final = 300
_RETENTION: Final = re.compile(r"points (beyond|outside) retention policy")
_UNPARSED: Final = re.compile(r"unable to parse '(.*?)': ", re.DOTALL)
_NUMBERED: Final = re.compile(r"\bline (\d+)\b")


class Written(NamedTuple):
    """The lines are stored, all that a retention policy does not forbid."""


class Refusal(NamedTuple):
    """InfluxDB will never take these lines as they are.

    ``numbers`` (from 0) and ``texts`` are those that it names, if it does.
    """

    reason: str
    numbers: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()


class Down(NamedTuple):
    """It may take them later, not before *retry_after_s* where it says so."""

    reason: str
    retry_after_s: float = 0.0


def read_reply(status: int, body: bytes, headers: Mapping[str, str]) -> Written | Refusal | Down:
    """What the reply to a write means. Any bytes are taken; what is not understood is `Down`."""
    if status in _SUCCESS:
        return Written()
    text = body.decode("utf-8", "replace").strip()
    answer = _json(text)
    message = _message(answer) or text
    reason = f"InfluxDB answers {status}: {message[:_REASON_LENGTH]}"
    if status == _NOT_FOUND and not answer:  # an address that it doesn't have, not a database
        reason += ' - is influx.api right? "v2" needs InfluxDB 1.8 or later'
    if status not in _REFUSALS:
        return Down(reason, _retry_after_s(headers))
    # 1.x and 2.x say so where it is the only fault; what the policy forbids is gone anyway.
    if _RETENTION.search(message):
        return Written()
    faults = _faults(answer)
    if faults:
        details = "; ".join(str(fault.get("error_message", "")) for fault in faults)
        reason = f"{reason}: {details}"[: 2 * _REASON_LENGTH]
    return Refusal(reason, _numbers(faults, message), tuple(_UNPARSED.findall(message)))


def _json(text: str) -> dict[str, object]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _message(answer: Mapping[str, object]) -> str:
    """2.x has ``error`` as well in some proxies' replies, 3 has both in some: all of it counts."""
    said = (answer.get(key) for key in ("message", "error"))
    return ": ".join(text for text in said if isinstance(text, str) and text)


def _faults(answer: Mapping[str, object]) -> list[dict[str, object]]:
    """The lines that 3 lists; a single one where it refuses all for its sake."""
    data = answer.get("data")
    listed = data if isinstance(data, list) else [data]
    return [fault for fault in listed if isinstance(fault, dict)]


def _numbers(faults: list[dict[str, object]], message: str) -> tuple[int, ...]:
    """Line numbers, from 0 on; 3 counts from 1."""
    listed = [fault.get("line_number") for fault in faults]
    told = [int(number) for number in _NUMBERED.findall(message)]
    return tuple(
        sorted({number - 1 for number in (*listed, *told) if isinstance(number, int) and number})
    )


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds, as InfluxDB's servers write it; a date, as HTTP allows, is not looked at."""
    said = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return min(float(said), _LONGEST_WAIT_S) if said.strip().isdecimal() else 0.0
