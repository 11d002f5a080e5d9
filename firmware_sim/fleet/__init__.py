"""Fleets that are not there: years of drones' lives with known truth. Pure and seeded."""
