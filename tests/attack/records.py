"""Records as bad disks, other programs, and malice make them: WFDB, CSV, MATLAB and NumPy files."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from attack.inputs import Input

SAMPLES, RATE_HZ = 40, 250
LEADS = ("I", "II", "V1")


def _words(text: str) -> list[str]:
    return text.split()


HEADER_WORDS = (
    *_words("0 -1 1 2 99 1000000 1000000000000 1e300 1e-300 1e999 nan inf -inf 0.0 0x10 1_0 1.5 1/2"),
    *_words("250/0 250/1e999(0) 16x1000000000 16x0 16:9999 16:999999999999 16+999999999999999 16+4"),
    *_words("212 8 80 61 24 32 310 311 508 516 524 0(0)/mV 1e-400 1e300(0)/mV 200(99999999999)/mV"),
    *_words("200(-2147483648)/uV -200/nV 200/V nan/mV 200()/mV 200/ /mV rec/3 I II µV #"),
    *("../x.dat", "/etc/passwd", "~", "a.mat", "other.dat", "\x1b[2J", "\x00", "\t", ""),
    *("9" * 30, "9" * 70, "9" * 400, "9" * 5000, "x" * 3000, "." * 5000, "1" * 4000 + "x"),
)
"""Written in place of a word of a header."""

CELLS = (
    *_words("nan inf -inf 1e999 1e39 -1e308 1e-999 1_0 0x10 1,5 1;5 \" \"a '1' # mV - 1.2.3"),
    *("", " ", "\x00", "\x1b[31m", "\u202e", "\ufeff", "\uff11", "\r"),
    *("9" * 400, "9" * 5000, "x" * 200_000),
)
"""Written in place of a cell of a table."""

COMMENTS = (
    *(f"# sampling_rate_hz: {rate}" for rate in ("0", "1e300", "nan", "inf", "1e-9", "-500", "", "500 Hz")),
    *("#", "# a: b", "# " + "x" * 300_000, "#" * 5000, "# " + " " * 5000 + ":"),
    *("time_s,I", "t,t,t", ",,,", "I" + ",I" * 5000),
)
"""Put between the lines of a table."""

ROWS = (3, SAMPLES)
NUMPY_ARRAYS: tuple[object, ...] = (
    *(0, -1, 1e300, np.nan, np.inf, "x", "", True, 1 + 2j),
    *(np.zeros(shape) for shape in (3, (0, 5), (2, 0), (2, 3, 4), (2000, 1))),
    *(np.full(ROWS, value) for value in (np.inf, np.nan, 1e300)),
    *(np.zeros(ROWS, kind) for kind in (np.complex64, "M8[s]", ">i2")),
    *(np.zeros(3, "f2"), np.zeros(3, [("a", "i4")]), np.array([b"a", b"b", b"c"])),
    *(np.array(names) for names in (["a", "b", "c"], ["I", "I", "I"], ["\x1b[2J", "", "\n"], ["x" * 50_000] * 3)),
    *(np.array(text) for text in ("{", "[1]", '{"a": NaN}', '{"comments": 3}', "[" * 50_000)),
    *(np.array(text) for text in ('{"comments": ["\\ud800", "\\u0000"], "\\n": "\\n"}', '{"a": ' + "9" * 5000 + "}")),
)
"""Written in place of an array of an archive."""

Files = dict[str, bytes]
Change = Callable[[Files, np.random.Generator], Files]


def mutations(seed: int, number: int) -> Iterator[Input]:
    """A record with one or two faults, so many times; the same for the same seed."""
    rng = np.random.default_rng(seed)
    kinds = list(KINDS)
    for index in range(number):
        kind = kinds[index % len(kinds)]
        original, changes = KINDS[kind]
        names = list(changes)
        chosen = [names[index // len(kinds) % len(names)], *rng.choice(names, size=int(rng.integers(2)))]
        files = original()
        for name in chosen:
            files = changes[name](files, rng)
        yield Input(f"{kind}, {', '.join(chosen)}", files)


def _signal() -> np.ndarray:
    """Whole steps, shape (leads, samples)."""
    time = np.arange(SAMPLES)
    return np.stack([200 * np.sin(time / (3 + lead)) for lead in range(len(LEADS))]).astype(np.int16)


def _header(file_name: str, kind: str) -> bytes:
    lines = [f"rec {len(LEADS)} {RATE_HZ} {SAMPLES} 10:00:00 1/2/2003"]
    lines += [f"{file_name} {kind} 200(0)/mV 16 0 0 0 0 {lead}" for lead in LEADS]
    return "\n".join([*lines, "# Age: 50", "# Sex: F", ""]).encode()


def _wfdb() -> Files:
    return {"rec.hea": _header("rec.dat", "16"), "rec.dat": _signal().T.astype("<i2").tobytes()}


def _wfdb_packed() -> Files:
    """Format 212: two samples in three bytes."""
    steps = _signal().T.reshape(-1).astype(int) & 0xFFF
    first, second = steps[0::2], steps[1::2]
    packed = np.stack([first & 0xFF, (first >> 8) | (second >> 8 << 4), second & 0xFF], axis=1)
    return {"rec.hea": _header("rec.dat", "212"), "rec.dat": packed.astype(np.uint8).tobytes()}


def _csv() -> Files:
    rows = [f"{index / RATE_HZ:g}," + ",".join(map(str, values / 200)) for index, values in enumerate(_signal().T)]
    return {"rec.csv": "\n".join([f"# sampling_rate_hz: {RATE_HZ}", "time_s,I,II,V1", *rows, ""]).encode()}


def _mat() -> Files:
    from scipy.io import savemat

    content = io.BytesIO()
    savemat(content, {"val": _signal()}, do_compression=True)
    return {"rec.mat": content.getvalue(), "rec.hea": _header("rec.mat", "16+24")}


def _mat_4() -> Files:
    from scipy.io import savemat

    content = io.BytesIO()
    savemat(content, {"val": _signal()}, format="4")
    return {"rec.mat": content.getvalue(), "rec.hea": _header("rec.mat", "16+24")}


def _npz() -> Files:
    return {"rec.npz": _archive(_arrays())}


def _arrays() -> dict[str, object]:
    metadata = '{"Age": 50, "comments": ["Sinus rhythm"]}'
    return {
        "signal_mv": _signal() / 200,
        "sampling_rate_hz": float(RATE_HZ),
        "lead_names": np.array(LEADS),
        "metadata": np.array(metadata),
    }


def _archive(arrays: dict[str, object]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def _of(suffix: str, change: Callable[[bytes, np.random.Generator], bytes]) -> Change:
    """A change of the file with a suffix."""

    def changed(files: Files, rng: np.random.Generator) -> Files:
        return {name: change(data, rng) if name.endswith(suffix) else data for name, data in files.items()}

    return changed


def _flipped(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for place in rng.integers(len(data), size=int(rng.integers(1, 9))) if data else ():
        changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _extreme(data: bytes, rng: np.random.Generator) -> bytes:
    """Four bytes that are a size or count as large, or small, as it can be."""
    begin, value = int(rng.integers(len(data) + 1)), rng.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x10000000])
    return data[:begin] + struct.pack("<I", int(value)) + data[begin + 4 :]


def _spliced(data: bytes, rng: np.random.Generator) -> bytes:
    begin, source = (int(place) for place in rng.integers(len(data) + 1, size=2))
    return data[:begin] + data[source : source + int(rng.integers(1, 64))] + data[begin:]


def _word(data: bytes, rng: np.random.Generator) -> bytes:
    """Another word in a line of a header, most often one of the first."""
    lines = data.decode("utf-8", "replace").split("\n")
    index = int(rng.integers(min(len(lines), 4)))
    words = lines[index].split(" ")
    words[int(rng.integers(len(words)))] = _one_of(HEADER_WORDS, rng)
    lines[index] = " ".join(words)
    return "\n".join(lines).encode()


def _header_line(data: bytes, rng: np.random.Generator) -> bytes:
    """Lines more, less or twice."""
    lines = data.split(b"\n")
    place = int(rng.integers(len(lines)))
    many = lines[:1] + lines[1:2] * int(rng.integers(2, 3000))
    others = [many, lines[:place] + lines[place + 1 :], lines + lines[place:], lines[::-1]]
    return b"\n".join(others[int(rng.integers(4))])


def _claims(data: bytes, rng: np.random.Generator) -> bytes:
    """The first line claims other numbers of leads, samples a second and samples."""
    first, _, rest = data.partition(b"\n")
    words = first.split(b" ")
    for index in rng.integers(1, 4, size=2):
        words[min(int(index), len(words) - 1)] = _one_of(HEADER_WORDS, rng).encode()
    return b" ".join(words) + b"\n" + rest


def _cell(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.decode("utf-8", "replace").split("\n")
    index = int(rng.integers(len(lines)))
    cells = lines[index].split(",")
    cells[int(rng.integers(len(cells)))] = _one_of(CELLS, rng)
    lines[index] = ",".join(cells)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _table_line(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    place = int(rng.integers(min(len(lines), 6)))
    return b"\n".join([*lines[:place], _one_of(COMMENTS, rng).encode(), *lines[place + int(rng.integers(2)) :]])


def _array(files: Files, rng: np.random.Generator) -> Files:
    """Another array in place of one, or one less."""
    arrays = _arrays() | {"name": np.array("rec")}
    key = str(rng.choice(list(arrays)))
    arrays[key] = NUMPY_ARRAYS[int(rng.integers(len(NUMPY_ARRAYS)))]
    if rng.random() < 0.1:
        del arrays[str(rng.choice(list(arrays)))]
    return {name: _archive(arrays) for name in files}


def _bomb_npz(files: Files, rng: np.random.Generator) -> Files:
    """Two gigabytes and more of zeros, in a few hundred kilobytes made of a piece that repeats."""
    import zipfile

    key = str(rng.choice(["signal_mv", "lead_names", "metadata", "sampling_rate_hz"]))
    samples = 2**28
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (1, samples)})
    content = io.BytesIO(files["rec.npz"])
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in _arrays().items():
            if name != key:
                part = io.BytesIO()
                np.lib.format.write_array(part, np.asarray(array))
                archive.writestr(f"{name}.npy", part.getvalue())
        with archive.open(f"{key}.npy", "w") as member:
            member.write(head.getvalue() + bytes(2**20))
    claimed = bytearray(content.getvalue())
    if rng.random() < 0.5:  # the table of contents claims as much, the data end before
        place = claimed.rfind(b"PK\x01\x02")
        claimed[place + 24 : place + 28] = struct.pack("<I", 2**31)
    return {"rec.npz": bytes(claimed)}


def _bomb_mat(files: Files, rng: np.random.Generator) -> Files:
    """A packed element that goes on for gigabytes of zeros."""
    packer = zlib.compressobj(9)
    size = 0xFFFFFFF0 if rng.random() < 0.5 else 2**30
    piece = packer.compress(struct.pack("<II", 14, size) + bytes(48 + 2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    repeated = zlib.compressobj(9, wbits=-15)
    block = repeated.compress(bytes(2**20)) + repeated.flush(zlib.Z_FULL_FLUSH)
    packed = piece + block * 1200
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<HH", 0x0100, 0x4D49)
    return files | {"rec.mat": head + struct.pack("<II", 15, len(packed)) + packed}


def _one_of(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _bytes_of(suffix: str) -> dict[str, Change]:
    changes = {"flip": _flipped, "cut": _cut, "extreme": _extreme, "splice": _spliced}
    return {f"{name} {suffix}": _of(suffix, change) for name, change in changes.items()}


OF_HEADER: dict[str, Change] = {
    "word": _of(".hea", _word),
    "claims": _of(".hea", _claims),
    "lines": _of(".hea", _header_line),
}

KINDS: dict[str, tuple[Callable[[], Files], dict[str, Change]]] = {
    "wfdb": (_wfdb, OF_HEADER | _bytes_of(".hea") | _bytes_of(".dat")),
    "wfdb 212": (_wfdb_packed, OF_HEADER | _bytes_of(".dat")),
    "csv": (_csv, {"cell": _of(".csv", _cell), "line": _of(".csv", _table_line)} | _bytes_of(".csv")),
    "mat 5": (_mat, OF_HEADER | _bytes_of(".mat") | {"bomb": _bomb_mat}),
    "mat 4": (_mat_4, OF_HEADER | _bytes_of(".mat")),
    "npz": (_npz, _bytes_of(".npz") | {"array": _array, "other array": _array, "bomb": _bomb_npz}),
}
"""The files of a sound record of each kind, and what is done to them."""
