"""Reads a data frame out of an R package's lazy-load database (`Rdata.rdx`, `Rdata.rdb`), without R.

Format: R Internals, "Serialization Formats" (XDR); blocks are four bytes of length, then zlib (or a letter and bz2, xz).
"""

import bz2
import gzip
import lzma
import struct
import zlib

NIL, GLOBAL, REFERENCE, SYMBOL, PAIRLIST, CHARS = 254, 253, 255, 1, 2, 9
LOGICAL, INTEGER, REAL, STRINGS, LIST = 10, 13, 14, 16, 19
MISSING_INTEGER = -(1 << 31)
#: The bits of R's missing number.
MISSING_REAL = 0x7FF00000000007A2


class Reader:
    """Reads one serialised value."""

    def __init__(self, data):
        if data[:2] != b"X\n":
            raise ValueError("not an XDR serialisation")
        self.data, self.at, self.symbols = data, 2, []
        version, _, _ = self.numbers(3)
        if version == 3:
            (length,) = self.numbers(1)
            self.at += length

    def numbers(self, count):
        """Whole numbers of four bytes."""
        found = struct.unpack_from(f">{count}i", self.data, self.at)
        self.at += 4 * count
        return found

    def value(self):
        """The next value: a list, a dictionary `{"values", "attributes"}`, a string or None."""
        (flags,) = self.numbers(1)
        kind, has_attributes, has_tag = flags & 0xFF, flags & 0x200, flags & 0x400
        if kind in (NIL, GLOBAL, 242, 241, 251, 250):
            return None
        if kind == REFERENCE:
            return self.symbols[(flags >> 8 or self.numbers(1)[0]) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.value())
            return self.symbols[-1]
        if kind == PAIRLIST:
            return self.pairs(has_attributes, has_tag)
        if kind == CHARS:
            (length,) = self.numbers(1)
            self.at += max(length, 0)
            return None if length < 0 else self.data[self.at - length : self.at].decode("utf-8", "replace")
        if kind == 238:
            return self.compact()
        (length,) = self.numbers(1)
        if kind in (LOGICAL, INTEGER):
            values = [None if v == MISSING_INTEGER else v for v in self.numbers(length)]
        elif kind == REAL:
            values = self.reals(length)
        elif kind in (STRINGS, LIST):
            values = [self.value() for _ in range(length)]
        else:
            raise ValueError(f"values of type {kind} are not read")
        attributes = self.value() if has_attributes else None
        return {"values": values, "attributes": dict(attributes or [])}

    def reals(self, length):
        """Numbers of eight bytes, as written with fewest digits; None where missing."""
        bits = struct.unpack_from(f">{length}Q", self.data, self.at)
        values = struct.unpack_from(f">{length}d", self.data, self.at)
        self.at += 8 * length
        return [None if b == MISSING_REAL else v for b, v in zip(bits, values)]

    def pairs(self, has_attributes, has_tag):
        """A pairlist as pairs (name, value)."""
        found = []
        while True:
            if has_attributes:
                self.value()
            name = self.value() if has_tag else None
            found.append((name, self.value()))
            (flags,) = self.numbers(1)
            if flags & 0xFF != PAIRLIST:
                return found
            has_attributes, has_tag = flags & 0x200, flags & 0x400

    def compact(self):
        """A sequence kept as length, start, step, or a string vector kept elsewhere."""
        about, state, _ = self.value(), self.value(), self.value()
        name = about[0][1]
        if name in ("compact_intseq", "compact_realseq"):
            count, start, step = state["values"]
            return {"values": [int(start + i * step) for i in range(int(count))], "attributes": {}}
        if name == "deferred_string":
            return {"values": [str(v) for v in state[0][1]["values"]], "attributes": {}}
        if name.startswith("wrap_"):
            return state["values"][0] if isinstance(state, dict) else state[0][1]
        raise ValueError(f"values of class {name} are not read")


def unpacked(block):
    """A block of the database."""
    letter = block[4:5]
    if letter == b"2":
        return bz2.decompress(block[5:])
    if letter == b"Z":
        return lzma.decompress(block[5:], format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
    return zlib.decompress(block[4:])


def frame(index, database, name):
    """The columns of the data frame `name`, by name; factors as their labels. `index` and `database` are bytes."""
    data = gzip.decompress(index) if index[:2] == b"\x1f\x8b" else zlib.decompress(index)
    variables = dict(zip_names(Reader(data).value()))["variables"]
    offset, length = dict(zip_names(variables))[name]["values"]
    table = Reader(unpacked(database[offset : offset + length])).value()
    columns = {}
    for column, found in zip_names(table):
        labels = found["attributes"].get("levels")
        values = found["values"]
        columns[column] = [None if v is None else labels["values"][v - 1] for v in values] if labels else values
    return columns


def zip_names(value):
    """Pairs (name, member) of a named list."""
    return zip(value["attributes"]["names"]["values"], value["values"])
