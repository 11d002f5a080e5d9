"""``windsock-agent run``: the service."""

import argparse
import logging
import signal
import threading

from windsock.agent.app import Service
from windsock.agent.clock import system_clock
from windsock.agent.commands.options import AddCommand, add_config, settings_of
from windsock.agent.spool import Identity
from windsock.agent.version import agent_version


def add(add_command: AddCommand) -> None:
    """Declare the command."""
    command = add_command("run", run)
    add_config(command)
    command.add_argument(
        "--once", action="store_true", help="end when all there is has been stored"
    )


def run(options: argparse.Namespace) -> int:
    """Be the service."""
    settings = settings_of(options)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    service = Service(
        settings, Identity(settings.agent, agent_version()), system_clock(), once=options.once
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # not in this thread: it may be within `stop.wait`, and would wait for itself
        signal.signal(number, lambda *_: threading.Thread(target=service.stop.set).start())
    service.run()
    return 0
