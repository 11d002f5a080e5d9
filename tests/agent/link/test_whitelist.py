"""Nothing leaves but what is on the list, and nothing leaves through a shut gate."""

import ast
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import common

from windsock.agent.link import dialect
from windsock.agent.link.gate import Gate
from windsock.agent.link.outlet import Outlet
from windsock.agent.link.whitelist import PERMITS, ForbiddenError, permit

AGENT = Path(__file__).parents[3] / "agent"
S = 1_000_000


def ftp(opcode, path="", *, size=None, target=1):
    data = path.encode() if isinstance(path, str) else path
    header = bytes([1, 0, 9, opcode, len(data) if size is None else size, 0, 0, 0]) + bytes(4)
    return dialect.FileTransfer(0, target, 1, list((header + data).ljust(251, b"\0")))


def command(number, first=0.0, target=1):
    return dialect.CommandLong(target, 1, number, 0, first, 0, 0, 0, 0, 0, 0)


def parameter(name, index=-1):
    return dialect.ParamRequestRead(1, 1, name.encode(), index)


ALLOWED = {
    "version": command(common.MAV_CMD_REQUEST_MESSAGE, 148),
    "capabilities": command(common.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES, 1),
    "counter": parameter("STAT_BOOTCNT"),
    "list": dialect.LogRequestList(1, 1, 0, 65535),
    "data": dialect.LogRequestData(1, 1, 3, 0, 900),
    "end": dialect.LogRequestEnd(1, 1),
    "terminate": ftp(1),
    "folder": ftp(3, "/APM/LOGS"),
    "folder of PX4": ftp(3, "/fs/microsd/log/2026-11-23"),
    "open": ftp(4, "/logs/00000001.BIN"),
    "read": ftp(5),
    "crc": ftp(14, "/log/2026-11-23/19_52_03.ulg"),
    "burst": ftp(15),
}
VIOLATIONS = {
    "a heartbeat": common.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3),
    "erase": common.MAVLink_log_erase_message(1, 1),
    "arm": command(common.MAV_CMD_COMPONENT_ARM_DISARM, 1),
    "reboot": command(common.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN, 1),
    "storage": command(common.MAV_CMD_PREFLIGHT_STORAGE, 2),
    "format the card": command(common.MAV_CMD_STORAGE_FORMAT, 1),
    "message interval": command(common.MAV_CMD_SET_MESSAGE_INTERVAL, 148),
    "another message": command(common.MAV_CMD_REQUEST_MESSAGE, 245),
    "everybody's version": command(common.MAV_CMD_REQUEST_MESSAGE, 148, target=0),
    "command int": common.MAVLink_command_int_message(1, 1, 0, 512, 0, 0, 148, 0, 0, 0, 0, 0, 0),
    "set a parameter": common.MAVLink_param_set_message(1, 1, b"STAT_BOOTCNT", 0, 9),
    "all parameters": common.MAVLink_param_request_list_message(1, 1),
    "another parameter": parameter("SYSID_MYGCS"),
    "a parameter by number": parameter("STAT_BOOTCNT", 5),
    "mode": common.MAVLink_set_mode_message(1, 1, 4),
    "mission": common.MAVLink_mission_clear_all_message(1, 1),
    "sticks": common.MAVLink_rc_channels_override_message(1, 1, *[1500] * 8),
    "serial": common.MAVLink_serial_control_message(0, 0, 0, 0, 1, [0] * 70),
    "FTP to all": ftp(5, target=0),
    "an empty FTP": common.MAVLink_file_transfer_protocol_message(0, 1, 1, [0] * 251),
    **{f"opcode {code}": ftp(code, "/logs/x") for code in (0, 2, 6, 7, 8, 9, 10, 11, 12, 13, 16)},
    "the root": ftp(3, "/"),
    "no path": ftp(3, ""),
    "another folder": ftp(3, "/APM/LOGSECRETS"),
    "out of the folder": ftp(4, "/logs/../../etc/passwd"),
    "parameters by FTP": ftp(4, "@PARAM/param.pck"),
    "scripts": ftp(4, "/APM/scripts/x.lua"),
    "a relative path": ftp(4, "logs/x"),
    "hidden behind a zero": ftp(4, b"/etc\0/logs/x"),
    "not ASCII": ftp(4, "/logs/\xff".encode("latin-1")),
    "checksum of another file": ftp(14, "/etc/passwd"),
    "a path longer than it says": ftp(3, b"/etc/logs", size=4),
}


def outlet(*, rests=True, system=243):
    gate = Gate()
    for second in range(100):
        gate.heard("drone", armed=not rests, landed=True, now_us=second * S)
    return Outlet(gate, system, may_log_request=True)


def frame(message, system=243):
    return dialect.encode(message, system, 0)


@pytest.mark.parametrize("name", ALLOWED)
def test_what_may_leave(name):
    way = outlet()
    way.transferring = name == "end"

    assert way.frame(ALLOWED[name], 99 * S)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_each_violation_is_impossible(name):
    way = outlet()
    with pytest.raises(ForbiddenError):
        way.frame(VIOLATIONS[name], 99 * S)
    assert way.sent_frames == 0


@pytest.mark.parametrize("system", [0, 255])
def test_we_are_never_the_pilots_station(system):
    with pytest.raises(ForbiddenError, match="system id"):
        outlet(system=system).frame(ALLOWED["version"], 99 * S)


@pytest.mark.parametrize("name", ALLOWED)
def test_nothing_leaves_through_a_shut_gate(name):
    way = outlet(rests=False)
    way.transferring = name == "end"

    assert way.frame(ALLOWED[name], 99 * S) is None
    assert way.sent_frames == 0


def test_a_transfer_is_ended_only_if_it_is_ours():
    with pytest.raises(ForbiddenError, match="transfer of ours"):
        outlet().frame(ALLOWED["end"], 99 * S)


def test_after_an_attempt_to_arm_our_transfer_is_ended_and_nothing_else_leaves():
    way = outlet()
    assert way.frame(ALLOWED["data"], 99 * S)
    way.gate.attempted(99 * S)

    assert way.frame(ALLOWED["data"], 99 * S) is None
    assert way.frame(ALLOWED["end"], 99 * S)
    with pytest.raises(ForbiddenError):
        way.frame(ALLOWED["end"], 99 * S)


@pytest.mark.parametrize("name", ["list", "data"])
def test_where_a_transfer_would_block_arming_none_is_asked_for(name):
    way = outlet()
    way.may_log_request = False
    with pytest.raises(ForbiddenError, match="only FTP is safe"):
        way.frame(ALLOWED[name], 99 * S)


def test_garbage_is_no_frame_to_send():
    for raw in (b"", b"\xfd", frame(ALLOWED["end"])[:-1], b"MAVLink"):
        with pytest.raises(ForbiddenError):
            permit(raw)


def test_every_line_of_the_list_is_used():
    assert {permit(frame(message)) for message in ALLOWED.values()} == set(PERMITS)


def test_the_agent_has_no_code_that_could_change_a_drone():
    """The classes of messages that it can build at all are the ones on the list."""
    built = set()
    for path in (AGENT / "link", AGENT / "download"):
        for file in path.rglob("*.py"):
            names = {
                node.attr for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Attribute) and node.attr.startswith("MAVLink_")
            }  # fmt: skip
            built |= names
    assert not {name for name in built if "erase" in name or "_set_" in name or "write" in name}
    assert not any("erase" in file.read_text("utf-8").lower().replace("no erase", "")
                   for file in (AGENT / "link").glob("[!w]*.py"))  # fmt: skip
