"""From a flight log to its FlightRecords: pure functions."""
