"""InfluxDB keeps what the settings say, and less than before only when that was asked for."""

import msgspec
import pytest

from tests.servers.any_influx import NAMED, AnyInflux
from tests.servers.influx2_buckets import TOKEN, influx2
from windsock.collector.influx.client import StoreDown
from windsock.collector.install.retention import RetentionError, init_influx
from windsock.collector.settings import Influx

pytestmark = pytest.mark.e2e
DAY_S = 86_400


class OneDotX:
    """A real InfluxDB 1.x."""

    def __init__(self, server, api, database):
        self.server = server
        self.name, _, self.policy = database.partition("/")
        self.settings = {"url": server.url, "api": api, "database": database}
        server.query(f'DROP DATABASE "{self.name}"')

    def days(self):
        """Of the policy; 0 is for ever."""
        rows = self.server.query(f'SHOW RETENTION POLICIES ON "{self.name}"')
        wanted = self.policy or "autogen"
        (duration,) = (row["duration"] for row in rows if row["name"] == wanted)
        return int(duration.partition("h")[0].removesuffix("s")) / 24


class Yours:
    """The InfluxDB that somebody names, where it is a 2.x."""

    def __init__(self, folder):
        self.server = AnyInflux(folder)
        if self.server.generation() != "2":
            pytest.skip("not a 2.x")
        self.server.drop()
        self.settings = msgspec.structs.asdict(self.server.settings)
        del self.settings["retention_days"]

    def days(self):
        rules = self.server.bucket()["retentionRules"]
        return rules[0]["everySeconds"] / DAY_S if rules else 0


class TwoDotX:
    """The stand-in."""

    def __init__(self, server, folder):
        self.server = server
        (folder / "token").write_text(f"{TOKEN}\n")
        self.settings = {"url": server.url, "org": "windsock", "token_file": folder / "token"}

    def days(self):
        return self.server.retention_s["windsock"] / DAY_S


KINDS = ["1.6", "1.8", "1.8, a policy of its own", "2.x, a stand-in"]


@pytest.fixture(params=[*KINDS, "INFLUX_URL"] if NAMED else KINDS)
def kept(request, tmp_path):
    if request.param == "INFLUX_URL":
        yield Yours(tmp_path)
    elif request.param.startswith("2"):
        with influx2() as server:
            yield TwoDotX(server, tmp_path)
    elif request.param == "1.6":
        yield OneDotX(request.getfixturevalue("influxd"), "v1", "windsock")
    else:
        policy = "autogen" if request.param == "1.8" else "a year"
        yield OneDotX(request.getfixturevalue("influxd18"), "v2", f"retention test/{policy}")


def test_it_is_made_once_and_then_left_alone(kept):
    settings = Influx(**kept.settings, retention_days=365)

    assert init_influx(settings).startswith("made ")
    assert kept.days() == 365
    assert init_influx(settings).endswith("keeps rows of the last 365 days already")
    assert kept.days() == 365


def test_without_a_retention_all_is_kept(kept):
    assert init_influx(Influx(**kept.settings)).endswith("keeps all rows")
    assert kept.days() == 0


@pytest.mark.parametrize("few", [30, 1])
def test_it_is_lengthened_but_shortened_only_on_demand(kept, few):
    short, year, ever = (
        Influx(**kept.settings, **days)
        for days in ({"retention_days": few}, {"retention_days": 365}, {})
    )
    init_influx(short)

    assert init_influx(year).endswith(
        f"now keeps rows of the last 365 days, before rows of the last {few} days"
    )
    init_influx(ever)
    assert kept.days() == 0
    for _ in range(2):
        with pytest.raises(
            RetentionError, match=r"keeps all rows: .* deletes the rest .* --shorten"
        ):
            init_influx(short)
    assert kept.days() == 0
    init_influx(short, shorten=True)
    assert kept.days() == few


def test_a_policys_copies_and_shards_stay_as_an_operator_chose_them(influxd):
    kept = OneDotX(influxd, "v1", "windsock")
    init_influx(Influx(**kept.settings, retention_days=30))
    influxd.query('ALTER RETENTION POLICY autogen ON "windsock" REPLICATION 2 SHARD DURATION 3d')

    init_influx(Influx(**kept.settings, retention_days=365))

    (row,) = influxd.query('SHOW RETENTION POLICIES ON "windsock"')
    assert (row["replicaN"], row["shardGroupDuration"]) == (2, "72h0m0s")


def test_an_unknown_organisation_and_a_wrong_token_are_said(tmp_path):
    (tmp_path / "wrong").write_text("guess\n")
    with influx2() as server:
        right = TwoDotX(server, tmp_path).settings
        with pytest.raises(RetentionError, match="knows no organisation 'acme'"):
            init_influx(Influx(**right | {"org": "acme"}))
        with pytest.raises(RetentionError, match=r"InfluxDB answers 401: .*unauthorized"):
            init_influx(Influx(**right | {"token_file": tmp_path / "wrong"}))


def test_nobody_there_is_said():
    with pytest.raises(StoreDown, match=r"http://127\.0\.0\.1:9: "):
        init_influx(Influx(url="http://127.0.0.1:9"))
