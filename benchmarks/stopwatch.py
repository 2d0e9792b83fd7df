"""Machines are noisy: two ways of the same work run in turn, and only the ratio of their medians counts."""

import gc
import time
from collections.abc import Callable
from statistics import median

ROUNDS = 7


def ratio(ours: Callable[[], object], bare: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU time of our work in multiples of the bare work's; both are warmed up once."""
    ours()
    bare()
    pairs = [(cpu_seconds(ours), cpu_seconds(bare)) for _round in range(rounds)]
    return median(first for first, _second in pairs) / median(second for _first, second in pairs)


def cpu_seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin
