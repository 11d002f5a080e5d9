"""``windsock-agent export`` and ``acknowledge``: the spool by hand, where there is no network."""

import argparse
from pathlib import Path

from windsock.agent.carrying import acknowledge, export
from windsock.agent.clock import system_clock
from windsock.agent.commands.options import EXIT_FAILED, AddCommand, add_config, settings_of
from windsock.agent.plain_lines import complain
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity, Spool
from windsock.agent.stores import stores_for_command
from windsock.agent.version import agent_version
from windsock.protocol.errors import WireError


def add(add_command: AddCommand) -> None:
    """Declare the commands."""
    exporting = add_command("export", run_export)
    exporting.add_argument("file", type=Path, metavar="FILE", help="to be written")
    answering = add_command("acknowledge", run_acknowledge)
    answering.add_argument("file", type=Path, metavar="FILE", help="the collector's answer")
    for command in (exporting, answering):
        add_config(command)


def run_export(options: argparse.Namespace) -> int:
    """Write what waits for the collector to FILE, to be carried there; nothing is deleted."""
    settings = settings_of(options)
    count, size = export(_spool(settings), settings, system_clock(), options.file)
    print(f"{options.file}: {count} batches, {size:,} bytes.")  # noqa: T201 - the command's voice
    print(  # noqa: T201 - the answer of a command
        f"On the server: `windsock-collector import spool {options.file.name} -c collector.toml`."
        " Bring its answer back: `windsock-agent acknowledge FILE -c agent.toml`."
    )
    return 0


def run_acknowledge(options: argparse.Namespace) -> int:
    """Delete from the spool what the collector's answer in FILE says it has."""
    settings = settings_of(options)
    try:
        gone, left = acknowledge(_spool(settings), settings.agent, options.file)
    except WireError as error:
        complain(f"windsock-agent: {options.file}: {error.reason}")
        return EXIT_FAILED
    print(f"{gone} batches are stored, {left} wait.")  # noqa: T201 - the command's own voice
    return 0


def _spool(settings: Settings) -> Spool:
    """Of a station that has one: to make it would be its service's business."""
    if not settings.state.is_dir():
        raise FileNotFoundError(f"no folder {str(settings.state)!r}: has the agent run?")
    identity = Identity(settings.agent, agent_version())
    spool, catalogue = stores_for_command(settings, identity, system_clock())
    catalogue.close()
    return spool
