"""zctrace's copies against those of a witness that knows nothing of it: a plugin of the emulator (witness.c).

`Subset` is quick. `Whole` runs all methods on all kernels: on a network card, on veth and into a file, and two of them
where the device layer has to copy. It prints the table of docs/witness.md: tests/run -C whole -V -R oracle
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE)]
import lab_support as support  # noqa: E402
import witness  # noqa: E402

SIZE = (4 << 20) + 12345
SIDES = ("sender", "receiver")
TOLERANCE = 0.01  # of the payload

KERNELS = ("5.10", "6.1", "6.12", "7.2")
PATHS = {"nic": ["--path", "nic"], "veth": ["--path", "veth"], "veth_sg_off": ["--path", "veth", "--offload", "sg=off"],
         "veth_tx_off": ["--path", "veth", "--offload", "tx=off"], "nic_sg_off": ["--path", "nic", "--offload", "sg=off"],
         "nic_tx_off": ["--path", "nic", "--offload", "tx=off"], "file": ["--path", "file"]}
NAMES = {path: path.replace("_", ", ", 1).replace("_", " ") for path in PATHS}  # "veth, sg off"


def methods(path):
    """`all` leaves out what the kernel lacks, and what does not go there."""
    return [method["name"] for method in json.loads(support.run("list", "--json").out) if path in method["paths"]]


def clear_copies(data, side):
    """Bytes that zctrace counted of those that the witness can know by their value: encrypted they are others. Nothing
    where all of them are encrypted."""
    run = data["run"]
    encrypts = run["method"] == "openssl_write"  # by itself
    if side == "sender":
        return support.moved(data, side=side, by="cpu", **{"from": "page cache"} if encrypts else {})
    if encrypts or run.get("kernel_tls") or not data["ledger"].get("received_bytes"):
        return None
    return support.moved(data, side=side, by="cpu")


class Row:
    """One transfer: what zctrace counted and what the witness did, per byte of the payload."""

    def __init__(self, kernel, path, data, seen):
        self.kernel, self.method, self.path, self.seen = kernel, data["run"]["method"], path, seen
        counted = {side: clear_copies(data, side) for side in SIDES}
        self.counted = {side: copied / SIZE for side, copied in counted.items() if copied is not None}
        self.witnessed = {side: seen.sides[side] / SIZE for side in SIDES}
        if path == "file":  # nobody receives it
            self.witnessed["sender"] += self.witnessed.pop("receiver")
            self.counted.pop("receiver", None)
        self.others = {side: seen.sides[side] / SIZE for side in ("driver", "cipher", "unknown", "program")}

    def difference(self, side):
        return self.counted[side] - self.witnessed[side]

    def __str__(self):
        cells = [self.method, NAMES[self.path], self.kernel]
        for side in SIDES:
            if side in self.counted:
                cells += [f"{self.counted[side]:.4f}", f"{self.witnessed[side]:.4f}"]
                cells.append(f"{100 * self.difference(side):+.2f} %")
            else:
                cells += ["", "", ""]
        cells += [f"{self.others[side]:.4f}" for side in ("driver", "program")]
        return f"| {' | '.join(cells)} |"

    def ways(self, most=12):
        """For whoever looks for the difference."""
        return "\n".join(f"  {count / SIZE:.4f} {side}: {' < '.join([function, *callers])}"
                         for (side, function, callers), count in self.seen.ways.most_common(most))


class Oracle:
    def compare(self, kernel, wanted):
        """wanted: path -> methods. Into a file each has a payload of its own: no connection tells them apart."""
        runs = {path: (path, names) for path, names in wanted.items() if path != "file"}
        runs |= {f"file_{name}": ("file", [name]) for name in wanted.get("file", ())}
        arguments = {run: [*names, *PATHS[path], "--skip-missing"] for run, (path, names) in runs.items()}
        for run, transfers in witness.witnessed(kernel, SIZE, arguments).items():
            path = runs[run][0]
            for data, seen in transfers:
                row = Row(kernel, path, data, seen)
                print(row, flush=True)
                with self.subTest(kernel=kernel, method=row.method, path=path):
                    self.check(row)

    def check(self, row):
        self.assertIn("sender", row.counted)
        for side in row.counted:
            self.assertLess(abs(row.difference(side)), TOLERANCE, f"{side}: {row}\n{row.ways()}")
        self.assertLess(row.others["unknown"], TOLERANCE, f"whose?\n{row.ways()}")


class Subset(Oracle, support.CleanTest):
    def test_on_6_12(self):
        self.compare("6.12", {"nic": ["read_write"], "veth_sg_off": ["sendfile", "mmap_write"]})


class Whole(Oracle, support.CleanTest):
    """test_nic_on_5_10 and so on."""


def add_to_whole(kernel, name, wanted):
    def test(self):
        self.compare(kernel, wanted())

    setattr(Whole, f"test_{name}_on_{kernel.replace('.', '_')}", test)


for version in KERNELS:
    for road in ("nic", "veth"):
        add_to_whole(version, road, lambda road=road: {road: ["all"]})
    add_to_whole(version, "file", lambda: {"file": methods("file")})
    add_to_whole(version, "offload", lambda: {road: ["read_write", "sendfile"] for road in PATHS if "_" in road})


if __name__ == "__main__":
    support.main()
