"""Whom zctrace traces: processes by number, name, cgroup, unit and container, and the whole machine; and whose the bytes
of a flow were."""

import json
import pathlib
import subprocess
import sys

import lab_support as support

HERE = pathlib.Path(__file__).parent
WORK = "/tmp/zctrace-whom/"


class Whom(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        support.need_lab("6.12")
        command = [support.ZCTRACE.parent / "zctrace-in-guest", *support.PROGRAMS_LOADED, "6.12", sys.executable, HERE / "whom_in_guest.py",
                   support.ZCTRACE]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=False, cwd=support.SCRATCH,
                              env=support.environment())
        if done.returncode:
            raise AssertionError(f"the guest's status is {done.returncode}\n{done.stdout.decode()}")
        cls.found = json.loads(done.stdout)

    def read(self, name):
        """Of a trace, the readers' files: name -> the processes that read it."""
        result = self.found[name]
        self.assertEqual(result["status"], 0, result["err"])
        support.validated(result["document"])
        files = {}
        for flow in result["document"]["ledger"]["flows"]["list"]:
            place = flow["from"]["name"]
            if place.startswith(WORK) and flow["bytes"] >= 65536 and "." not in place:
                files.setdefault(place.removeprefix(WORK), []).append(flow["process"])
        return files

    def test_a_cgroup_and_who_joins_it(self):
        files = self.read("cgroup")
        self.assertEqual(set(files), {"in_one", "born_in_one", "moved_to_one"})
        # What was moved out of it is not traced on.
        last = {flow["from"]["name"]: flow["parts"][0]["last_ns"]
                for flow in self.found["cgroup"]["document"]["ledger"]["flows"]["list"]}
        self.assertLess(last[WORK + "in_one"] + 500_000_000, last[WORK + "born_in_one"])
        self.assertEqual(self.found["cgroup"]["document"]["run"]["command"], ["--cgroup", "/sys/fs/cgroup/wanted.slice"])

    def test_a_unit(self):
        files = self.read("unit")
        self.assertEqual(set(files), {"born_in_one", "moved_to_one"})
        self.assertEqual({process["unit"] for of in files.values() for process in of}, {"one.service"})

    def test_a_container_by_its_name(self):
        files = self.read("container")
        self.assertEqual(set(files), {"in_container"})
        self.assertEqual(files["in_container"][0]["container"], "web")

    def test_several_processes(self):
        pids = self.found["pids_of"]
        files = self.read("pids")
        self.assertEqual(set(files), {"in_other", "called", "in_container"})
        for file, of in (("in_other", "second"), ("called", "called"), ("in_container", "container")):
            self.assertEqual([process["pid"] for process in files[file]], [pids[of]])

    def test_a_name(self):
        files = self.read("comm")
        self.assertEqual(set(files), {"called", "called_later"})
        self.assertEqual({process["command"] for of in files.values() for process in of}, {"zcwanted"})

    def test_the_whole_machine_without_ourselves(self):
        files = self.read("all")
        self.assertLessEqual({"in_one", "in_other", "called", "in_container", "of_all"}, set(files))
        whose = {flow["process"]["command"] for flow in self.found["all"]["document"]["ledger"]["flows"]["list"]
                 if "process" in flow}
        self.assertNotIn("zctrace", whose)
        self.assertIn("zcwanted", whose)
        self.assertIn("in_one", self.found["top"]["out"])

    def test_each_program_of_a_pipeline_has_its_own_memory(self):
        result = self.found["shell"]
        self.assertEqual(result["status"], 0, result["err"])
        flows = support.validated(result["document"])["ledger"]["flows"]["list"]
        readers = {flow["process"]["command"]: flow["bytes"] for flow in flows if flow["from"]["kind"] == "pipe"}
        self.assertEqual(readers, {"cmp": 60000})
        files = {flow["process"]["command"] for flow in flows if flow["from"]["name"] == WORK + "left"}
        self.assertEqual(files, {"head", "cmp"})

    def test_many_of_one_name_are_told_together(self):
        flows = self.found["shell"]["document"]["ledger"]["flows"]["list"]
        cats = [flow for flow in flows if flow["from"]["name"] == WORK + "often"]
        self.assertEqual({flow["process"]["command"] for flow in cats}, {"cat"})
        self.assertEqual(sorted(flow["process"].get("count", 1) for flow in cats), [1] * 8 + [4])
        self.assertEqual(sum(flow["bytes"] for flow in cats), 12 * 65536)

    def test_metrics_name_process_and_container(self):
        labels = [line for line in self.found["metrics"]["text"].splitlines()
                  if line.startswith("zctrace_flow_bytes_total") and "in_container" in line]
        self.assertEqual(len(labels), 1)
        self.assertIn('container="web"', labels[0])
        self.assertIn('comm="', labels[0])
        self.assertNotIn("pid", labels[0])

    def test_what_is_not_there_is_said(self):
        for name, status, *words in (("no_pid", 1, "there is no process 4194300"), ("bad_pid", 2, "'x'"),
                                     ("no_comm", 1, "no process is called 'nobody-is-cal"),
                                     ("no_unit", 1, "no unit nginx.service is running", "systemctl"),
                                     ("no_cgroup", 1, "there is no cgroup /not/there", "find /sys/fs/cgroup"),
                                     ("no_container", 1, "no container db is running here", "podman ps"),
                                     ("nothing", 2, "nothing to trace was given", "--unit")):
            with self.subTest(name):
                result = self.found[name]
                self.check_error(support.Result(result["status"], result["out"], result["err"]), status, *words)


if __name__ == "__main__":
    support.main()
