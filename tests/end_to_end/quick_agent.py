"""The agent, with one constant changed: a minute of rest takes a second here."""

import sys

from windsock.agent.__main__ import main
from windsock.agent.link import gate

gate.REST_US = gate.SECOND_US

if __name__ == "__main__":
    sys.exit(main())
