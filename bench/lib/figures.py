"""What follows from measured rounds: medians, spread, ratios, which rounds count, and what got slower."""

import statistics
from typing import NamedTuple

WORSE = 1.25  # a ratio from which a figure counts as worse


class Spread(NamedTuple):
    """The middle of the values, and the quartiles around it."""

    low: float
    median: float
    high: float


def spread(values):
    """None where there are no values: unknown, not 0."""
    if not values:
        return None
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    return Spread(*statistics.quantiles(values, n=4, method="inclusive"))


def values(rounds, variant, what):
    return [cells[variant][what] for cells in rounds if what in cells.get(variant, ())]


def ratios(rounds, variant, base, what):
    """One a round: both are of the same minute of the same machine."""
    return [cells[variant][what] / cells[base][what] for cells in rounds
            if what in cells.get(variant, ()) and cells.get(base, {}).get(what)]


def others_share(busy, own, wall):
    """The CPU time that others took in `wall` seconds, as a share of one processor. `busy` of all, `own` of ourselves."""
    return max(0.0, busy - own) / wall


def verdict(old, new):
    """Of two sets of values, the smaller the better: worse, slower, faster or same. What lies within the spread, with
    quartiles that overlap, is the same."""
    before, after = spread(old), spread(new)
    if before is None or after is None:
        return "unknown"
    if after.low > before.high:
        return "worse" if after.median >= WORSE * before.median else "slower"
    return "faster" if after.high < before.low else "same"


def all_worse(recorded, repeats):
    """Whether each of the repeats is worse than the recorded median: one slow one is the machine's mood."""
    before = spread(recorded)
    return bool(before and repeats) and all(ratio >= WORSE * before.median for ratio in repeats)
