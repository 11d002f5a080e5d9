"""What InfluxDB gets: the schema, rows, line protocol, and the client."""
