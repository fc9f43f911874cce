"""How many instructions the kernel's verifier goes through for each program of ours: loading takes that long, and beyond a
million it refuses. A growth of a tenth is to be seen here, and wanted.

verifier.json holds them by kernel; ZCTRACE_UPDATE_GOLDEN=1 writes it anew, ZCTRACE_KERNELS=6.1,6.12,7.2 asks those kernels.
5.10 does not tell.
"""

import collections
import json
import os
import pathlib
import re

import lab_support as support

RECORD = pathlib.Path(__file__).with_name("verifier.json")
KERNELS = os.environ.get("ZCTRACE_KERNELS", "6.12").split(",")
# Those of small programs may change by a few.
FEW = 500
ASK = "grep -hE '^(prog_id|verified_insns):' /proc/$PPID/fdinfo/*; echo ---; bpftool -j prog show"


def instructions(kernel):
    """By program's name, of which the kernel keeps 15 characters."""
    result = support.run("exec", "--quiet", "--kernel", kernel, "--", "sh", "-c", ASK)
    told, programs = result.out.split("---")
    names = {program["id"]: program.get("name", "") for program in json.loads(programs)}
    verified = collections.Counter()
    for number, count in re.findall(r"prog_id:\s*(\d+)\nverified_insns:\s*(\d+)", told):
        verified[names[int(number)]] += int(count)
    return dict(sorted(verified.items()))


class Verifier(support.CleanTest):
    def test_no_program_has_grown_by_a_tenth(self):
        record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        for kernel in KERNELS:
            support.need_lab(kernel)
            with self.subTest(kernel=kernel):
                now = instructions(kernel)
                self.assertGreater(len(now), 50)
                if os.environ.get("ZCTRACE_UPDATE_GOLDEN"):
                    record[kernel] = now
                    continue
                then = record[kernel]
                grown = {name: (then[name], count) for name, count in now.items()
                         if name in then and count > then[name] * 1.1 + FEW}
                self.assertEqual(grown, {}, "more than a tenth: ZCTRACE_UPDATE_GOLDEN=1 if that is wanted")
                self.assertLess(sum(now.values()), sum(then.values()) * 1.1)
        if os.environ.get("ZCTRACE_UPDATE_GOLDEN"):
            RECORD.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    support.main()
