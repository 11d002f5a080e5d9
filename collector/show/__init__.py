"""What the command line shows: tables and JSON Lines."""
