"""Every drone as it stands: arrays for the rules, rows for people."""
