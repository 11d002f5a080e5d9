"""From verdicts to cases: what is found, what changes, who is told."""
