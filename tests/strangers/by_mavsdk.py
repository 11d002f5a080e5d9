"""MAVSDK's log download, by its own server: ADDRESS SIZE FILE fetches the log of that size.

Prints seconds as JSON.
"""

import asyncio
import json
import socket
import sys
import time
from pathlib import Path

from mavsdk import System


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def main(address, size, file):
    drone = System(port=free_port())
    await drone.connect(system_address=address)
    async for state in drone.core.connection_state():
        if state.is_connected:
            break
    (entry,) = [one for one in await drone.log_files.get_entries() if one.size_bytes == int(size)]
    Path(file).unlink(missing_ok=True)  # MAVSDK 3.17 waits for ever if it is there
    begun = time.monotonic()
    async for _ in drone.log_files.download_log_file(entry, file):
        pass
    print(json.dumps({"seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
