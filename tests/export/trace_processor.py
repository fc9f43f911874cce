"""Perfetto's own trace processor, as Debian's chromium-shell brings it: it reads Perfetto's protobuf and Chrome's JSON
as ui.perfetto.dev does, and answers SQL.

The library is there for Chromium's tests: one C++ class, three of whose functions are called here by their mangled
names. Their arguments are libc++ strings and vectors, which are a few words each.
"""

import ctypes
import pathlib
import unittest

LIBRARY = pathlib.Path("/usr/lib/chromium/libtest_trace_processor.so")
CLASS = "_ZN4base4test22TestTraceProcessorImpl"
PARSE = CLASS + "10ParseTraceERKNSt3__16vectorIcNS2_9allocatorIcEEEE"
QUERY = (CLASS.replace("_ZN", "_ZNK")
         + "12ExecuteQueryERKNSt3__112basic_stringIcNS2_11char_traitsIcEENS2_9allocatorIcEEEE")

ROOM = 256  # more than any of the objects takes


class Vector(ctypes.Structure):
    _fields_ = [("begin", ctypes.c_void_p), ("end", ctypes.c_void_p), ("room", ctypes.c_void_p)]

    def items(self, size):
        return range(self.begin or 0, self.end or 0, size)


class String(ctypes.Structure):
    """A long one; short ones lie inside these 24 bytes, with twice their length in the first."""

    _fields_ = [("room", ctypes.c_uint64), ("size", ctypes.c_uint64), ("data", ctypes.c_void_p)]


def string_at(address):
    raw = ctypes.string_at(address, ctypes.sizeof(String))
    if raw[0] & 1:
        long = String.from_address(address)
        return ctypes.string_at(long.data, long.size).decode()
    return raw[1 : 1 + (raw[0] >> 1)].decode()


def need_trace_processor():
    if not LIBRARY.exists():
        raise unittest.SkipTest("no trace processor: apt install chromium-shell")


class TraceProcessor:
    def __init__(self, path):
        self.library = ctypes.CDLL(str(LIBRARY))
        self.this = ctypes.create_string_buffer(ROOM)
        self.call(CLASS + "C1Ev", self.this)
        data = pathlib.Path(path).read_bytes()
        buffer = ctypes.create_string_buffer(data, len(data))
        begin = ctypes.addressof(buffer)
        status = ctypes.create_string_buffer(ROOM)
        self.call(PARSE, status, self.this, Vector(begin, begin + len(data), begin + len(data)))
        if not status.raw[0]:
            raise AssertionError(f"{path} cannot be read: {string_at(ctypes.addressof(status) + 8)}")
        broken = self.rows("SELECT name, idx, value FROM stats WHERE value > 0 AND severity <> 'info'")
        if broken:
            raise AssertionError(f"{path} was read with problems: {broken}")

    def call(self, name, *arguments):
        function = self.library[name]
        function.restype = None
        function.argtypes = [ctypes.c_void_p] * len(arguments)
        function(*map(ctypes.addressof, arguments))

    def rows(self, sql):
        """Tuples of numbers, texts and None."""
        text = sql.encode()
        characters = ctypes.create_string_buffer(text)
        result = ctypes.create_string_buffer(ROOM)
        self.call(QUERY, result, self.this, String((len(text) + 1) | 1, len(text), ctypes.addressof(characters)))
        address = ctypes.addressof(result)
        error = string_at(address + ctypes.sizeof(Vector))
        if error:
            raise AssertionError(f"{sql}\n{error}")
        cells = [[string_at(cell) for cell in Vector.from_address(row).items(ctypes.sizeof(String))]
                 for row in Vector.from_address(address).items(ctypes.sizeof(Vector))]
        return [tuple(map(value, row)) for row in cells[1:]]  # the first holds the columns' names


def value(cell):
    if cell == "[NULL]":
        return None
    try:
        return int(cell)
    except ValueError:
        return cell
