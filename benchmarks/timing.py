"""Process CPU time of work and its peers, in turns, so that a noisy machine disturbs all alike."""

import gc
import statistics
import time

RUNS = 5


def in_turns(*works, runs=RUNS):
    """Median CPU seconds (user and system, all threads) of each work, run alternately."""
    seconds = [[] for _ in works]
    for _ in range(runs):
        for work, own in zip(works, seconds, strict=True):
            gc.collect()
            start = time.process_time()
            work()
            own.append(time.process_time() - start)
    return [statistics.median(own) for own in seconds]
