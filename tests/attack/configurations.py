"""Configurations as slips, merges gone wrong, and malice make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from attack.inputs import Input

ORIGINAL = """\
accumulate: 1
clip_norm: 1.5
schedule:
  name: cosine
  warmup_steps: 10
  min_lr: 1e-5
ema:
  decay: 0.99
guard: {max_skips_in_a_row: 10, max_rollbacks: 3, rate_factor: 0.5}
keep: 2
sync_to: ''
epochs: 4
optim:
  name: adamw
  lr: 0.01
  betas:
  - 0.9
  - 0.999
monitor: accuracy
batch_size: 32
noise_mv: 0.1
"""

VALUES = (
    *("", "~", "true", "no", "'1'", "-1", "0", "1e999", ".inf", "-.inf", ".nan", "1_0", "0x1F", "0o8", "1.5", "2**63"),
    *("9" * 400, "9" * 5000, "-" + "9" * 30, "0x" + "f" * 5000, "1e-400", "0." + "3" * 3000, "1e99999999999"),
    *("[]", "{}", "[1, [2, [3]]]", "{a: {b: c}}", "[" * 4000, "{a: " * 4000, "{? [1] : 2}", "- - - 1", "? ? ? 1"),
    *("!!int x", "!!float ''", "!!bool x", "!!timestamp soon", "!!binary '!'", "!!set {a}", "!!omap [a: 1]", "!x y"),
    *("!!python/object/apply:os.getcwd []", "!!null 1", "2024-13-45", "2024-01-01T99:99:99Z", "=", "<<", "&a", "*a"),
    *("&a [*a]", "*missing", "&" + "a" * 5000 + " 1", "'", '"', '"\\x00"', '"\\e[2J"', '"\\ud800"', "|", ">", "@", "%"),
    *("../../etc", "\u202etxt", "x" * 200_000, "a: b: c", "# nothing", "\ufeff", "\u00e9\u0301", "\U0001f493", "\x85"),
)
"""Written in place of a value."""

LINES = (
    *("optim: 1", "optim:", "epochs: 4", "<<: *a", "<<: [1, 2]", "? [1, 2]\n: 3", "? {a: b}\n: c", "1: 2", "~: 3"),
    *("true: false", "---", "...", "%YAML 1.1", "%YAML 9.9", "%TAG ! tag:x,2000:", "\t", "- a", "x", "optim.lr: 1"),
    *("lr: 1", "&a a: 1", "'\\n': 1", '"\\e[31m": 1', "k" * 100_000 + ": 1", "? " + "k" * 100_000 + "\n: 1", "\x00"),
    "\n".join(f"k{number}: {number}" for number in range(2000)),
)
"""Put between two lines."""

Change = Callable[[str, np.random.Generator], str]


def mutations(seed: int, number: int) -> Iterator[Input]:
    """A configuration with one to three faults, so many times; the same for the same seed."""
    rng = np.random.default_rng(seed)
    names = list(CHANGES)
    for index in range(number):
        chosen = [names[index % len(names)], *rng.choice(names, size=int(rng.integers(3)))]
        text = ORIGINAL
        for name in chosen:
            text = CHANGES[name](text, rng)
        yield Input(", ".join(chosen), {"config.yaml": text.encode("utf-8", "surrogatepass")})


def _value(text: str, rng: np.random.Generator) -> str:
    """Another value behind a key, on one line with it."""
    lines = text.split("\n")
    with_keys = [index for index, line in enumerate(lines) if ": " in line or line.endswith(":")] or [0]
    index = int(rng.choice(with_keys))
    key = lines[index].partition(":")[0]
    lines[index] = f"{key}: {_one_of(VALUES, rng)}"
    return "\n".join(lines)


def _line(text: str, rng: np.random.Generator) -> str:
    lines = text.split("\n")
    lines.insert(int(rng.integers(len(lines) + 1)), _one_of(LINES, rng))
    return "\n".join(lines)


def _indented(text: str, rng: np.random.Generator) -> str:
    """A line further in or out."""
    lines = text.split("\n")
    index = int(rng.integers(len(lines)))
    lines[index] = lines[index].lstrip() if rng.random() < 0.5 else " " * int(rng.integers(1, 9)) + lines[index]
    return "\n".join(lines)


def _twice(text: str, rng: np.random.Generator) -> str:
    """Some lines once more, as a merge leaves them."""
    lines = text.split("\n")
    begin, end = sorted(int(place) for place in rng.integers(len(lines) + 1, size=2))
    return "\n".join([*lines[:end], *lines[begin:end], *lines[end:]])


def _character(text: str, rng: np.random.Generator) -> str:
    """Characters of YAML's own, or any others, in place of some."""
    characters = list(text)
    for place in rng.integers(len(characters), size=min(int(rng.integers(1, 6)), len(characters))):
        own = rng.random() < 0.7
        characters[place] = _one_of("&*!|>%@`'\"#:,-?[]{}\n\t ", rng) if own else chr(int(rng.integers(1, 0xD800)))
    return "".join(characters)


def _cut(text: str, rng: np.random.Generator) -> str:
    return text[: int(rng.integers(1, len(text) + 1))]


def _aliases(text: str, rng: np.random.Generator) -> str:
    """A value of aliases of aliases."""
    levels, wide = int(rng.integers(1, 10)), int(rng.integers(2, 12))
    value = f"&x0 [{','.join(['a'] * wide)}]"
    for level in range(1, levels):
        value = f"&x{level} [{value}{f',*x{level - 1}' * (wide - 1)}]"
    key = str(rng.choice(["epochs", "monitor", "optim", "betas", "unknown"]))
    return f"{text}\n{key}: {value}\n"


def _deep(text: str, rng: np.random.Generator) -> str:
    """Levels within levels, in one line or in many."""
    depth, key = int(rng.integers(2, 3000)), str(rng.choice(["optim", "schedule", "unknown"]))
    if rng.random() < 0.5:
        return f"{text}\n{key}: {'{a: ' * depth}1{'}' * depth}\n"
    return f"{text}\n{key}:\n" + "\n".join(f"{' ' * (level + 1)}a:" for level in range(min(depth, 300))) + " 1\n"


def _one_of(choices: tuple[str, ...] | str, rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


CHANGES: dict[str, Change] = {
    "value": _value,
    "line": _line,
    "indented": _indented,
    "twice": _twice,
    "character": _character,
    "cut": _cut,
    "aliases": _aliases,
    "deep": _deep,
}
