"""The version of this agent, from the package's own metadata."""

from importlib.metadata import version


def agent_version() -> str:
    """As pyproject.toml says it."""
    return version("windsock")
