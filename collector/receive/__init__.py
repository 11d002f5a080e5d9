"""What stations send, into the ledger, acknowledged when it is stored for good."""
