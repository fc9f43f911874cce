"""One interleaved run: in each round every variant once, in an order of chance."""

import collections
import random
import sys

from lib import machine
from lib.tracers import NothingTraced


class Progress:
    """A line on a terminal's standard error; nothing elsewhere."""

    def __init__(self):
        self._shown = sys.stderr.isatty()

    def show(self, text):
        if self._shown:
            print(f"\r{text[:78]}\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self):
        self.show("")


def measure(group, wanted, limit, progress, until=2):
    """The group's rounds, as results keep them: `wanted` that nothing disturbed. The rest is dropped, counted by its
    reason, and repeated, up to `until` times as many in all."""
    kept, dropped = [], collections.Counter()
    while len(kept) < wanted and len(kept) + dropped.total() < until * wanted:
        again = f", {dropped.total()} dropped" if dropped else ""
        cells, disturbed = one_round(group, limit, lambda variant: progress.show(
            f"{group.title}: round {len(kept) + 1} of {wanted}{again}: {variant}"))
        if disturbed:
            dropped[disturbed] += 1
        else:
            kept.append({variant: cells[variant] for variant in group.variants})
    return {"title": group.title, "unit": group.unit, "base": group.base, "rounds": kept, "dropped": dict(dropped)}


def one_round(group, limit, show):
    """(what each variant took, what disturbed it: nothing, or why the round does not count)."""
    variants, cells, watch = list(group.variants), {}, machine.Watch()
    random.shuffle(variants)
    for variant in variants:
        show(variant)
        if machine.others_trace():
            return cells, "others traced system calls"
        try:
            cells[variant] = group.measure(variant)
        except NothingTraced as error:
            return cells, str(error)
    if machine.others_trace():
        return cells, "others traced system calls"
    return cells, "others took the CPU" if watch.share() >= limit else None
