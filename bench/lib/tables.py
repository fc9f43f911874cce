"""What people read of a result."""

from lib import figures, tracers

UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1, "ns"))


def duration(ns):
    factor, unit = next(((factor, unit) for factor, unit in UNITS if ns >= factor), UNITS[-1])
    return f"{ns / factor:.{0 if ns / factor >= 100 else 1 if ns / factor >= 10 else 2}f} {unit}"


def memory(size):
    return f"{size / 2**20:.1f} MiB"


def amount(values, render):
    found = figures.spread(values)
    return render(found.median) if found else "unknown"


def ratio(values):
    found = figures.spread(values)
    return f"{found.median:.2f} ({found.low:.2f} to {found.high:.2f})" if found else "unknown"


def columns(group):
    """(heading, text of a variant) for each."""
    rounds, base = group["rounds"], group["base"]

    def measured(what, render):
        return lambda variant: amount(figures.values(rounds, variant, what), render)

    def over(other, what):
        return lambda variant: "" if variant in (other, base) else ratio(figures.ratios(rounds, variant, other, what))

    if group["unit"] is None:
        names = list(next(iter(rounds[0].values()))) if rounds else []
        return [(name, measured(name, memory if name == "peak" else "{:,.0f}".format)) for name in names]
    columns = [("time", measured("wall", duration)), ("CPU time", measured("cpu", duration))]
    if base:
        columns.append((f"time / {base}", over(base, "wall")))
    if base == tracers.UNTRACED:
        columns.append((f"CPU / {base}", over(base, "cpu")))
    if base == tracers.UNTRACED and rounds and tracers.FLOOR in rounds[0]:
        columns.append(("CPU / null BPF", over(tracers.FLOOR, "cpu")))
    return columns + [("peak", measured("peak", memory))]


def lines(group):
    kept, dropped = len(group["rounds"]), group["dropped"]
    yield f"{group['title']}: {kept} rounds" + "".join(f", {count} dropped: {why}" for why, count in dropped.items())
    if not kept:
        return
    heads = columns(group)
    rows = [["", *(head for head, _ in heads)]]
    rows += [[variant, *(text(variant) for _, text in heads)] for variant in group["rounds"][0]]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield "  " + "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])


def show(group):
    print(*lines(group), "", sep="\n", flush=True)
