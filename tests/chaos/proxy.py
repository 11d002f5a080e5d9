"""A TCP proxy that misbehaves as networks do: cut, stalled, slow, half-open.

`Proxy(port)` listens on `proxy.port` and passes on to *port*, in a thread of its own. Faults hold
for what is open and for what comes, until `heal`.
"""

import asyncio
from typing import Literal

from tests.chaos.in_thread import ThreadServer
from tests.servers.process import HOST

Fault = Literal["none", "refuse", "stall", "half-open"]
"""``stall``: bytes wait and are passed on after `heal`; ``half-open``: they vanish, for good."""
CHUNK = 4096


class Proxy(ThreadServer):
    """Between a client and a server on loopback."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self.target = target
        self.fault: Fault = "none"
        self.delay_s = 0.0
        self.passed = 0
        """Bytes to the server so far."""
        self.cut_after: int | None = None
        """Cut every connection once so many bytes more went to the server: within a packet."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._healed = asyncio.Event()

    def __exit__(self, *error: object) -> None:
        self.cut()
        super().__exit__(*error)

    def cut(self) -> None:
        """Reset every connection that is open."""
        self.do(self._cut())

    def break_(self, fault: Fault) -> None:
        """From now on."""
        self.loop.call_soon_threadsafe(self._healed.clear)
        self.fault = fault

    def heal(self) -> None:
        """Pass on again what comes; of a half-open connection nobody hears again."""
        self.fault = "none"
        self.loop.call_soon_threadsafe(self._healed.set)

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes from either side."""
        self._writers.add(writer)
        try:
            if self.fault == "refuse":
                return
            there = await asyncio.open_connection(HOST, self.target)
            self._writers.add(there[1])
            dead = [False]
            await asyncio.gather(
                self._pass_on(reader, there[1], dead, up=True),
                self._pass_on(there[0], writer, dead, up=False),
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: list[bool], *,
        up: bool,
    ) -> None:  # fmt: skip
        """One direction. A connection that lost bytes is *dead* and stays it."""
        try:
            while content := await reader.read(CHUNK):
                dead[0] |= self.fault == "half-open"
                if dead[0]:
                    continue
                if self.fault == "stall":
                    await self._healed.wait()
                await asyncio.sleep(self.delay_s)
                if up and await self._is_cut(content, writer):
                    return
                writer.write(content)
                await writer.drain()
        except OSError:
            pass
        finally:
            if not dead[0]:
                writer.transport.abort()
                self._writers.discard(writer)

    async def _is_cut(self, content: bytes, writer: asyncio.StreamWriter) -> bool:
        self.passed += len(content)
        if self.cut_after is None:
            return False
        if len(content) < self.cut_after:
            self.cut_after -= len(content)
            return False
        writer.write(content[: self.cut_after])
        await writer.drain()
        self.cut_after = None
        await self._cut()
        return True
