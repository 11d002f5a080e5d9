"""Sets up a station: ``agent.toml``, the service, the udev rule. What is there already stays."""

import argparse
import importlib.resources
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.prompt import Prompt

from windsock.agent.settings import LOOPBACK, Broker, Settings
from windsock.config.loader import load
from windsock.protocol.topics import AGENT_ID

USER: Final = "windsock"
UNIT: Final = Path("etc/systemd/system/windsock-agent.service")
RULES: Final = Path("etc/udev/rules.d/70-windsock-agent.rules")
_STATE: Final = "/var/lib/windsock"
_CONFIG: Final = Path("/etc/windsock/agent.toml")
_RUNNING_SYSTEMD: Final = Path("/run/systemd/system")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be answered beforehand; the rest is asked where there is a terminal."""
    parser.add_argument("--agent", help="id of this station, [a-z0-9-]")
    parser.add_argument("--broker", metavar="HOST", help="where the collector's broker is")
    parser.add_argument("--broker-port", type=int, help="default: 8883, without TLS 1883")
    parser.add_argument("--plain", action="store_true", help="no TLS, also to another host")
    parser.add_argument("--ca-file", type=Path, help="default: the system's authorities")
    parser.add_argument("--password-file", type=Path, help="of the broker's user, this station")
    parser.add_argument("--link", action="append", help="a port (default: usb); repeat as needed")
    parser.add_argument("--watch", action="append", default=[], help="a folder of logs")
    parser.add_argument("--allow", action="append", default=[], help='"*", "vendor:2dae", a uid')
    parser.add_argument("--field", action="store_true", help="a laptop, whose silence is normal")
    parser.add_argument("-c", "--config", type=Path, default=_CONFIG, help=f"default: {_CONFIG}")
    parser.add_argument("--state", default=_STATE, help=f"state folder, default: {_STATE}")
    parser.add_argument("--root", type=Path, default=Path("/"), help="of the system to set up")
    parser.add_argument("--no-service", action="store_true", help="write the settings only")


def setup(options: argparse.Namespace, console: Console) -> Settings | None:
    """Do it all; the settings as they are then. None where something that was needed failed."""
    config = _under(options.root, options.config)
    if config.exists():
        console.print(f"{config} is there already and stays.", highlight=False)
    else:
        text = settings_text(_answered(options))
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(text, "utf-8")
        console.print(f"Wrote {config}.", highlight=False)
    settings = load(config, Settings)
    settings.check(config)
    if not options.no_service and not _installed(options, settings.broker, console):
        return None
    return settings


def settings_text(options: argparse.Namespace) -> str:
    """``agent.toml`` of these answers; `config/agent.toml` has every other setting."""
    tls = not options.plain and options.broker not in LOOPBACK
    lines = [
        "# Written by `windsock-agent setup`. Every other setting: config/agent.toml.",
        f"agent = {_quoted(options.agent)}",
        f"station = {_quoted('field' if options.field else 'fixed')}",
        f"state = {_quoted(options.state)}",
        f"allow = [{', '.join(map(_quoted, options.allow))}]",
        "",
        "[broker]",
        f"host = {_quoted(options.broker)}",
        f"port = {options.broker_port or (8883 if tls else 1883)}",
        f"tls = {'true' if tls else 'false'}",
    ]
    if options.plain and options.broker not in LOOPBACK:
        lines.append("allow_plain = true")
    files = {key: getattr(options, key) for key in ("ca_file", "password_file")}
    lines += [f"{key} = {_quoted(str(file))}" for key, file in files.items() if file]
    for port in options.link:
        lines += ["", "[[link]]", f"port = {_quoted(port)}"]
    for folder in options.watch:
        lines += ["", "[[watch]]", f"folder = {_quoted(folder)}"]
    return "\n".join([*lines, ""])


def unit_text(program: str, config: str, user: str = USER) -> str:
    """The systemd unit."""
    text = _template("windsock-agent.service")
    return text.replace("@PROGRAM@", program).replace("@CONFIG@", config).replace("@USER@", user)


def _answered(options: argparse.Namespace) -> argparse.Namespace:
    """With answers for what wasn't said, if there is somebody to ask."""
    asks = sys.stdin.isatty()
    answers = argparse.Namespace(**vars(options))
    default = _default_agent()
    answers.agent = options.agent or (_ask("Id of this station", default) if asks else default)
    broker = options.broker or (_ask("Host of the broker", "localhost") if asks else "localhost")
    answers.broker = broker
    answers.link = options.link or ["usb"]
    return answers


def _ask(question: str, default: str) -> str:
    return Prompt.ask(question, default=default)


def _default_agent() -> str:
    """Of the machine's name, as an agent id may be."""
    name = re.sub("[^a-z0-9-]+", "-", _hostname().lower()).strip("-")[:48]
    return name if AGENT_ID.fullmatch(name) else "station-1"


def _hostname() -> str:
    try:
        return Path("/etc/hostname").read_text("utf-8").strip()
    except OSError:
        return ""


def _installed(options: argparse.Namespace, broker: Broker, console: Console) -> bool:
    """Unit, rule, user and state folder, and the service started where there is a systemd."""
    root: Path = options.root
    program = _program()
    if program.startswith(("/root/", "/home/")):
        words = f"{program} is in somebody's home, where the service can't go:"
        console.print(f"FAIL install: {words} see docs/agent.md", markup=False)
        return False
    unit = unit_text(program, str(options.config))
    try:
        for path, text in ((UNIT, unit), (RULES, _template("windsock-agent.rules"))):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            console.print(f"Wrote {file}.", highlight=False)
        if root == Path("/"):
            _make_user()
            _let_read(broker)
            _start(console)
    except (OSError, subprocess.CalledProcessError) as error:
        console.print(f"FAIL install: {error}", markup=False)
        return False
    return True


def _make_user() -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        command = ["useradd", "--system", "--home-dir", _STATE, "--shell", "/usr/sbin/nologin"]
        subprocess.run([*command, "--groups", "dialout", USER], check=True)  # noqa: S603 - commands of ours


def _let_read(broker: Broker) -> None:
    """Secrets stay secret, but for the service."""
    for file in (broker.password_file, broker.key_file, broker.proxy_password_file):
        if file is not None:
            shutil.chown(file, group=USER)
            file.chmod(0o640)


def _start(console: Console) -> None:
    if not _RUNNING_SYSTEMD.is_dir():
        console.print("No systemd runs here: the service is installed, not started.")
        return
    for command in (
        ["systemctl", "daemon-reload"],
        ["udevadm", "control", "--reload"],
        ["systemctl", "enable", "--now", "windsock-agent"],
        ["systemctl", "restart", "windsock-agent"],
    ):
        subprocess.run(command, check=True)  # noqa: S603 - commands of ours


def _program() -> str:
    """Where this program is, for the unit."""
    return shutil.which("windsock-agent") or str(Path(sys.argv[0]).resolve())


def _template(name: str) -> str:
    return (importlib.resources.files("windsock.config") / name).read_text("utf-8")


def _under(root: Path, path: Path) -> Path:
    return path if root == Path("/") else root / path.relative_to("/")


def _quoted(text: str) -> str:
    """A basic TOML string."""
    clean = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{clean}"'
