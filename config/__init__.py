"""Settings: the loader, and every documented default."""
