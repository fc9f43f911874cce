"""What bench/run and bench/compare make of measured rounds."""

import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from lib import comparison, figures, machine, rounds  # noqa: E402
from lib.rounds import Progress  # noqa: E402
from lib.tracers import NothingTraced  # noqa: E402

MACHINE = {"cpu": "a", "cpus": 2, "kernel": "6.12.1", "mechanism": "fentry"}


def result(exec_cpu, machine=MACHINE, peak=100):
    """Rounds of a load, as results keep them: `exec_cpu` ns under zctrace, 100 untraced, 200 on the floor."""
    cells = [{"untraced": {"wall": 100, "cpu": 100, "peak": 1}, "null BPF program": {"wall": 200, "cpu": 200, "peak": 1},
              "strace -f": {"wall": 10 * cpu, "cpu": cpu, "peak": 1}, "zctrace exec": {"wall": cpu, "cpu": cpu, "peak": peak}}
             for cpu in exec_cpu]
    return {"machine": machine, "groups": {"getppid": {"base": "untraced", "unit": "ns", "rounds": cells, "dropped": {}}}}


class Spread(unittest.TestCase):
    def test_is_median_and_quartiles(self):
        self.assertEqual(figures.spread([5, 1, 2, 4, 3]), (2, 3, 4))
        self.assertEqual(figures.spread([7]), (7, 7, 7))

    def test_of_nothing_is_unknown(self):
        self.assertIsNone(figures.spread([]))

    def test_ratios_are_of_one_round(self):
        measured = [{"a": {"cpu": 10}, "b": {"cpu": 5}}, {"a": {"cpu": 30}, "b": {"cpu": 10}}, {"a": {"cpu": 30}, "b": {}}]
        self.assertEqual(figures.ratios(measured, "a", "b", "cpu"), [2, 3])


class Verdict(unittest.TestCase):
    def test_worse_is_a_quarter_more_beyond_the_spread(self):
        self.assertEqual(figures.verdict([10, 10, 11], [13, 13, 14]), "worse")
        self.assertEqual(figures.verdict([10, 10, 11], [12, 12, 12]), "slower")
        self.assertEqual(figures.verdict([10, 10, 11], [8, 8, 9]), "faster")

    def test_quartiles_that_overlap_are_the_same(self):
        self.assertEqual(figures.verdict([10, 10, 20], [8, 14, 14]), "same")

    def test_without_values_it_is_unknown(self):
        self.assertEqual(figures.verdict([], [1]), "unknown")

    def test_one_good_repeat_of_three_is_enough(self):
        self.assertTrue(figures.all_worse([2, 2, 2], [2.5, 2.6, 3]))
        self.assertFalse(figures.all_worse([2, 2, 2], [2.5, 2.4, 3]))
        self.assertFalse(figures.all_worse([2, 2, 2], []))


class Group:
    title, unit, base, variants = "a load", "ns", "a", ("a", "b")

    def __init__(self):
        self.measured = []

    def measure(self, variant):
        self.measured.append(variant)
        return {"wall": len(self.measured)}


class Rounds(unittest.TestCase):
    def measure(self, shares, wanted, traced=lambda: False):
        shares, group = iter(shares), Group()

        class Watch:
            def share(self):
                return next(shares)

        for name, value in (("Watch", Watch), ("others_trace", traced)):
            patch = mock.patch.object(machine, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        return rounds.measure(group, wanted, 0.1, Progress()), group

    def test_others_share_is_of_one_processor(self):
        self.assertAlmostEqual(figures.others_share(busy=3.0, own=2.5, wall=2.0), 0.25)
        self.assertEqual(figures.others_share(busy=1.0, own=1.1, wall=2.0), 0)

    def test_disturbed_rounds_are_dropped_and_repeated(self):
        data, group = self.measure([0.05, 0.3, 0.0], wanted=2)
        self.assertEqual(data["dropped"], {"others took the CPU": 1})
        self.assertEqual(sorted(cells["wall"] for cells in data["rounds"][1].values()), [5, 6])
        self.assertEqual(sorted(group.measured), ["a"] * 3 + ["b"] * 3)

    def test_where_all_are_disturbed_nothing_is_told(self):
        data, _ = self.measure([0.3] * 4, wanted=2)
        self.assertEqual((data["rounds"], data["dropped"]), ([], {"others took the CPU": 4}))

    def test_rounds_in_which_others_trace_are_dropped(self):
        data, _ = self.measure([0.0], wanted=1, traced=iter([False, True, False, False, False]).__next__)
        self.assertEqual((len(data["rounds"]), data["dropped"]), (1, {"others traced system calls": 1}))

    def test_a_tracer_that_saw_nothing_is_no_measure(self):
        with mock.patch.object(Group, "measure", side_effect=NothingTraced("blind")):
            data, _ = self.measure([], wanted=1)
        self.assertEqual((data["rounds"], data["dropped"]), ([], {"blind": 2}))


class Compare(unittest.TestCase):
    def failures(self, old, new):
        return sorted(name for name, *_, fails in comparison.compare(old, new) if fails)

    def test_names_what_is_worse(self):
        self.assertEqual(self.failures(result([300, 300, 310]), result([400, 400, 410])),
                         ["getppid: zctrace exec / null BPF program, cpu", "getppid: zctrace exec / untraced, cpu",
                          "getppid: zctrace exec / untraced, wall"])
        self.assertEqual(self.failures(result([300, 300, 310]), result([310, 310, 310])), [])

    def test_the_peers_are_told_and_fail_nothing(self):
        verdicts = {name: found for name, found, *_ in comparison.compare(result([300, 300]), result([400, 400]))}
        self.assertEqual(verdicts["getppid: strace -f / untraced, wall"], "worse")

    def test_memory_is_compared_on_the_same_machine_only(self):
        old, other = result([300]), {**MACHINE, "cpus": 64}
        self.assertEqual(self.failures(old, result([300], peak=200)), ["getppid: zctrace exec, peak"])
        self.assertEqual(self.failures(old, result([300], other, peak=200)), [])

    def test_the_short_form_needs_three_that_agree(self):
        recorded, file = result([300, 300, 310]), pathlib.Path("recorded.json")
        status = lambda *cpu: comparison.against_recorded(file, recorded, result(cpu)["groups"])  # noqa: E731
        self.assertEqual([status(400, 400, 400), status(400, 310, 400), status(400, 400)], [1, 0, 77])


if __name__ == "__main__":
    unittest.main()
