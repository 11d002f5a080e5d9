"""ArduPilot's DataFlash logs (.bin) as FlightLogs.

Source of the format: ArduPilot, libraries/AP_Logger. Message types are defined by FMT messages in
the log itself, their instances by FMTU.
"""

from windsock.agent.logs.dataflash_chain import Walk, walk_messages
from windsock.agent.logs.dataflash_data import MessageData, StampPass
from windsock.agent.logs.dataflash_definitions import Definitions
from windsock.agent.logs.dataflash_texts import last_row, read_messages, read_parameters
from windsock.agent.logs.flightlog import FlightLog, LogError
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.rows import Wanted


def read_dataflash(pieces: Pieces, wanted: Wanted) -> FlightLog:
    """Read a DataFlash log; `wanted` as in `read_flight_log`. Raises LogError if it is none.

    A doubtful one is read twice more, once for its clock alone: with definitions that were found
    late, and without messages whose stamps can't be true.
    """
    data = MessageData(wanted)
    walk = _walk(pieces, Definitions(), data)
    if data.is_doubtful or data.damaged_bytes or walk.accepted.damaged_bytes:
        stamps = StampPass()
        second = _walk(pieces, walk.definitions.known_from_the_start(), stamps)
        kept = stamps.kept(damaged=second.accepted.damaged_bytes > 0)
        data = MessageData(wanted, kept, data.instance_marks)
        walk = _walk(pieces, walk.definitions.known_from_the_start(), data)
    return _flight_log(pieces, walk, data)


def _walk(pieces: Pieces, definitions: Definitions, data: MessageData | StampPass) -> Walk:
    pieces.rewind()
    walk = Walk(pieces, definitions)
    for batch in walk_messages(walk):
        data.take(walk, batch, walk.share)
    return walk


def _flight_log(pieces: Pieces, walk: Walk, data: MessageData) -> FlightLog:
    if not data.names - {"FMT"}:
        raise LogError("not a flight log")
    data.noted.copy(pieces)
    damaged_bytes = walk.accepted.damaged_bytes + data.damaged_bytes
    parameters = read_parameters(data.whole_table("PARM"))
    return FlightLog(
        format="dataflash",
        tables=data.tables(damaged=damaged_bytes > 0),
        parameters=parameters.initial,
        parameter_defaults=parameters.defaults,
        parameter_changes=parameters.changes,
        messages=read_messages(data.whole_table("MSG")),
        info=last_row(data.whole_table("VER")),
        dropouts=(),
        size_bytes=pieces.size,
        damaged_bytes=damaged_bytes,
        first_boot_us=data.first_boot_us,
        last_boot_us=data.last_boot_us,
    )
