"""What the dashboards read of whole fleets, added up in the ledger and written to InfluxDB."""
