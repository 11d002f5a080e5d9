"""Setting a station up, and finding out what is wrong with it."""
