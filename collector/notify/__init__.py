"""What leaves the collector: notices and their channels."""
