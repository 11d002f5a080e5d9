"""What a station was promised up to some moment, and whether a state folder keeps it."""

import hashlib
from dataclasses import dataclass, field

from tests.power_cuts.workload import CLOCK, SIZE, UID, WHO, content, listed
from windsock.agent.settings import Settings
from windsock.agent.stores import open_downloads, open_stores
from windsock.protocol.envelope import FLIGHTS, decode, digest
from windsock.protocol.messages import Damage, Log, Ping, Tombstone


@dataclass
class Promises:
    """Read from the lines of ``marks``."""

    stored: set[str] = field(default_factory=set)
    removing: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    noted: list[tuple[int, int, int]] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)

    def read(self, line):
        word, *rest = line.split()
        if word == "kept":
            self.removing.discard(*rest)
        elif word == "noted":
            self.noted.append(tuple(map(int, rest)))
        elif word == "whole":
            self.whole.add(int(*rest))
        else:
            getattr(self, word).add(*rest)


@dataclass
class Found:
    """What a state folder turned out to hold, once the agent had opened it."""

    batches: set[str]
    damage: list[Damage]
    claims: list[tuple[int, int, int]]
    """Ranges of logs that the station believes to have."""
    whole: set[int]
    works: bool


def opened(state):
    """Open *state* as the agent does, send all that waits, and look at the downloads.

    Whatever is raised here would have needed a person.
    """
    settings = Settings(agent=WHO.agent, state=state)
    spool, catalogue = open_stores(settings, WHO, CLOCK)
    batches, damage = drained(spool)
    before = len(spool.head(10**6))
    spool.add([(FLIGHTS, Ping())])
    works = len(spool.head(10**6)) == before + 1
    catalogue.parameter_changes(UID, 1, {})
    catalogue.close()
    spool.close()
    claims, whole = looked_at(settings)
    return Found(batches, damage, claims, whole, works)


def drained(spool):
    """Digests of all that could be sent, and the reports of damage among the rest."""
    batches, damage, seen = set(), [], set()
    while fresh := [batch for batch in spool.head(10**6) if batch not in seen]:
        for batch in fresh:
            seen.add(batch)
            try:
                payload = spool.payload(batch)
            except KeyError:
                continue
            message = decode(payload).message
            if isinstance(message, Damage):
                damage.append(message)
            elif isinstance(message, Log | Tombstone):
                batches.add(digest(payload).hex())
    return batches, damage


def looked_at(settings):
    """What is claimed of each log, with every claimed byte compared."""
    downloads = open_downloads(settings, CLOCK)
    downloads.reconcile()
    shelf, claims = downloads.shelf(UID), []
    hashes = {hashlib.sha256(content(n)).digest(): n for n in range(12)}
    files = [one.file for one in downloads.whole() if one.file.exists()]
    whole = {hashes.get(hashlib.sha256(file.read_bytes()).digest(), -1) for file in files}
    for number in range(12):
        part = shelf.part(listed(number))
        for start, end in part.ranges if part else ():
            claims.append((number, start, end))
            assert part.read(start, end - start) == content(number)[start:end]
    shelf.close()
    downloads.close()
    return claims, whole


def kept(promises, found):
    """Raise AssertionError unless a power cut cost nothing that was promised."""
    assert found.works
    assert not found.damage, f"an honest disk damages nothing: {found.damage}"
    assert promises.stored - promises.removing <= found.batches, "lost"
    assert not promises.removed & found.batches, "came back"
    assert promises.whole <= found.whole
    for number, start, end in promises.noted:
        claimed = {(0, SIZE)} if number in found.whole else spans(found.claims, number)
        assert any(a <= start and end <= b for a, b in claimed), "noted bytes are gone"


def spans(claims, number):
    return {(start, end) for one, start, end in claims if one == number}


def reported(promises, found):
    """Raise AssertionError where a damaged disk cost something that nobody hears of."""
    assert found.works
    missing = (promises.stored - promises.removing) - found.batches
    told = sum(one.lost_batches or 0 for one in found.damage if one.what == "spool")
    assert len(missing) <= told, f"{len(missing)} are missing, {told} reported"
