"""What a machine asks of the collector: `/metrics` and `/healthz`, on loopback."""
