"""Setting up a server: its folder, certificates, users of the broker, InfluxDB's bucket."""
