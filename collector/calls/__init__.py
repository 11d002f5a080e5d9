"""The CSM's day: one call an account, the rest in one digest, and what falls due."""
