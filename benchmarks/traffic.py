"""What stations send, by the thousand: messages of real flights under other names and times.

A flight of *minutes* has the log, flight, sighting and window messages of a named log, and a
series of that many minutes made of all named logs, laid end to end.
"""

import itertools

import msgspec
from large_logs import LOGS
from rows import AGENT, NAMES, VERSION, laid_end_to_end

from windsock.agent.intake import Handling, messages, take_in
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import Flight, Log, Series, Sighting, Utc, Window

NOW_US = 1_795_467_700_000_000
DAY_US = 86_400_000_000


def flights(count, drones, minutes=20):
    """The (lane, message) pairs of *count* flights, one list each, by *drones* in turn."""
    originals = [of_log(name, minutes) for name in NAMES]
    for number in range(count):
        original = originals[number % len(originals)]
        drone = f"px4:{number % drones:024x}"
        log_id = f"{number:032x}"
        start_us = NOW_US - DAY_US + (number // drones) * 3_600_000_000
        start = Utc(quality="gps", us=start_us, earliest_us=start_us - 50_000,
                    latest_us=start_us + 50_000)  # fmt: skip
        yield [(lane, renamed(one, drone, log_id, start)) for lane, one in original]


def of_log(name, minutes, age_us=0):
    """The messages of a log's first flight, its series replaced by a longer one.

    As a station queues them that finds the log *age_us* after the flight.
    """
    found = take_in(LOGS / name, Handling("full"))
    record = msgspec.structs.replace(found.record, flights=found.record.flights[:1])
    armed_us = record.flights[0].armed_boot_us
    whole = laid_end_to_end(minutes * 60).message
    series = msgspec.structs.replace(whole, armed_boot_us=armed_us)
    windows = [one for one in found.windows if one.armed_boot_us == armed_us]
    one = found._replace(record=record, windows=windows, series=[series])
    return messages(one, (record.flights[0].start.us or NOW_US) + age_us)


def renamed(message, drone, log_id, start):
    match message:
        case Flight():
            flown = [msgspec.structs.replace(one, start=start) for one in message.logs[0].flights]
            log = msgspec.structs.replace(
                message.logs[0], drone_uid=drone, log_id=log_id, flights=flown
            )
            return Flight(logs=[log])
        case Log():
            return msgspec.structs.replace(message, drone_uid=drone, log_id=log_id)
        case Sighting():
            return msgspec.structs.replace(message, drone_uid=drone, seen=start)
        case Series() | Window():
            return msgspec.structs.replace(message, drone_uid=drone, log_id=log_id, start=start)
    raise TypeError(message)


def payloads(some_flights, agents=1):
    """(agent, payload) of each message, as *agents* stations would publish them."""
    numbers = [itertools.count(1) for _ in range(agents * 4)]
    for number, flight in enumerate(some_flights):
        station = number % agents
        agent = f"{AGENT}{station}"
        for lane, message in flight:
            seq = next(numbers[station * 4 + lane])
            head = Header(agent, 0xBA98_7654_3210, lane, seq, NOW_US, 1, "5d2b5ae4", VERSION)
            yield agent, encode(head, message)
