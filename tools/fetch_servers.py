"""Put the servers that the tests talk to into .servers/bin, touching nothing else.

mosquitto and InfluxDB 1.6 are linked from PATH, or unpacked from Debian's packages without root
and without starting a service. InfluxDB 1.8 is built by Go (see docs/decisions/0002). What can't
be had is named in one line and is no error here: its tests skip, which in CI fails the run.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SERVERS = Path(__file__).resolve().parent.parent / ".servers"
BIN = SERVERS / "bin"
PACKAGES = {"mosquitto": ("mosquitto", "mosquitto_passwd"), "influxdb": ("influxd",)}
INFLUXD_18 = "github.com/influxdata/influxdb/cmd/influxd@v1.8.10"
TELEGRAF = "github.com/influxdata/telegraf/cmd/telegraf@v1.33.3"
TELEGRAF_TAGS = "custom,inputs.mqtt_consumer,outputs.influxdb,parsers.influx"
ADMIN_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
PATIENCE_S = 1200

# An unpacked program finds its unpacked libraries wherever the checkout is moved to.
WRAPPER = """\
#!/bin/sh
here=$(cd "$(dirname "$0")/../debian" && pwd)
LD_LIBRARY_PATH={libraries} exec "$here/{program}" "$@"
"""


class UnavailableError(Exception):
    """A server that this machine can't give us."""


def main() -> None:
    """Bring every server that is not there yet."""
    BIN.mkdir(parents=True, exist_ok=True)
    missing = {
        package: programs
        for package, programs in PACKAGES.items()
        if not all(link_from_path(program) for program in programs)
    }
    if missing:
        attempt(" and ".join(missing), lambda: unpack_from_debian(missing))
    if not (BIN / "influxd-1.8").exists():
        attempt("InfluxDB 1.8", lambda: build(INFLUXD_18, "influxd", "influxd-1.8"))
    if "telegraf" in sys.argv and not (BIN / "telegraf").exists():
        attempt("Telegraf", lambda: build(TELEGRAF, "telegraf", "telegraf", TELEGRAF_TAGS))


def attempt(what: str, bring: Callable[[], None]) -> None:
    """Run *bring*, or say in one line why there is no *what*."""
    try:
        bring()
    except (UnavailableError, OSError, subprocess.TimeoutExpired) as error:
        print(f"no {what}: {error}; its tests will skip", flush=True)


def link_from_path(program: str) -> bool:
    """Whether .servers/bin has *program*, which a machine that has it installed need not fetch."""
    here = BIN / program
    found = None if here.exists() else shutil.which(program, path=ADMIN_PATH)
    if found and (program != "influxd" or speaks_influxql(found)):
        here.unlink(missing_ok=True)
        here.symlink_to(found)
    return here.exists()


def speaks_influxql(influxd: str) -> bool:
    """Whether this is a 1.x, which starts from a configuration file and needs no set-up."""
    version = subprocess.run([influxd, "version"], capture_output=True, text=True, check=False)
    return re.search(r"\bv?1\.\d", version.stdout) is not None


def unpack_from_debian(packages: dict[str, tuple[str, ...]]) -> None:
    """Download *packages* and the libraries this machine lacks, with apt's state kept in here."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise UnavailableError("there is no apt-get here; one on PATH would be used")
    print(f"fetching {' and '.join(packages)} from Debian into .servers ...", flush=True)
    apt, debian = SERVERS / "apt", SERVERS / "debian"
    for folder in (apt / "lists/partial", apt / "cache/archives/partial", debian):
        folder.mkdir(parents=True, exist_ok=True)
    apt_get = ["apt-get", "-y", "-o", f"Dir::State::lists={apt / 'lists'}"]
    apt_get += ["-o", f"Dir::Cache={apt / 'cache'}", "-o", "APT::Sandbox::User=root"]
    apt_get += ["-o", "Debug::NoLocking=1", "-o", "Acquire::Retries=3"]
    run([*apt_get, "update"])
    only_fetch = ["install", "--download-only", "--reinstall", "--no-install-recommends"]
    run([*apt_get, *only_fetch, *packages])
    for archive in (apt / "cache/archives").glob("*.deb"):
        run(["dpkg", "-x", str(archive), str(debian)])
    for programs in packages.values():
        for program in programs:
            wrap(program, debian)
    shutil.rmtree(apt)


def wrap(program: str, debian: Path) -> None:
    """Write .servers/bin/*program*, which starts the unpacked one."""
    unpacked = next(debian.glob(f"usr/*bin/{program}"), None)
    if unpacked is None:
        raise UnavailableError(f"Debian's packages hold no {program}")
    folders = [*debian.glob("usr/lib/*-linux-gnu*"), *debian.glob("lib/*-linux-gnu*")]
    libraries = ":".join(f'"$here/{folder.relative_to(debian)}"' for folder in folders)
    text = WRAPPER.format(libraries=libraries, program=unpacked.relative_to(debian))
    (BIN / program).unlink(missing_ok=True)
    (BIN / program).write_text(text, "utf-8")
    (BIN / program).chmod(0o755)


def build(package: str, program: str, name: str, tags: str = "") -> None:
    """Build *package* as .servers/bin/*name*; what Go downloads is kept in here, then removed."""
    if not shutil.which("go"):
        raise UnavailableError("Go, which would build it, is not here")
    print(f"building {name} with Go (once, about 2 minutes) ...", flush=True)
    go = SERVERS / "go"
    own = {
        "CGO_ENABLED": "0",
        "GOBIN": str(go / "bin"),
        "GOCACHE": str(go / "cache"),
        "GOFLAGS": "-modcacherw",  # or rmtree could not remove it
        "GOMODCACHE": str(go / "modules"),
        "GOPATH": str(go),
    }
    flags = ["-p", "2", "-trimpath", "-ldflags=-s -w", "-tags", tags]
    try:
        run(["go", "install", *flags, package], env=os.environ | own)
        (go / "bin" / program).replace(BIN / name)
    finally:
        shutil.rmtree(go, ignore_errors=True)


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run *command* quietly; its last line is the reason where it fails."""
    done = subprocess.run(
        command,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_S,
    )
    if done.returncode:
        last = (done.stdout.strip() or "no output").splitlines()[-1]
        raise UnavailableError(f"{command[0]} failed: {last}")


if __name__ == "__main__":
    main()
