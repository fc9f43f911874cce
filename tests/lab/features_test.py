"""A kernel feature that is switched off: zctrace does what it does on a kernel without, and its figures stay true."""

import lab_support as support


def without(features):
    return {"ZCTRACE_WITHOUT": features}


class SwitchedOff(support.CleanTest):
    def setUp(self):
        super().setUp()
        support.need_lab("6.12")

    def document_without(self, features):
        path = support.SCRATCH / f"{self.id()}.json"
        result = support.run("run", "mmap_write", "--kernel", "6.12", "-o", path, env=without(features))
        self.assertEqual(result.status, 0, result.err)
        return support.document(path)

    def test_without_bpf_find_vma_a_run_is_exact(self):
        data = self.document_without("bpf_find_vma")
        self.check_exact(data)
        self.check_copies_per_byte(data, 1)

    def test_without_breakpoints_copies_are_counted_by_the_sum(self):
        self.assertEqual(self.document_without("breakpoints")["run"]["evidence"]["mechanism"], "fentry")

    def test_without_fentry_copies_are_inferred(self):
        self.assertEqual(self.document_without("fentry")["run"]["evidence"]["mechanism"], "syscalls")

    def test_unknown_name_is_refused(self):
        result = support.run("run", "mmap_write", "--kernel", "6.12", env=without("bpf_find_vna"))
        self.assertEqual(result.status, 2, result)
        self.assertIn('unknown feature "bpf_find_vna"', result.err)


if __name__ == "__main__":
    support.main()
