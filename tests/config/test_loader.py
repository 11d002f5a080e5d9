"""Bad settings name file, key and what was expected, before anything else happens."""

import subprocess
import sys
from pathlib import Path

import pytest

import windsock.config
from windsock.agent.settings import Settings as AgentSettings
from windsock.collector.settings import Settings as CollectorSettings
from windsock.config.loader import SettingsError, load

DOCUMENTED = Path(windsock.config.__file__).parent


@pytest.fixture
def file(tmp_path):
    return tmp_path / "s.toml"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ledger = 5", "ledger: expected a path, got `int`"),
        ("[broker]\nport = 0", "broker.port: expected `int` >= 1"),
        ("[broker]\nprt = 1883", "broker.prt: no such setting"),
        ("lodger = 'x'", "lodger: no such setting"),
        ("[notify.smtp]\nhost = 'x'", "notify.smtp: object missing required field `sender`"),
        ("[influx]\nurl = 'localhost'", "influx.url: expected `str` matching"),
        ("[influx]\nurl = 'http://influx:80866'", "influx.url: expected `str` matching"),
        ("[influx]\nurl = 'http://influx..lan'", "influx.url: expected `str` matching"),
        ("[influx]\nurl = 'http://[::1'", "influx.url: expected `str` matching"),
        ("[influx]\nurl = 'http://influx/größe'", "influx.url: expected `str` matching"),
        ("ledger =", "not TOML"),
        ("ledger = ''", "ledger: expected a path"),
        (
            "[influx]\nurl = 'http://x'\napi = 'v3'",
            'influx.api: expected "v1" or "v2", got \'v3\'',
        ),
        ("[broker]\nprotocol = '4'", 'broker.protocol: expected "3.1.1" or "5", got \'4\''),
        ("[judge]\ninterval_s = inf", "judge.interval_s: expected a finite number, got inf"),
        ("[judge]\ninactive_days = nan", "judge.inactive_days: expected a finite number, got nan"),
        ("x = [1.0, {y = -inf}]", "x[1].y: expected a finite number, got -inf"),
        ("[judge]\ndue_days = 1e300", "judge.due_days: expected `float` <= 1000000"),
        ("[judge]\nseverity = 10", "judge.severity: no such setting"),
        ("[notify]\nsupport = 'a@bücher.de'", "notify.support: expected `str` matching"),
        ("[notify]\nsafety = 'a@b;c'", "notify.safety: expected `str` matching"),
        ("[broker]\nport = 99999999999999999999", "broker.port: expected `int` <= 65535"),
    ],
)
def test_the_complaint_names_file_key_and_expectation(file, text, complaint):
    file.write_text(text)

    with pytest.raises(SettingsError) as error:
        load(file, CollectorSettings)

    assert str(error.value).startswith(f"{file}: {complaint}")


@pytest.mark.parametrize("url", [
    "http://influx:8086", "https://user:pass@influx.example.com/proxy/", "http://[::1]:8086",
    "http://192.168.1.7", "https://bücher.example:443/?db=1", "http://influx.local.",
])  # fmt: skip
def test_an_address_may_be_written_as_people_do(file, url):
    file.write_text(f'[influx]\nurl = "{url}"')
    assert load(file, CollectorSettings).influx.url == url


def test_a_missing_file_is_named(file):
    with pytest.raises(SettingsError, match="No such file"):
        load(file, CollectorSettings)


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        (CollectorSettings, "ledger = '{folder}'", "ledger: '{folder}' is a folder"),
        (CollectorSettings, "ledger = '{folder}/a/b'", "ledger: no folder '{folder}/a'"),
        (CollectorSettings, "roster = 'no.csv'", "roster: no file 'no.csv'"),
        (CollectorSettings, "[notify]\ntemplates = 'no'", "notify.templates: no folder 'no'"),
        (AgentSettings, "agent = 'a'\nstate = '{file}'", "state: '{file}' is no folder"),
    ],
)
def test_what_the_settings_name_is_looked_for_before_the_start(
    file, tmp_path, kind, text, complaint
):
    names = {"folder": tmp_path, "file": file}
    file.write_text(text.format(**names))

    with pytest.raises(SettingsError) as error:
        load(file, kind).check(file)

    assert str(error.value) == f"{file}: {complaint.format(**names)}"


def test_plain_mqtt_to_another_host_has_to_be_asked_for(file):
    file.write_text("agent = 'a'\n[broker]\nhost = 'mqtt.example.com'")
    with pytest.raises(SettingsError, match=r"broker\.tls: 'mqtt\.example\.com' is another host"):
        load(file, AgentSettings).check(file)

    file.write_text(file.read_text() + "\nallow_plain = true")
    load(file, AgentSettings).check(file)


@pytest.mark.parametrize(
    "arguments",
    [["windsock.agent", "run"], ["windsock.agent", "import", "x"], ["windsock.collector", "run"]],
)
def test_commands_exit_2_before_any_io(file, tmp_path, arguments):
    file.write_text("[broker]\nport = 'x'\n")
    command = [sys.executable, "-m", *arguments, "-c", str(file)]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("serial", ["", "SN 1", "Ä"])
def test_a_serial_that_the_wire_would_refuse_is_refused_here(serial, tmp_path):
    command = [sys.executable, "-m", "windsock.agent", "read", "--drone", serial, "x"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "is no serial" in done.stderr


@pytest.mark.parametrize(
    ("name", "kind"), [("agent.toml", AgentSettings), ("collector.toml", CollectorSettings)]
)
def test_the_documented_settings_are_the_defaults_and_name_every_key(name, kind):
    text = (DOCUMENTED / name).read_text("utf-8")

    load(DOCUMENTED / name, kind)

    for key in keys(kind):
        assert f"{key} =" in text, f"{name} does not document {key}"


def keys(kind):
    """The names of all settings of a Struct and of the Structs within."""
    names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    for field, name in names:
        inner = list(structs(kind.__annotations__[field]))
        yield from (key for part in inner for key in keys(part)) if inner else [name]


def structs(annotation):
    """The Structs that an annotation mentions."""
    if hasattr(annotation, "__struct_fields__"):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from structs(part)
