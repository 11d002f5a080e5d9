"""What a FlightRecord is made from: the tables and fields that a reader has to keep."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from windsock.agent.logs.preferences import Group
from windsock.agent.record.names import (
    ACCELEROMETERS,
    ARDUPILOT,
    BESIDE,
    CHANNELS,
    CHANNELS_MOST,
    CLIPS,
    GPS,
    PX4,
    RATIOS,
    UTC_FIELDS,
    VIBE,
    Source,
)

OUTPUTS: Final = tuple(f"output[{number}]" for number in range(16))
_OTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "vehicle_status": (
        "arming_state",
        "failsafe",
        "failsafe_and_user_took_over",
        "failure_detector_status",
        "in_transition_mode",
        "is_rotary_wing",
        "is_vtol",
        "is_vtol_tailsitter",
        "nav_state",
        "nav_state_user_intention",
        "system_type",
        "vehicle_type",
    ),
    "actuator_armed": ("armed", "force_failsafe", "termination"),
    "vehicle_attitude": tuple(f"q[{part}]" for part in range(4)),
    "vehicle_attitude_setpoint": tuple(f"q_d[{part}]" for part in range(4)),
    "actuator_motors": tuple(f"control[{motor}]" for motor in range(16)),
    "failure_detector_status": ("fd_alt", "fd_crash", "fd_ext", "fd_motor", "fd_pitch", "fd_roll"),
    "ATT": ("Roll", "Pitch", "Yaw", "DesRoll", "DesPitch"),
    "actuator_outputs": OUTPUTS,
    "vehicle_local_position_setpoint": ("z",),
    "position_setpoint_triplet": tuple(
        f"current.{field}" for field in ("lat", "lon", "type", "valid")
    ),
    "home_position": ("lat", "lon"),
    "MODE": ("Mode", "ModeNum", "Rsn"),
    "ORGN": ("Type", "Lat", "Lng"),
    "RALY": ("Seq", "Lat", "Lng"),
    "CMD": ("CId", "Lat", "Lng"),
    "EV": ("Id",),
    "ERR": ("Subsys", "ECode"),
    "ARM": ("ArmState",),
    "STAT": ("Armed",),
    "RCOU": tuple(
        channel.format(number) for channel in CHANNELS for number in range(1, CHANNELS_MOST + 1)
    ),
    "SIM": (),  # that it is there says enough
}


def _sources() -> Iterator[Source]:
    for names in (PX4, ARDUPILOT):
        yield from (source for sources in names.values() for source in sources)
    yield from BESIDE.values()
    for gps in GPS:
        yield from (gps.lat, gps.lon, gps.height, gps.speed, gps.down)
        yield from (Source(gps.table, field) for field in (gps.fix, "time_utc_usec"))
    fields = [*(pair for pairs in ACCELEROMETERS.values() for pair in pairs), *RATIOS.items()]
    fields += [*CLIPS.items(), ("VIBE", VIBE), *_OTHER.items()]
    fields += [(name, field) for name, pairs in UTC_FIELDS.items() for field in pairs]
    for table, names_of in fields:
        yield from (Source(table, field) for field in names_of)


def _wanted() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {table: set() for table in _OTHER}
    for source in _sources():
        found.setdefault(source.table, set()).add(source.field)
    return {table: frozenset(names) for table, names in found.items()}


WANTED: Final = _wanted()
"""What `read_flight_log` must materialise for a FlightRecord: fields by table."""


def _alternatives(sources: Iterable[Source]) -> tuple[Group, ...]:
    return tuple(Group(source.table, (source.field,)) for source in sources)


PREFERRED: Final = (
    *(_alternatives(sources) for names in (PX4, ARDUPILOT) for sources in names.values()),
    (*_alternatives(PX4["throttle"]), Group("actuator_outputs", OUTPUTS)),
    *(tuple(Group(*one) for one in groups) for groups in ACCELEROMETERS.values()),
    tuple(Group(*one) for one in RATIOS.items()),
)
"""What of it goes without where something better is there."""
