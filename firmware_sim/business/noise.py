"""What every business has, and nobody has to be called for. Pure and seeded."""

from typing import Final

import numpy as np

from windsock.firmware_sim.business.plot import MONTH_DAYS, Plot, Survey, Ticket

_NOISE: Final = ("one incident", "ticket", "content", "content", "discontent", "recommends",
          *[""] * 6)  # fmt: skip
"""What may befall an account in a month, each as likely; nothing, in half of them."""


def make_noise(plot: Plot, others: list[int], rng: np.random.Generator) -> None:
    """What every business has and nobody has to be called for."""
    for account in others:
        for month in range(plot.company.days // MONTH_DAYS):
            day = month * MONTH_DAYS + int(rng.integers(0, MONTH_DAYS))
            _noise_of(plot, account, day, rng)


def _noise_of(plot: Plot, account: int, day: int, rng: np.random.Generator) -> None:
    kind, key = _NOISE[int(rng.integers(0, len(_NOISE)))], f"{account}-{day}"
    drone = plot.company.accounts[account].drones[0]
    if kind == "one incident":
        first = f"T-O{key}-0"
        plot.tickets += [
            Ticket(f"T-O{key}-{n}", day, day, True, account, drone, first if n else None)
            for n in range(3)
        ]
    elif kind == "ticket":
        plot.tickets.append(Ticket(f"T-N{key}", day, day, False, account, drone))
    elif kind == "content":
        score = int(rng.integers(6, 8))
        plot.surveys.append(Survey(f"S-C{key}", day, account, "CES", score, 7))
    elif kind == "discontent" and day // MONTH_DAYS % 2 == 0:  # never two within a month
        plot.surveys.append(Survey(f"S-O{key}", day, account, "CES", 3, 7))
    elif kind == "recommends":
        plot.surveys.append(Survey(f"S-N{key}", day, account, "NPS", int(rng.integers(0, 11)), 10))
