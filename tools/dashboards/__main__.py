"""Writes config/grafana/: ``make dashboards``. The same code gives the same bytes.

``PICTURES=1``: and draws them into docs/images/.
"""

import sys
from pathlib import Path

from tools.dashboards import alerts, drone, fleet, stations
from tools.dashboards.parts import as_text
from tools.dashboards.pictures import draw

GRAFANA = Path(__file__).parents[2] / "config/grafana"
BOARDS = {"fleet": fleet.board, "drone": drone.board, "stations": stations.board}


def files() -> dict[str, str]:
    """Everything that is generated, by path below config/grafana/.

    The alert rules are JSON, which YAML is a superset of: Grafana reads only .yaml and .yml there.
    """
    found = {
        f"dashboards/windsock-{name}.json": as_text(board().build())
        for name, board in BOARDS.items()
    }
    return found | {"provisioning/alerting/windsock.yaml": as_text(alerts.file())}


def main() -> None:
    """Write what changed."""
    for name, text in files().items():
        path = GRAFANA / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(path.relative_to(GRAFANA.parents[1]))
    if "--pictures" in sys.argv:
        pages = GRAFANA.parents[1] / "build/dashboards"
        pages.mkdir(parents=True, exist_ok=True)
        draw(pages)


if __name__ == "__main__":
    main()
