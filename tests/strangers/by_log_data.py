"""LOG_REQUEST_* as MAVProxy does it: CONNECTION SIZE FILE fetches the log of that size.

Ask for all, and when nothing has come for a while, for up to 20 gaps. Prints seconds as JSON.
"""

import json
import os
import sys
import time
from itertools import groupby, islice
from pathlib import Path

os.environ["MAVLINK20"] = "1"  # before mavutil picks a dialect

from pymavlink import mavutil

PACKET_B = 90
QUIET_S = 0.7
GAPS = 20
ALL = 0xFFFFFFFF


def entry_of(link, size):
    """The entry of the log; asks again for what got lost."""
    while True:
        link.mav.log_request_list_send(1, 1, 0, 0xFFFF)
        while entry := link.recv_match(type="LOG_ENTRY", blocking=True, timeout=QUIET_S):
            if entry.size == size:
                return entry


def gaps(got, size):
    """(offset, count) of what is missing, the first 20."""
    missing = [place for place in range(-(-size // PACKET_B)) if place not in got]
    runs = groupby(enumerate(missing), lambda item: item[1] - item[0])
    for _, run in islice(runs, GAPS):
        places = [place for _, place in run]
        yield places[0] * PACKET_B, len(places) * PACKET_B


def main(connection, size, file):
    size = int(size)
    link = mavutil.mavlink_connection(connection, source_system=250)
    link.wait_heartbeat(timeout=60)
    entry = entry_of(link, size)
    begun = time.monotonic()
    got = {}
    link.mav.log_request_data_send(1, 1, entry.id, 0, ALL)
    while sum(map(len, got.values())) < size:
        packet = link.recv_match(type="LOG_DATA", blocking=True, timeout=QUIET_S)
        if packet is None:
            for offset, count in gaps(got, size):
                link.mav.log_request_data_send(1, 1, entry.id, offset, count)
        elif packet.id == entry.id and packet.count:
            got[packet.ofs // PACKET_B] = bytes(packet.data[: packet.count])
    link.mav.log_request_end_send(1, 1)
    Path(file).write_bytes(b"".join(got[place] for place in sorted(got)))
    print(json.dumps({"seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    main(*sys.argv[1:])
