"""The command line of `windsock-sim drone`."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from windsock.firmware_sim.drone.folder import Folder
from windsock.firmware_sim.drone.loop import Seat, clock_us, note_heard, run
from windsock.firmware_sim.drone.ports import Port, PtyPort, TcpPort, UdpPort
from windsock.firmware_sim.drone.recording import recorder
from windsock.firmware_sim.numbers import at_least, endpoint
from windsock.firmware_sim.vehicle.drone import Drone
from windsock.firmware_sim.vehicle.model import RELEASE, SECOND_US, Model, Version
from windsock.firmware_sim.vehicle.orders import Agenda, OrderError
from windsock.firmware_sim.vehicle.wire import Faults

_BITS_A_BYTE: Final = 10
_TYPES: Final = {"dev": 0, "alpha": 64, "beta": 128, "rc": 192, "": RELEASE}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--autopilot", choices=["px4", "ardupilot"], required=True)
    parser.add_argument("--logs", type=Path, required=True, help="folder of .ulg or .bin files")
    _add_places(parser.add_argument_group("where it is plugged in (a new pty)"))
    _add_identity(parser.add_argument_group("who it is"))
    _add_faults(parser.add_argument_group("faults of the line (shares from 0 to 1)"))
    _add_course(parser.add_argument_group("what happens (orders also on standard input)"))


def _add_places(group: argparse._ArgumentGroup) -> None:
    one = group.add_mutually_exclusive_group()
    one.add_argument("--link", type=Path, help="symbolic link to the pty")
    one.add_argument("--tcp", type=endpoint, metavar="HOST:PORT", help="listen for a station")
    one.add_argument("--udp", type=endpoint, metavar="HOST:PORT", help="send to a station")
    group.add_argument("--count", type=at_least(1), default=1, help="so many drones, numbered on")


def _add_identity(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--uid", type=bytes.fromhex, metavar="HEX")
    group.add_argument("--system", type=int, default=1)
    group.add_argument("--version", type=_version, metavar="1.16.0, 4.7.0-dev")
    group.add_argument("--vendor-version", type=_triple, metavar="1.2.3")
    group.add_argument("--git-hash", default=Model.git_hash, metavar="HEX")
    group.add_argument("--banner", help="what ArduPilot calls itself")
    group.add_argument("--flight-time", type=float, default=Model.airborne_s, metavar="S")
    group.add_argument("--flights", type=int, default=Model.flights)
    group.add_argument("--boots", type=int, default=Model.boots)
    group.add_argument("--paths", choices=["board", "sim"], default="board", help="of its logs")
    group.add_argument("--no-utc", action="store_true", help="it knows no time")
    group.add_argument("--mavlink", type=int, choices=[1, 2], default=2)
    group.add_argument("--attitude-hz", type=float, default=Model.attitude_hz)
    group.add_argument("--ftp-rate", type=int, metavar="B/S", help="as its firmware paces FTP")
    group.add_argument("--log-rate", type=int, metavar="B/S", help="and LOG_DATA")


def _add_faults(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--baud", type=int, help="(as fast as it goes)")
    for name in ("loss", "corrupt", "duplicate", "reorder"):
        group.add_argument(f"--{name}", type=float, default=0.0, metavar="P")
    group.add_argument(
        "--no-flow-control", action="store_true", help="ArduPilot's FTP then takes a third of it"
    )
    group.add_argument("--stall", type=_stall, default=(0.0, 1.0), metavar="EVERY:FOR")
    group.add_argument("--latency", type=float, default=0.0, metavar="S")
    group.add_argument("--seed", type=at_least(0), default=0)


def _add_course(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--armed-after", type=float, metavar="S")
    group.add_argument("--script", type=Path, help="`SECONDS ORDER` a line")
    group.add_argument("--alone", action="store_true", help="no other heartbeats on the link")
    group.add_argument("--foreign", type=int, action="append", default=[], metavar="SYSTEM",
                       help="another autopilot on the link")  # fmt: skip
    group.add_argument("--heard", type=Path, help="note here what reaches the drone, as JSON")


def drone(options: argparse.Namespace) -> int:
    """Run the drones until SIGTERM or `quit`. 2 if the script is wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        seats = list(_seats(options))
    except OrderError as error:
        print(f"{options.script}: {error}", file=sys.stderr)  # noqa: T201 - a program's output
        return 2
    with suppress(KeyboardInterrupt):
        run(seats, orders=True)
    return 0


def _seats(options: argparse.Namespace) -> Iterator[Seat]:
    storage = Folder(options.logs, utc=not options.no_utc)
    for index in range(options.count):
        now_us = clock_us()
        rng = np.random.default_rng([options.seed, index])
        one = Drone(_model(options, index), storage, _line(options), rng, now_us)
        if options.heard:
            note_heard(one, _numbered(options.heard, options.count, index))
        agenda = Agenda()
        if options.armed_after is not None:
            agenda.add(now_us + round(options.armed_after * SECOND_US), "arm")
        if options.script:
            agenda.read(options.script.read_text("utf-8").splitlines(), now_us)
        yield Seat(one, agenda, _port(options, index), recorder(options.logs, rng))


def _model(options: argparse.Namespace, index: int) -> Model:
    model = Model(
        kind=options.autopilot,
        system=options.system + index,
        version=options.version,
        vendor_version=options.vendor_version,
        git_hash=options.git_hash,
        banner=options.banner,
        board_paths=options.paths == "board",
        ftp_b_s=options.ftp_rate or _spared(options),
        log_data_b_s=options.log_rate,
        attitude_hz=options.attitude_hz,
        mavlink=options.mavlink,
        airborne_s=options.flight_time,
        boots=options.boots,
        flights=options.flights,
        foreign=tuple(options.foreign),
        alone=options.alone,
    )
    uid = options.uid or model.identity
    return replace(model, uid=bytes([(uid[0] + index) % 256]) + uid[1:])


def _spared(options: argparse.Namespace) -> int | None:
    """ArduPilot's FTP takes a third of a line that can't say "wait"."""
    sparing = options.no_flow_control and options.baud and options.autopilot == "ardupilot"
    return options.baud // _BITS_A_BYTE // 3 if sparing else None


def _line(options: argparse.Namespace) -> Faults:
    every_s, for_s = options.stall
    return Faults(
        loss=options.loss,
        corrupt=options.corrupt,
        duplicate=options.duplicate,
        reorder=options.reorder,
        stall_every_s=every_s,
        stall_s=for_s,
        latency_s=options.latency,
        baud=options.baud,
    )


def _port(options: argparse.Namespace, index: int) -> Port:
    if options.tcp:
        host, port = options.tcp
        return TcpPort(host, port + index if port else 0)
    if options.udp:
        return UdpPort(*options.udp)
    return PtyPort(_numbered(options.link, options.count, index) if options.link else None)


def _numbered(path: Path, count: int, index: int) -> Path:
    return path if count == 1 else path.with_name(f"{path.name}-{index + 1}")


def _version(text: str) -> Version:
    numbers, _, kind = text.partition("-")
    return Version(*_triple(numbers), _TYPES[kind]) if kind in _TYPES else _wrong(text)


def _triple(text: str) -> tuple[int, int, int]:
    major, minor, patch = [*(int(number) for number in text.split(".")), 0, 0][:3]
    return major, minor, patch


def _stall(text: str) -> tuple[float, float]:
    every_s, _, for_s = text.partition(":")
    return float(every_s), float(for_s or 1.0)


def _wrong(text: str) -> Version:
    raise argparse.ArgumentTypeError(f"{text}: -dev, -alpha, -beta, -rc or nothing may follow")
