"""Real servers for `e2e` tests, each in its own folder, on loopback, stopped for sure."""

from tests.servers.influx import Influxd, Influxd18
from tests.servers.mail import MailServer
from tests.servers.mosquitto import Mosquitto
from tests.servers.process import free_port
from tests.servers.shipped_mosquitto import ShippedMosquitto

__all__ = ["Influxd", "Influxd18", "MailServer", "Mosquitto", "ShippedMosquitto", "free_port"]
