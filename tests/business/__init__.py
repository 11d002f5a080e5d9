"""A simulated company, lived through the real collector: for tests and `csm_world.py`."""
