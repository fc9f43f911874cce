"""Which code copies: the stacks of copies, of programs with and without frame pointers, on old and new kernels."""

import collections
import json
import os
import pathlib
import subprocess
import sys

import lab_support as support

SOURCE = r"""
#include <fcntl.h>
#include <unistd.h>
static char buffer[65536];
__attribute__((noinline)) long copy_chunk(int in, int out) {
  long bytes = read(in, buffer, sizeof buffer);
  if (bytes > 0) bytes = write(out, buffer, bytes);
  asm volatile("" ::: "memory");
  return bytes;
}
__attribute__((noinline)) int serve(int in, int out) {
  while (copy_chunk(in, out) > 0)
    ;
  asm volatile("" ::: "memory");
  return 0;
}
int main(int count, char** arguments) {
  int in = open(arguments[1], O_RDONLY), out = open(arguments[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int status = serve(in, out);
  asm volatile("" ::: "memory");
  return status;
}
"""
SIZE = 3 << 20
CHAIN = ["main", "serve", "copy_chunk"]


def frames_of(data, stack):
    """(name, is the kernel's), outermost first."""
    all_frames = data["ledger"]["copy_stacks"]["frames"]
    return [(all_frames[number]["name"], all_frames[number]["kernel"]) for number in stack["frames"]]


def copied_by(data, flow):
    """(bytes, calls, the program's functions, the kernel's, where it ends)"""
    for by in flow["copied_by"]:
        stack = data["ledger"]["copy_stacks"]["stacks"][by["stack"]]
        frames = frames_of(data, stack)
        yield by["bytes"], by["calls"], [name for name, kernel in frames if not kernel], [name for name, kernel in frames if kernel], stack["end"]


def folded(text):
    """Folded stacks with their weights, added up."""
    sums = collections.Counter()
    for line in text.splitlines():
        stack, weight = line.rsplit(" ", 1)
        sums[tuple(stack.split(";"))] += int(weight)
    return sums


class StacksTest(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payload = support.SCRATCH / "payload"
        cls.payload.write_bytes(os.urandom(SIZE))
        source = support.SCRATCH / "chain.c"
        source.write_text(SOURCE)
        cls.programs = {}
        for name, option in ("framed", "-fno-omit-frame-pointer"), ("unframed", "-fomit-frame-pointer"):
            cls.programs[name] = support.SCRATCH / name
            subprocess.run(["gcc", "-O2", option, "-o", cls.programs[name], source], check=True)

    def trace(self, *command, kernel, options=()):
        """Its document, and the file of it."""
        path = support.SCRATCH / f"stacks-{len(list(support.SCRATCH.glob('stacks-*')))}.json"
        result = support.run("exec", "--kernel", kernel, "--stacks", "--quiet", "-o", path, *options, "--", *command)
        self.assertEqual((result.status, result.err), (0, ""))
        [data] = support.documents(path.read_text())
        return data, path

    def flow_of(self, data, name):
        flows = [flow for flow in data["ledger"]["flows"]["list"] if flow["from"]["name"].endswith(name) and flow["bytes"] == SIZE]
        self.assertEqual(len(flows), 1, flows)
        return flows[0]

    def check_chain(self, data):
        """Reading and writing by the same functions, each byte copied in each: to the byte."""
        flow = self.flow_of(data, "payload")
        self.assertEqual(flow["cpu_bytes"], 2 * SIZE)
        self.assertEqual(sum(by["bytes"] for by in flow["copied_by"]), flow["cpu_bytes"])
        stacks = {functions[-1]: (copied, calls, functions, kernel, end) for copied, calls, functions, kernel, end in copied_by(data, flow)}
        self.assertEqual(set(stacks), {"read", "write"})
        for leaf, (copied, calls, functions, kernel, end) in stacks.items():
            self.assertEqual((copied, calls), (SIZE, SIZE >> 16), leaf)
            self.assertEqual(functions[-4:], [*CHAIN, leaf])
            self.assertEqual(end, "whole")
        return stacks

    def test_on_every_kind_of_kernel(self):
        """The oldest verifier and the newest common one; frame pointers or not."""
        for kernel in ("5.10", "6.12"):
            support.need_lab(kernel)
            both = "; ".join(f"{program} {self.payload} /tmp/copy-{name}" for name, program in self.programs.items())
            beside = f"; {self.programs['unframed']} {self.payload} /dev/shm/beside"
            data, path = self.trace("sh", "-c", both + beside, kernel=kernel)
            with self.subTest(kernel=kernel):
                self.check_programs(data, path)

    def check_programs(self, data, path):
        flows = [flow for flow in data["ledger"]["flows"]["list"] if flow["from"]["name"] == str(self.payload)]
        [beside] = [flow for flow in flows if flow["to"]["name"] == "/dev/shm/beside"]
        flows.remove(beside)
        # The same call and function as the others', without the overlay in between: another stack.
        kernels = {functions[-1]: kernel for _, _, functions, kernel, _ in copied_by(data, beside)}
        self.assertIn("vfs_write", kernels["write"])
        self.assertNotIn("ovl_write_iter", kernels["write"])
        self.assertEqual({pathlib.Path(flow["to"]["name"]).name for flow in flows}, {"copy-framed", "copy-unframed"})
        for flow in flows:
            name = pathlib.Path(flow["to"]["name"]).name.removeprefix("copy-")
            with self.subTest(program=name):
                one = json.loads(json.dumps(data))
                one["ledger"]["flows"]["list"] = [flow]
                for leaf, (_, _, _, kernel, _) in self.check_chain(one).items():
                    self.assertIn(f"ksys_{leaf}", kernel)
                    self.assertIn("vfs_" + leaf, kernel)
                    self.assertIn(f"ovl_{leaf}_iter", kernel)
                    # What is hooked is innermost, without the hook's own frames.
                    self.assertFalse([function for function in kernel if function.startswith("bpf")], kernel)
                modules = {pathlib.Path(module["path"]).name: module["build_id"] for module in data["ledger"]["copy_stacks"]["modules"]}
                self.assertRegex(modules[name], "^[0-9a-f]{40}$")
        self.check_shown(data, path)

    def check_shown(self, data, path):
        """The terminal's five heaviest, and folded stacks that hold each copied byte."""
        shown = support.run("show", path)
        self.assertIn("Which code copies", shown.out)
        self.assertRegex(" ".join(shown.out.split()), r"in framed: .*main \(framed\) > serve > copy_chunk > (read|write) \(libc")
        lines = folded(support.run("export", path, "--format", "folded").out)
        self.assertEqual(sum(lines.values()), sum(flow["cpu_bytes"] for flow in data["ledger"]["flows"]["list"]))
        chains = [stack for stack in lines if stack[0] == "framed" and "copy_chunk (framed)" in stack]
        self.assertEqual(sum(lines[stack] for stack in chains), 2 * SIZE)
        self.assertTrue(all(stack[-1].endswith("_[k]") for stack in chains), chains)

    def test_on_this_machine(self):
        """Where the kernel shows no copies: the calls that moved the bytes, as inferred; a program that has ended."""
        support.need_root()
        script = f"import shutil; shutil.copyfileobj(open({str(self.payload)!r}, 'rb'), open({str(support.SCRATCH / 'copied')!r}, 'wb'))"
        data, path = self.trace(sys.executable, "-c", script, kernel="host")
        flow = self.flow_of(data, "payload")
        self.assertEqual(sum(by["bytes"] for by in flow["copied_by"]), flow["cpu_bytes"])
        for copied, _, functions, kernel, end in copied_by(data, flow):
            self.assertIn(functions[-1], ("read", "write", "__read", "__write"))
            self.assertIn("_PyEval_EvalFrameDefault", functions)
            self.assertEqual(end, "whole")
        if data["run"]["evidence"]["copies"] == "inferred":
            self.assertEqual(data["ledger"]["copy_stacks"]["evidence"], "inferred")
            self.assertIn("inferred", support.run("show", path).out)

    def test_without_it(self):
        support.need_root()
        path = support.SCRATCH / "without.json"
        support.run("exec", "--kernel", "host", "--quiet", "-o", path, "--", "cat", self.payload)
        data = json.loads(path.read_text())
        self.assertNotIn("copy_stacks", data["ledger"])
        self.assertFalse([flow for flow in data["ledger"]["flows"]["list"] if "copied_by" in flow])
        self.check_error(support.run("export", path, "--format", "folded"), 1, "holds no stacks", "--stacks")


support.main()
