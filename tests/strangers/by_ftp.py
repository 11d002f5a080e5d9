"""pymavlink's own FTP client: CONNECTION PATH FILE [BURST_B IDLE_S].

Prints its return code and seconds as JSON. It gives up when it has *sent* nothing for IDLE_S, less
than 5 s: on a slow line an ArduPilot's burst of 500 packets needs a small BURST_B to end before.
"""

import json
import os
import sys
import time

os.environ["MAVLINK20"] = "1"  # before mavutil picks a dialect

from pymavlink import mavutil
from pymavlink.mavftp import MAVFTP

PATIENCE_S = 60


def main(connection, remote, file, burst_b=239, idle_s=3.7):
    link = mavutil.mavlink_connection(connection, source_system=250)
    link.wait_heartbeat(timeout=PATIENCE_S)
    client = MAVFTP(link, target_system=1, target_component=1)
    client.ftp_settings.burst_read_size = int(burst_b)
    client.ftp_settings.idle_detection_time = float(idle_s)
    begun = time.monotonic()
    client.cmd_get([remote, file])
    result = client.process_ftp_reply("get", timeout=PATIENCE_S)
    print(json.dumps({"code": result.return_code, "seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    main(*sys.argv[1:])
