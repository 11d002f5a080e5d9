"""Draws the dashboards into docs/images/: ``make dashboards PICTURES=1``.

Asks a real InfluxDB, filled with a simulated fleet by the collector's own code, and draws what
comes back; headless Chromium makes pictures of the pages. They say on their face what they are.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import Influxd
from tools.dashboards.drawing.page import WIDTH, Shown, page
from tools.dashboards.filling import NOW_US, fill
from tools.dashboards.frames import Ask, View, of_panel
from windsock.collector.settings import Influx
from windsock.firmware_sim.fleet.showcase import Showcase, serial, uid

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
NOW_MS = NOW_US // 1000
DAY_MS = 86_400_000
DRONE = 0
LIMIT_BYTES = 250_000


def draw(pages: Path) -> None:
    """All pictures; the pages stay in *pages*."""
    with tempfile.TemporaryDirectory() as name, Influxd(Path(name) / "influxd") as influx:
        influx.create("pictures")
        settings = Influx(url=influx.url, api="v1", database="pictures")
        fill(Path(name), settings, Showcase(NOW_US))

        def ask(query: str) -> object:
            return json.loads(influx.request("POST", "/query", q=query, db="pictures", epoch="ms"))

        for picture, shown in _shown(ask).items():
            text, height = page(shown)
            source = pages / f"{picture}.html"
            source.write_text(text, "utf-8")
            _photograph(source, IMAGES / f"dashboard-{picture}.png", height)


def _shown(ask: Ask) -> dict[str, Shown]:
    """What each picture shows."""
    boards = {
        name: json.loads((ROOT / f"config/grafana/dashboards/windsock-{name}.json").read_text())
        for name in ("fleet", "drone", "stations")
    }
    months = View(NOW_MS - 90 * DAY_MS, NOW_MS, {"customer": ".*", "drone": uid(DRONE)})
    day = View(NOW_MS - DAY_MS, NOW_MS, {"station": ".*"})
    drone = {"Customer": "All", "Drone": serial(DRONE)}
    crash = _crash(ask, boards["drone"], months)
    return {
        "fleet": Shown(boards["fleet"], months, ask, {"Customer": "All"}),
        "drone": Shown(boards["drone"], months, ask, drone),
        "flight": Shown(_one_flight(boards["drone"]), crash, ask, drone),
        "stations": Shown(boards["stations"], day, ask, {"Station": "All"}),
    }


def _crash(ask: Ask, board: dict[str, object], months: View) -> View:
    """Where the link of its newest crash leads."""
    panel = next(
        one
        for one in board["panels"]
        if one["title"] == "Crashes and the like"  # type: ignore[attr-defined]  # JSON of ours
    )
    (table,) = of_panel(ask, panel, months)
    columns = table.columns
    newest = max(range(len(table)), key=columns["Time"].__getitem__)
    return View(columns["from_ms"][newest], columns["until_ms"][newest], months.variables)


def _one_flight(board: dict[str, object]) -> dict[str, object]:
    """Only the panels that show one flight."""
    wanted = {"Height", "Tilt", "Around the strongest moment"}
    panels = [one for one in board["panels"] if one["title"] in wanted]  # type: ignore[attr-defined]  # likewise
    moved = [one | {"gridPos": one["gridPos"] | {"y": 0}} for one in panels]
    return board | {"panels": moved, "title": "windsock: Drone, zoomed to a crash"}


def _photograph(source: Path, picture: Path, height: int) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise SystemExit("pictures need Chromium: apt-get install chromium")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={WIDTH},{height}", f"--screenshot={picture}", source.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    if shutil.which("pngquant"):
        squeeze = ["pngquant", "--force", "--output", picture, "--", picture]
        subprocess.run(squeeze, check=True)
    size = picture.stat().st_size
    print(f"{picture.relative_to(ROOT)}: {size / 1000:.0f} kB", file=sys.stderr)
    if size > LIMIT_BYTES:
        raise SystemExit(f"{picture} is larger than {LIMIT_BYTES / 1000:.0f} kB")
