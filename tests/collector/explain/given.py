"""Readings as the agent would print them, for logs that nobody recorded."""

import json

import numpy as np

from windsock.collector.explain.reading import Reading, parsed

LOG_ID = "0" * 32
CRASH = {
    "armed_s": 90.0,
    "airborne_s": 72.0,
    "takeoff_boot_s": 20.0,
    "height_max_m": 25.0,
    "contact_boot_s": 92.0,
    "contact_force_m_s2": 356.2,
    "peak_force_m_s2": 356.2,
    "peak_force_boot_s": 92.02,
    "sink_at_contact_m_s": 13.6,
    "tilt_at_contact_deg": 112.0,
    "tilt_before_contact_deg": 112.0,
    "tilt_max_deg": 112.0,
    "tilt_max_boot_s": 91.4,
    "tilt_over_60_s": 0.9,
    "tilt_over_60_boot_s": 91.0,
    "fall_m": 17.4,
    "fall_boot_s": 90.2,
    "rest_tilt_deg": 88.0,
    "rest_tilt_before_deg": 1.0,
    "rest_boot_s": 95.0,
    "autopilot_crash": 1.0,
    "autopilot_crash_boot_s": 94.0,
    "attitude_hz": 10.0,
    "force_hz": 25.0,
    "height_hz": 10.0,
}
NORMAL = {
    "airborne_s": 60.0,
    "takeoff_boot_s": 20.0,
    "height_max_m": 20.0,
    "contact_boot_s": 92.0,
    "contact_force_m_s2": 14.5,
    "sink_at_contact_m_s": 0.5,
    "attitude_hz": 10.0,
    "force_hz": 100.0,
    "height_hz": 10.0,
}


def flight(number=1, armed_s=10.0, facts=None, **changes):
    """A flight record as JSON has it."""
    return {
        "flight": number,
        "armed_boot_us": round(armed_s * 1e6),
        "end_boot_us": round((armed_s + 90) * 1e6),
        "start": {"quality": "gps", "us": 1_795_463_518_000_409},
        "facts": CRASH if facts is None else facts,
        "events": [
            {"boot_s": 11.0, "what": "mode", "text": "GUIDED"},
            {"boot_s": 91.0, "what": "message", "text": "Attitude failure", "level": 4},
            {"boot_s": 91.5, "what": "mode", "text": "LAND"},
            {"boot_s": 94.0, "what": "error", "text": "Crash check (12/1)"},
        ],
        **changes,
    }


def column(values):
    return [None if np.isnan(one) else float(one) for one in values]


def window(armed_s=10.0, event_s=92.0, rows=750, **signals):
    """A window with every signal, or with those given as (low, high, times_us, values)."""
    wave = np.sin(np.arange(rows) / 30)
    usual = (wave - 0.1, wave + 0.1, np.arange(0, rows * 20_000, 10_000), None)
    names = ("height_m", "climb_m_s", "tilt_deg", "force_m_s2", "throttle_pct", "voltage_v")
    signals = signals or dict.fromkeys(names, usual)
    return {
        "armed_boot_us": round(armed_s * 1e6),
        "event_boot_us": round(event_s * 1e6),
        "start_boot_us": round((event_s - 10) * 1e6),
        "interval_us": 20_000,
        "rows": rows,
        "low": {name: column(low) for name, (low, _, _, _) in signals.items()},
        "high": {name: column(high) for name, (_, high, _, _) in signals.items()},
        "full": {
            name: {
                "times_us": [int(one) for one in times],
                "values": [float(one) for one in (np.zeros(len(times)) if v is None else v)],
            }
            for name, (_, _, times, v) in signals.items()
        },
    }


def series(armed_s=10.0, heights=(0.0, 5.0, None, 20.0)):
    return {
        "armed_boot_us": round(armed_s * 1e6),
        "start_boot_us": round(armed_s * 1e6),
        "interval_us": 1_000_000,
        "rows": len(heights),
        "columns": {"height_m": list(heights)},
    }


def reading(*flights, **changes) -> Reading:
    """What the agent prints of a log with these flights, read back."""
    flights = [flight()] if not flights and "flights" not in changes else list(flights)
    line = {
        "log": "x.bin",
        "log_id": LOG_ID,
        "drone_uid": "ap:0011",
        "facts_version": 1,
        "format": "dataflash",
        "size_bytes": 1_000_000,
        "bytes_seen": 1_000_000,
        "flights": flights,
        "series": [series()],
        "windows": [window()],
        "dropouts": [],
        "parameters": {"P": 1.0},
        **changes,
    }
    return parsed(json.dumps(line).encode())
