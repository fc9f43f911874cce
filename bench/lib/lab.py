"""The lab: from the command to the guest's end, on the emulated machine."""

KERNEL = "6.12"


class Lab:
    title, unit, base = f"the lab, Linux {KERNEL}", "ns", None
    variants = {
        "run splice": ["run", "splice", "--kernel", KERNEL],
        "exec -- true": ["exec", "--kernel", KERNEL, "--quiet", "--", "true"],
    }

    def __init__(self, children, zctrace):
        self._children, self._zctrace = children, zctrace

    def measure(self, variant):
        return self._children.run([self._zctrace, *self.variants[variant]])._asdict()
