"""A real crash, from its log to its case: for tests of what people are shown of one."""

from functools import cache
from pathlib import Path

import msgspec

from tests.collector.world import DAY, HOUR, T0, S
from windsock.agent.intake import Handling, take_in
from windsock.collector.cases.judge import judge_new
from windsock.collector.ledger import transaction
from windsock.collector.receive.flights import Arrival
from windsock.collector.receive.windows import store_window
from windsock.collector.settings import File, Notify, Settings, Web
from windsock.collector.sql import insert

LOG = Path(__file__).parents[1] / "logs/d2_hard_impact_upright.BIN"
ANNA, SUPPORT = "anna@maker.example", "support@maker.example"
CRASHED = T0 + 30 * DAY
NOW = CRASHED + 3 * HOUR
SECRET = "0123456789abcdef" * 2


@cache
def _log():
    return take_in(LOG, Handling())


def settings_in(folder, **web):
    """With a web server, a file channel and links, their secrets in *folder*."""
    (folder / "secret").write_text(SECRET)
    base_url = "https://windsock.maker.example"
    return Settings(
        ledger=folder / "windsock.ledger",
        notify=Notify(
            support=SUPPORT,
            playbook_url="https://wiki.maker.example/",
            dashboard_url="https://grafana.maker.example/d/drone?var-drone=$drone",
            file=File(path=folder / "notices.jsonl"),
        ),
        web=Web(base_url=base_url, secret_file=folder / "secret", **web),
    )


def crash(world, settings, customer="Fjord Inspection", window=True, **roster):
    """WX-0002 of *customer*, Anna's, crashed as in the log; the id of its case."""
    columns = (
        "serial,uid,product,delivered,customer,customer_email,distributor,csm,csm_email,sales,"
        "sales_email"
    )
    name = '"' + customer.replace('"', '""') + '"'
    world.roster(
        f"WX-0002,px4:01,Surveyor 4,2025-06-01,{name},ops@fjord.example,"
        f"{roster.get('distributor', 'Northern Drones')},"
        f"Anna Berg,{ANNA},Ole,ole@maker.example",
        *roster.get("more", ()),
        header=columns,
    )
    for day in range(25, 1, -1):
        world.flight(CRASHED - day * DAY)
    record = _log().record
    (flight,) = record.flights
    world.flight(
        CRASHED,
        log=record.log_id,
        facts=flight.facts,
        events=msgspec.json.encode(flight.events).decode(),
        armed_boot_us=flight.armed_boot_us,
        end_boot_us=flight.end_boot_us,
    )
    with transaction(world.ledger):
        row = {"log_id": record.log_id, "drone_uid": "px4:01", "agent": "dock-1"}
        insert(world.ledger, "logs", row | {"received_us": CRASHED + 60 * S})
        for one in _log().windows if window else ():
            ours = msgspec.structs.replace(one, drone_uid="px4:01")
            store_window(world.ledger, ours, Arrival("dock-1", CRASHED + 60 * S))
    judge_new(world.ledger, NOW, settings)
    (case,) = world.rows("SELECT id FROM cases WHERE rule = 'X1'")
    return case["id"]
