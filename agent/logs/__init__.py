"""Flight log formats."""
