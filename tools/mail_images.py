"""The pictures of docs/notices.md: three mails through a mail server, as a browser shows them.

``.venv/bin/python tools/mail_images.py [FOLDER]``; needs chromium. FOLDER (docs/images) gets
``mail-crash.png``, ``mail-digest.png``, ``mail-quiet.png`` and ``case-page.png``, and for the
README ``explain.png``: the page that explains a log, down to the end of its plots.
"""

import base64
import subprocess
import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path

import msgspec
from PIL import Image, ImageChops

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.collector.crashed import ANNA, CRASHED, NOW, SECRET, crash, settings_in
from tests.collector.web.wsgi import ask
from tests.collector.world import DAY, HOUR, World
from tests.servers.mail import MailServer
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.outside.take import take
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Day, Smtp
from windsock.collector.web.links import Links
from windsock.collector.web.site import Site

CARL = "carl@maker.example"
MONDAY = CRASHED + 2 * DAY
WIDTH_PX, PHONE_PX = 720, 390
EXPLAIN_PX, PLOTS_END_PX = 1040, 1680
CRASH_LOG = Path(__file__).parent.parent / "tests/logs/d2_hard_impact_upright.BIN"
SALES = "Ole Moe,ole@maker.example"
ROSTER = "\n".join((
    "serial,uid,product,delivered,customer,customer_email,csm,csm_email,sales,sales_email",
    f"WX-0011,px4:11,Surveyor,2025-03-01,Alpine Survey,a@alpine.example,Anna Berg,{ANNA},{SALES}",
    f"WX-0012,px4:12,Surveyor,2025-03-01,Alpine Survey,a@alpine.example,Anna Berg,{ANNA},{SALES}",
    f"WX-0021,px4:21,Mapper 2,2025-05-01,Delta Works,o@delta.example,Anna Berg,{ANNA},{SALES}",
    f"WX-0031,px4:31,Mapper 2,2025-05-01,Quiet Fields,h@quiet.example,Carl Dahl,{CARL},{SALES}",
))  # fmt: skip
TICKETS = """ticket,drone,critical,incident,state
T-17,WX-0011,yes,2026-01-08,open
T-21,WX-0011,yes,2026-01-19,open
T-30,WX-0011,yes,2026-01-29,open
"""
SURVEYS = """survey,account,kind,score,scale,answered
S-1,Delta Works,CES,3,7,2026-01-12
S-2,Delta Works,CES,5,7,2026-01-28
S-3,Fjord Inspection,CES,6,7,2026-01-12
S-4,Fjord Inspection,NPS,9,10,2026-01-12
"""


def main() -> None:
    """Make the pictures."""
    images = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images")
    with tempfile.TemporaryDirectory() as name, MailServer() as server:
        folder = Path(name)
        case = _events(folder, server)
        mails = {kind: _mail(server, *whose) for kind, whose in _WHOSE.items()}
        for kind, mail in mails.items():
            _shoot(_as_page(mail), images / f"mail-{kind}.png", folder, WIDTH_PX)
        settings = settings_in(folder)
        link = Links(SECRET, "").to_case(case, ANNA, NOW)
        page = ask(Site(settings, lambda: NOW), link).text
        _shoot(page, images / "case-page.png", folder, PHONE_PX)
        _shoot(_explained(folder), images / "explain.png", folder, EXPLAIN_PX, PLOTS_END_PX)


_WHOSE = {
    "crash": (ANNA, "Possible crash"),
    "digest": (ANNA, "Monday"),
    "quiet": (CARL, "All quiet"),
}


def _events(folder: Path, server: MailServer) -> int:
    """A month of four drones, a crash, and the Monday after; the crash's case."""
    smtp = Smtp(host=server.host, port=server.port, sender="windsock@maker.example",
                security="plain")  # fmt: skip
    ours = settings_in(folder)
    notify = msgspec.structs.replace(ours.notify, smtp=smtp, file=None)
    settings = msgspec.structs.replace(ours, notify=notify, day=Day())
    world = World(settings.ledger)
    for kind, text in {"roster": ROSTER, "tickets": TICKETS, "surveys": SURVEYS}.items():
        taken = take(world.ledger, kind, text.encode(), kind, CRASHED - DAY)
        if taken.errors:
            raise SystemExit(str(taken.errors[0]))
    for n, uid in enumerate(("px4:11", "px4:12", "px4:21", "px4:31")):
        last = CRASHED - (45 if uid == "px4:12" else 1) * DAY + n * HOUR
        for day in range(40, 0, -1):
            world.flight(last - day * DAY, uid=uid)
    world.online(CRASHED - 100 * DAY, MONDAY + DAY)
    case = crash(world, settings)
    rounds = Rounds(settings, world.ledger, Telemetry(world.ledger, None))
    rounds.make(NOW)
    rounds.make(MONDAY + 8 * HOUR)
    world.ledger.close()
    return case


def _mail(server: MailServer, person: str, subject: str) -> EmailMessage:
    found = [m for m in server.messages if m["To"] == person and m["Subject"].startswith(subject)]
    if not found:
        subjects = [(m["To"], m["Subject"]) for m in server.messages]
        raise SystemExit(f"no mail {subject!r} to {person}, only {subjects}")
    return found[0]


def _as_page(mail: EmailMessage) -> str:
    page = mail.get_body(["html"]).get_content()
    for part in mail.walk():
        if part.get_content_type() == "image/png":
            data = base64.b64encode(part.get_content()).decode()
            cid = part["Content-ID"].strip("<>")
            page = page.replace(f"cid:{cid}", f"data:image/png;base64,{data}")
    return page


def _explained(folder: Path) -> str:
    page = folder / "explain.html"
    command = ["windsock.collector", "explain", str(CRASH_LOG), "-o", str(page)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    return page.read_text("utf-8")


def _shoot(page: str, image: Path, folder: Path, width: int, height: int = 3200) -> None:
    """Taller than any of them, then cut where the background goes on to the end."""
    source = folder / "page.html"
    source.write_text(page, "utf-8")
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--window-size={width},{height}", f"--screenshot={image}", source.as_uri()],
        check=True, capture_output=True,
    )  # fmt: skip
    picture = Image.open(image).convert("RGB")
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    end = ImageChops.difference(picture, ground).getbbox()[3] + 16
    bottom = min(end, picture.height)
    picture.crop((0, 0, picture.width, bottom)).quantize(256).save(image, optimize=True)


if __name__ == "__main__":
    main()
