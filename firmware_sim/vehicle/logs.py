"""What the two log services have in common: their messages (https://mavlink.io/en/services/log.html)."""

from typing import Final

from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.storage import Log

DATA_B: Final = 90


def log_entry(log: Log | None, log_id: int, num_logs: int, last_log_num: int) -> Message:
    """LOG_ENTRY; a missing log has size and time 0."""
    fields = {
        "id": log_id,
        "num_logs": num_logs,
        "last_log_num": last_log_num,
        "time_utc": log.modified_s if log else 0,
        "size": log.size if log else 0,
    }
    return Message("LOG_ENTRY", fields)


def log_data(log_id: int, offset: int, data: bytes) -> Message:
    """LOG_DATA; `count` says how much of it counts."""
    fields = {"id": log_id, "ofs": offset, "count": len(data), "data": data.ljust(DATA_B, b"\0")}
    return Message("LOG_DATA", fields)
