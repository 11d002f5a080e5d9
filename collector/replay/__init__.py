"""History judged again with other rules, on a copy of the ledger: nothing is sent or changed."""
