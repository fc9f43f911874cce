"""A kernel with less than zctrace can use: a feature switched off, or an administrator's strictest settings. It does what
it does on a kernel without, and its figures stay true; so they do when the clock is set."""

import lab_support as support

RUN = [support.ZCTRACE, "run", "mmap_write", "--kernel", "host", "--json"]
STRICT = "cd /proc/sys/kernel; echo 2 >kptr_restrict; echo 3 >perf_event_paranoid; echo 2 >unprivileged_bpf_disabled; " \
         "exec \"$@\""
CLOCK = "(sleep 0.5; date -s '+2 hours'; sleep 0.5; date -s '-5 hours') >/dev/null & " \
        "$1 exec --kernel host --quiet -o /tmp/clock -- sh -c 'sleep 2; head -c 10000 /dev/zero >/tmp/x' && cat /tmp/clock"


def without(features):
    return ["/usr/bin/env", f"ZCTRACE_WITHOUT={features}", *RUN]


class Lesser(support.CleanTest):
    @classmethod
    def setUpClass(cls):
        cls.results = support.in_one_guest(
            "6.12", find_vma=without("bpf_find_vma"), breakpoints=without("breakpoints"), fentry=without("fentry"),
            clock=["/bin/sh", "-c", CLOCK, "-", support.ZCTRACE], strict=["/bin/sh", "-c", STRICT, "-", *RUN])

    def data(self, name):
        (data,) = support.measured(self.results[name]).values()
        return data

    def test_without_bpf_find_vma_a_run_is_exact(self):
        data = self.data("find_vma")
        self.check_exact(data)
        self.check_copies_per_byte(data, 1)

    def test_without_breakpoints_copies_are_counted_by_the_sum(self):
        self.assertEqual(self.data("breakpoints")["run"]["evidence"]["mechanism"], "fentry")

    def test_without_fentry_copies_are_inferred(self):
        self.assertEqual(self.data("fentry")["run"]["evidence"]["mechanism"], "syscalls")

    def test_with_the_strictest_settings_copies_are_counted_by_the_sum(self):
        """No address is told, and so no breakpoint can be set."""
        data = self.data("strict")
        evidence = data["run"]["evidence"]
        self.assertEqual((evidence["copies"], evidence["mechanism"]), ("exact", "fentry"))
        self.assertIn("note_no_breakpoints", [note["id"] for note in evidence["notes"]])
        self.check_copies_per_byte(data, 1)

    def test_a_clock_that_is_set_changes_no_time(self):
        (data,) = support.documents(self.results["clock"].out)
        self.assertTrue(data["run"]["complete"])
        self.assertTrue(2e9 < data["run"]["duration_ns"] < 60e9, data["run"]["duration_ns"])
        times = [event["t"] for event in data["events"]]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(times[-1], data["run"]["duration_ns"])


class Names(support.CleanTest):
    def test_unknown_name_is_refused(self):
        result = support.run("run", "mmap_write", "--kernel", "6.12", env={"ZCTRACE_WITHOUT": "bpf_find_vna"})
        self.assertEqual(result.status, 2, result)
        self.assertIn('unknown feature "bpf_find_vna"', result.err)


if __name__ == "__main__":
    support.main()
