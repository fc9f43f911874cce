"""`zctrace export` as a command: what goes where, and what is refused."""

import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "lab"))

import lab_support as support  # noqa: E402
import recordings  # noqa: E402

ONE_BYTE = HERE / "one_byte.json"


class Export(support.CleanTest):
    def export(self, *arguments, **more):
        return support.run("export", *arguments, **more)

    def test_the_ending_says_the_format(self):
        for ending, start in ((".pftrace", b"\n"), (".perfetto-trace", b"\n"), (".trace.json", b"{"), (".csv", b"run,")):
            target = support.SCRATCH / f"out{ending}"
            result = self.export(ONE_BYTE, "-o", target)
            self.assertEqual((result.status, result.out, result.err), (0, "", ""))
            self.assertTrue(target.read_bytes().startswith(start), ending)

    def test_a_chart_named_png_is_one(self):
        target = support.SCRATCH / "chart.png"
        result = support.run("chart", ONE_BYTE, "--form", "slide", "-o", target)
        self.assertEqual((result.status, result.out, result.err), (0, "", ""))
        head = target.read_bytes()[:24]
        self.assertTrue(head.startswith(b"\x89PNG\r\n"))
        self.assertEqual(struct.unpack(">II", head[16:]), (2560, 1440))
        sequence = support.run("chart", ONE_BYTE, "--form", "slide", "--kind", "sequence")
        self.check_error(sequence, 2, "no slide of a sequence")

    def stand_in(self, **programs):
        """A PATH of these shell scripts."""
        folder = support.SCRATCH / self.id()
        folder.mkdir()
        for name, script in programs.items():
            (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name.replace("_", "-")).chmod(0o755)
        return folder, {"PATH": f"{folder}:/usr/bin:/bin"}

    def test_a_film_is_the_frames_of_its_picture(self):
        """Of ffmpeg and rsvg-convert only what they are given: their own work is slow, and theirs to test."""
        folder, env = self.stand_in(rsvg_convert="exec cat",
                                    ffmpeg='echo "$@" >>"$0.words"; cat >"$0.frames"; printf "a film" >"/dev/fd/3"')
        target = support.SCRATCH / "a.gif"
        result = support.run("chart", ONE_BYTE, "--animate", "-o", target, env=env)
        self.assertEqual((result.status, result.out, result.err), (0, "", ""))
        self.assertEqual(target.read_text(), "a film")
        words = (folder / "ffmpeg.words").read_text().splitlines()
        self.assertEqual(["-framerate 12.5 " in line for line in words], [True] * 2)  # its colours come first
        frames = (folder / "ffmpeg.frames").read_text().split("</svg>")[:-1]
        self.assertIn(">all transferred<", frames[-1])
        copied = [re.search(">copied by the CPU: ([^<]*)<", frame)[1] for frame in frames]
        rows = json.loads(ONE_BYTE.read_text())["ledger"]["copies"]
        total = sum(row["bytes"] for row in rows if (row["side"], row["by"]) == ("sender", "cpu"))
        self.assertEqual((copied[0], copied[-1]), ("0 B", f"{total} B"))
        self.assertGreaterEqual(frames.count(frames[-1]), 62)  # it stands still for five seconds
        self.assertEqual([path.name for path in support.SCRATCH.glob(".zctrace*")], [])
        # What fails leaves what was there.
        (folder / "ffmpeg").write_text("#!/bin/sh\necho no such encoder >&2; printf half >/dev/fd/3; exit 8\n")
        self.check_error(support.run("chart", ONE_BYTE, "-o", target, env=env), 1, "ffmpeg: no such encoder")
        self.assertEqual(target.read_text(), "a film")

    def test_a_film_that_cannot_be_made(self):
        target = support.SCRATCH / "no.mp4"
        _, env = self.stand_in(rsvg_convert="echo no fonts >&2; exit 1", ffmpeg="exit 0")
        self.check_error(support.run("chart", ONE_BYTE, "-o", target, env=env), 1, "rsvg-convert: no fonts")
        self.check_error(support.run("chart", ONE_BYTE, "-o", target, "--kind", "sequence"), 2, "the data path alone can move")
        self.check_error(support.run("chart", ONE_BYTE, "-o", "a.png", "--animate"), 2, "a PNG does not move", "NAME.mp4")
        self.check_error(support.run("chart", ONE_BYTE, "-o", "a.pdf"), 2, "'a.pdf': chart draws SVG, PNG, MP4 and GIF", "NAME.png")
        self.assertFalse(target.exists())

    @unittest.skipUnless(shutil.which("ffmpeg") and shutil.which("ffprobe"), "needs ffmpeg")
    def test_ffmpeg_makes_a_film_of_them(self):
        frame = support.SCRATCH / "frame.png"
        drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="101" height="51"/>'
        subprocess.run(["rsvg-convert", "-o", frame], input=drawing, check=True)
        _, env = self.stand_in(rsvg_convert=f"exec cat {frame}")  # one for all: to draw each takes long
        for name, told in (("real.gif", "^gif,101,51,25/2"), ("real.mp4", "^h264,100,50,25/1")):
            target = support.SCRATCH / name
            result = support.run("chart", ONE_BYTE, "-o", target, env=env)
            self.assertEqual((result.status, result.out, result.err), (0, "", ""))
            probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height,avg_frame_rate", "-of",
                     "csv=p=0"]
            self.assertRegex(subprocess.run([*probe, target], capture_output=True, check=True).stdout.decode(), told)

    def test_no_format(self):
        self.check_error(self.export(ONE_BYTE), 2, "--format perfetto|chrome|csv")
        self.check_error(self.export(ONE_BYTE, "-o", "out.json"), 2, "--format", ".trace.json")
        self.check_error(self.export(ONE_BYTE, "--format", "pdf"), 2, "perfetto", "chrome", "csv")

    def test_standard_output_and_input(self):
        target = support.SCRATCH / "out.trace.json"
        self.assertEqual(self.export(ONE_BYTE, "-o", target).status, 0)
        with ONE_BYTE.open("rb") as source:
            result = self.export("-", "--format", "chrome", "-o", "-", stdin=source)
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(result.out, target.read_text())

    def test_no_binary_on_a_terminal(self):
        master, terminal = pty.openpty()
        result = self.export(ONE_BYTE, "--format", "perfetto", stdout=terminal)
        os.close(terminal)
        self.assertEqual(result.status, 2, result)
        self.assertIn("-o NAME.pftrace", result.err)
        with self.assertRaises(OSError):  # nothing was written, and nobody is there to write
            os.read(master, 1)
        os.close(master)

    def test_whole_or_not_at_all(self):
        damaged = support.SCRATCH / "damaged.json"
        damaged.write_text(ONE_BYTE.read_text() + ONE_BYTE.read_text()[:-100])
        for form in ("perfetto", "chrome", "csv"):
            target = support.SCRATCH / f"whole.{form}"
            self.check_error(self.export(damaged, "--format", form, "-o", target), 1, "damaged.json", "is truncated")
            self.assertFalse(target.exists())
            target.write_text("older")
            self.check_error(self.export(damaged, "--format", form, "-o", target), 1, "is truncated")
            self.assertEqual(target.read_text(), "older")

    def test_the_recording_is_not_overwritten(self):
        recording = support.SCRATCH / "only.json"
        text = ONE_BYTE.read_text()
        recording.write_text(text)
        self.check_error(self.export(recording, "--format", "chrome", "-o", recording), 2, "only.json", "-o")
        self.assertEqual(recording.read_text(), text)

    def test_what_is_no_recording(self):
        for name, content in (("empty", ""), ("foreign", '{"traceEvents":[]}'), ("text", "hello"),
                              ("newer", ONE_BYTE.read_text().replace("timeline/1", "timeline/99"))):
            path = support.SCRATCH / f"{name}.json"
            path.write_text(content)
            for form in ("perfetto", "chrome", "csv"):
                result = self.export(path, "--format", form, "-o", support.SCRATCH / "none")
                self.check_error(result, 1, f"{name}.json")
        self.check_error(self.export("missing.json", "--format", "csv"), 1, "missing.json", "No such file")
        self.assertFalse((support.SCRATCH / "none").exists())

    def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            result = self.export(ONE_BYTE, "--format", "csv", stdout=full)
        self.assertEqual(result.status, 1, result)
        self.assertIn("standard output", result.err)

    def test_language_does_not_matter(self):
        """Files for programs are in English."""
        for form in ("perfetto", "chrome", "csv"):
            here, there = support.SCRATCH / f"en.{form}", support.SCRATCH / f"zh.{form}"
            self.assertEqual(self.export(ONE_BYTE, "--format", form, "-o", here).status, 0)
            self.assertEqual(self.export("--lang", "zh", ONE_BYTE, "--format", form, "-o", there).status, 0)
            self.assertEqual(here.read_bytes(), there.read_bytes())

    def test_a_million_events(self):
        """In a few seconds, and in memory that does not grow with them."""
        source = support.SCRATCH / "million.json"
        data = recordings.read_write().document()
        call = {"t": 0, "kind": "syscall", "side": "sender", "task": 175, "cpu": 1, "dur": 900, "name": "read", "ret": 1,
                "copies": [recordings.folded("page cache", "user buffer", "cpu", "_copy_to_iter", 100)]}
        data["events"] = []
        head, tail = json.dumps(data).split('"events": []')
        with source.open("w") as out:
            out.write(head + '"events": [')
            out.writelines(f"{json.dumps(dict(call, t=1000 * i))}{',' if i < 999_999 else ''}\n" for i in range(10**6))
            out.write("]" + tail)
        for form in ("perfetto", "chrome"):
            before = os.times()
            result = self.export(source, "--format", form, "-o", "/dev/null",
                                 wrapper=("prlimit", f"--data={64 << 20}"))
            after = os.times()
            self.assertEqual((result.status, result.err), (0, ""))
            spent = after.children_user + after.children_system - before.children_user - before.children_system
            self.assertLess(spent, 20, form)


if __name__ == "__main__":
    support.main()
