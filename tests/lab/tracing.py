"""Whether a zctrace is tracing by now: needs nothing of the other tests, for it is asked in guests, too."""

import pathlib
import time


def is_tracing(pid):
    """Its hooks are attached: it holds links, and loads no more."""
    before = links(pid)
    time.sleep(1)
    return 0 < before == links(pid)


def links(pid):
    found = 0
    for info in pathlib.Path("/proc").glob(f"{pid}/fdinfo/*"):
        try:
            found += "link_id" in info.read_text()
        except OSError:
            pass  # closed meanwhile
    return found
