"""What got slower between two results."""

from typing import NamedTuple

from lib import figures, tracers

OURS = "zctrace"


class Quantity(NamedTuple):
    """A figure of which more is worse, a value a round."""

    values: list
    ours: bool  # of zctrace: the peers' are told, and fail nothing
    relative: bool  # a ratio of one run, which means something on another machine too


def quantities(data):
    """{name: Quantity} of all that two results have in common."""
    found = {}
    for part, group in data["groups"].items():
        rounds, base = group["rounds"], group["base"]
        for variant in rounds[0] if rounds else ():
            ours = base is None or variant.startswith(OURS)
            if base and variant != base:
                kinds = ("wall", "cpu") if base == tracers.UNTRACED else ("wall",)
                for what in kinds:
                    found[f"{part}: {variant} / {base}, {what}"] = Quantity(
                        figures.ratios(rounds, variant, base, what), ours, True)
            if base == tracers.UNTRACED and ours:
                found[f"{part}: {variant} / {tracers.FLOOR}, cpu"] = Quantity(
                    figures.ratios(rounds, variant, tracers.FLOOR, "cpu"), True, True)
            for what in ("peak", "bytes per event") if base else ("wall", "cpu", "peak", "bytes per event"):
                found[f"{part}: {variant}, {what}"] = Quantity(figures.values(rounds, variant, what), ours, False)
    return {name: quantity for name, quantity in found.items() if quantity.values}


def same_machine(old, new):
    return all(old["machine"][what] == new["machine"][what] for what in ("cpu", "cpus", "kernel"))


def compare(old, new):
    """(name, verdict, old spread, new spread, whether it fails) of what both have measured; what is not a ratio on the
    same machine only."""
    before, after, same = quantities(old), quantities(new), same_machine(old, new)
    for name, quantity in before.items():
        if name not in after or not (quantity.relative or same):
            continue
        found = figures.verdict(quantity.values, after[name].values)
        yield name, found, figures.spread(quantity.values), figures.spread(after[name].values), found == "worse" and quantity.ours


def against_recorded(file, recorded, measured):
    """The short form's exit status: 1 where all of three rounds are worse than the recorded ratio, 77 where too few
    rounds were quiet to tell."""
    before = quantities(recorded)
    status = 0
    for name, quantity in quantities({"groups": measured}).items():
        if not name.endswith(", cpu") or not quantity.ours or name not in before:
            continue
        median = figures.spread(before[name].values).median
        seen = ", ".join(f"{value:.2f}" for value in quantity.values)
        worse = len(quantity.values) >= 3 and figures.all_worse(before[name].values, quantity.values)
        print(f"{'WORSE' if worse else 'holds'}: {name}: {seen} (recorded: {median:.2f}, {file.name})")
        status = 1 if worse else status
    if status == 0 and any(len(group["rounds"]) < 3 for group in measured.values()):
        print("skipped: others kept this machine busy")
        return 77
    return status
