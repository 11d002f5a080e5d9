"""The collector: stores what agents send, judges it, and tells the right person."""
