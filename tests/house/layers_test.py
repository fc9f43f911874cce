"""The rooms' arrows: every include of ours goes down, and no folder takes part in a circle."""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = {
    "base": set(),
    "bpf": set(),
    "model": {"base"},
    "viz": {"model", "base"},
    "workloads": {"base"},
    "userspace": {"viz", "model", "workloads", "bpf", "base"},
}
INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.MULTILINE)


def includes():
    """(file, what it includes), both by their path from the root; what CMake generates is not among them."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*")):
            if file.suffix not in (".cpp", ".h", ".c", ".def"):
                continue
            for target in INCLUDE.findall(file.read_text()):
                for path in (ROOT / target, file.parent / target):
                    if path.is_file():
                        yield file.relative_to(ROOT), path.resolve().relative_to(ROOT)
                        break


def circles(arrows):
    """Folders from which one comes back to them."""

    def reached(start):
        seen, todo = set(), [start]
        while todo:
            for folder in arrows[todo.pop()] - seen:
                seen.add(folder)
                todo.append(folder)
        return seen

    return sorted(str(folder) for folder in list(arrows) if folder in reached(folder))


def main():
    wrong, arrows = [], collections.defaultdict(set)
    count = 0
    for file, target in includes():
        count += 1
        here, there = file.parts[0], target.parts[0]
        if here != there and there not in ROOMS[here]:
            wrong.append(f"{file} includes {target}: {here} stands on {', '.join(sorted(ROOMS[here])) or 'nothing'}")
        if file.parent != target.parent:
            arrows[file.parent].add(target.parent)
    wrong += [f"{folder} takes part in a circle of folders" for folder in circles(arrows)]
    for line in wrong:
        print(line)
    print(f"{count} includes, {len(wrong)} wrong")
    return 1 if wrong or count < 500 else 0


if __name__ == "__main__":
    sys.exit(main())
