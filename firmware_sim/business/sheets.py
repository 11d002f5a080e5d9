"""What other systems export of a company, as rows of CSV, and on which day. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from windsock.firmware_sim.business.company import CSMS, PRODUCTS, SALES, SUPPORT, Company
from windsock.firmware_sim.business.plot import Plot
from windsock.firmware_sim.business.telling import NEW, OLD
from windsock.firmware_sim.fleet.lives import NEVER
from windsock.firmware_sim.fleet.telling import serial, uid

Row = tuple[object, ...]

COLUMNS: Final = {
    "people": "email,name,role,zone",
    "accounts": "account,kind,email,stage,region,tier,distributor",
    "owners": "account,csm_email,sales_email,valid_from",
    "drones": "serial,uid,product,delivered,customer,service_state,valid_from,valid_until",
    "cover": "csm,from,until,substitute",
    "releases": "version,released_at",
    "mails": "account,version,sent_at",
    "tickets": "ticket,critical,incident,opened,account,drone,state,merged_into",
    "surveys": "survey,account,kind,score,scale,answered",
    "pauses": "drone,from,until,reason",
}
"""Of each kind of facts that the collector imports."""
KINDS: Final = tuple(COLUMNS)


class Export(NamedTuple):
    """Rows of one kind that come on *day*."""

    day: int
    kind: str
    row: Row


def exports(plot: Plot) -> Iterator[Export]:
    """Everything, in no order. What is known from the start comes on day 0."""
    company = plot.company
    yield from (Export(0, "people", person) for person in _people())
    yield from (Export(0, "accounts", row) for row in _accounts(plot))
    yield from _owners(company)
    yield from _drones(plot)
    for absence in company.absences:
        row = (CSMS[absence.csm].email, company.day(absence.from_day),
               company.day(absence.until_day), CSMS[absence.substitute].email)  # fmt: skip
        yield Export(0, "cover", row)
    yield Export(0, "releases", (OLD, company.day(-30)))
    for version, day in ((OLD, -30), (NEW, plot.release_day)):
        yield Export(plot.release_day, "releases", (version, company.day(day)))
    for account, day in plot.mailed.items():
        yield Export(day, "mails", (company.accounts[account].name, NEW, company.day(day)))
    yield from _tickets(plot)
    yield from _surveys(plot)
    yield from _pauses(plot)


def _people() -> Iterator[Row]:
    for person in (*CSMS, *SALES, SUPPORT):
        yield person.email, person.name, person.role, person.zone


def _accounts(plot: Plot) -> Iterator[Row]:
    for index, dealer in enumerate(plot.company.distributors):
        yield dealer, "distributor", f"info@dealer{index}.example", "customer", "", "", ""
    for index, account in enumerate(plot.company.accounts):
        tier = "large" if index in plot.large else "standard"
        yield (account.name, "customer", f"ops@account{index}.example", "customer",
               account.region, tier, account.distributor or "")  # fmt: skip


def _owners(company: Company) -> Iterator[Export]:
    for index, dealer in enumerate(company.distributors):
        csm, sales = CSMS[index % len(CSMS)], SALES[index % len(SALES)]
        yield Export(0, "owners", (dealer, csm.email, sales.email, ""))
    for index, account in enumerate(company.accounts):
        first = (account.name, CSMS[account.csm].email, SALES[account.sales].email, "")
        yield Export(0, "owners", first)
        for move in company.moves:
            if move.account == index:
                # the file is the whole truth about an account: its first owner stands in it, too
                yield Export(move.day, "owners", first)
                row = (account.name, CSMS[move.csm].email, first[2], company.day(move.day))
                yield Export(move.day, "owners", row)


def _drones(plot: Plot) -> Iterator[Export]:
    for drone in range(plot.flew.shape[1]):
        delivered = plot.company.day(int(plot.lives.delivered[drone]))
        day = 0 if drone not in plot.undated else plot.undated[drone][0]
        if day:
            yield Export(day, "drones", _drone(plot, drone, None))
            yield Export(plot.undated[drone][1], "drones", _drone(plot, drone, delivered))
        else:
            yield Export(0, "drones", _drone(plot, drone, delivered))


def _drone(plot: Plot, drone: int, delivered: date | None) -> Row:
    account = plot.company.accounts[int(plot.lives.account[drone])]
    return (serial(drone), uid(drone), PRODUCTS[drone % len(PRODUCTS)], delivered or "",
            account.name, "in_service", delivered or "", "")  # fmt: skip


def _tickets(plot: Plot) -> Iterator[Export]:
    for one in plot.tickets:
        drone = "" if one.drone is None else serial(one.drone)
        moment = plot.company.day(one.incident)
        row = (one.ticket, "yes" if one.critical else "no", moment, plot.company.day(one.day),
               plot.company.accounts[one.account].name, drone, "open",
               one.merged_into or "")  # fmt: skip
        yield Export(one.day, "tickets", row)


def _surveys(plot: Plot) -> Iterator[Export]:
    for one in plot.surveys:
        name = plot.company.accounts[one.account].name
        row = (one.survey, name, one.kind, one.score, one.scale, plot.company.day(one.day))
        yield Export(one.day, "surveys", row)


def _pauses(plot: Plot) -> Iterator[Export]:
    for drone in range(plot.flew.shape[1]):
        begin, until = int(plot.lives.paused_from[drone]), int(plot.lives.paused_until[drone])
        if begin < plot.company.days and until < NEVER:
            row = (serial(drone), plot.company.day(begin), plot.company.day(until), "season")
            yield Export(begin, "pauses", row)
