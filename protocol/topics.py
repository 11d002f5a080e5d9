"""MQTT topics of wire version 1.

An agent id is its MQTT user name and its ACL entry, so its alphabet holds no wildcard and no
separator.
"""

import re
import zlib
from typing import Final

ROOT: Final = "windsock/1"
SHARDS: Final = 64
AGENT_ID: Final = re.compile(r"[a-z0-9-]{1,48}")

UP_FILTER: Final = f"{ROOT}/up/+/+"
STATUS_FILTER: Final = f"{ROOT}/status/+"


def valid_agent(agent: str) -> bool:
    """True where *agent* may be an agent id."""
    return AGENT_ID.fullmatch(agent) is not None


def shard(agent: str) -> int:
    """Which of the 64 shards carries this agent, so that collectors can divide the work."""
    return zlib.crc32(agent.encode()) % SHARDS


def up(agent: str) -> str:
    """Where an agent publishes batches."""
    return f"{ROOT}/up/{shard(agent)}/{agent}"


def ack(agent: str) -> str:
    """Where a collector acknowledges them."""
    return f"{ROOT}/ack/{agent}"


def status(agent: str) -> str:
    """An agent's retained status, and its last will."""
    return f"{ROOT}/status/{agent}"


def agent_of(topic: str) -> str | None:
    """The agent that owns an ``up`` or ``status`` topic, None where it is not one of ours."""
    agent = topic.rpartition("/")[2]
    return agent if valid_agent(agent) and topic in (up(agent), status(agent)) else None
