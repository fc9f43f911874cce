"""One interleaved run: in each round every variant once, in an order of chance."""

import random
import sys

from lib.machine import Watch


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
    """The group's rounds, as results keep them: `wanted` in which others took less than `limit` of a processor. The rest
    is dropped and counted, and repeated, up to `until` times as many in all."""
    kept, dropped = [], []
    while len(kept) < wanted and len(kept) + len(dropped) < until * wanted:
        variants, cells, watch = list(group.variants), {}, Watch()
        random.shuffle(variants)
        for variant in variants:
            again = f", {len(dropped)} dropped" if dropped else ""
            progress.show(f"{group.title}: round {len(kept) + 1} of {wanted}{again}: {variant}")
            cells[variant] = group.measure(variant)
        share = round(watch.share(), 3)
        if share < limit:
            kept.append({variant: cells[variant] for variant in group.variants})
        else:
            dropped.append(share)
    return {"title": group.title, "unit": group.unit, "base": group.base, "rounds": kept, "dropped": dropped}
