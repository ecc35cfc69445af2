"""Checkpoints, weights and ``.pth`` files with bytes, descriptions and tables of contents changed."""

from __future__ import annotations

import io
import json
import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from attack.bytes_changed import changed
from attack.inputs import Input

VALUES = [None, 0, -1, 1e400, 2**80, "", "../../x", "\x1b[2J", [], {}, {"a": []}, True, [[]] * 3]


def mutations(seed: int, number: int) -> Iterator[Input]:
    """A checkpoint folder, an exported file and a ``.pth`` in turn, each with one fault."""
    rng = np.random.default_rng(seed)
    originals = list(_originals().items())
    for index in range(number):
        kind, files = originals[index % len(originals)]
        name, mutated = _mutated(files, rng)
        yield Input(f"{kind}, {name}", mutated)


def _originals() -> dict[str, dict[str, bytes]]:
    import torch

    from ecg_core.training.checkpoint import Checkpoint, write_checkpoint
    from ecg_core.training.pth import write_pth
    from ecg_core.training.weights import Weights, write_weights

    parts = {"model": {"weight": torch.ones(3, 4), "bias": torch.zeros(3)}, "optimizer": {"exp_avg": torch.zeros(3, 4)}}
    meta = {"task": "demo.fit", "step": 7, "epoch": 1, "loss": 0.5, "config": {"epochs": 2}, "files": {}}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_checkpoint(folder / "run" / "checkpoints" / "step-0000007", parts, meta)
        write_pth(folder / "file.pth", Checkpoint(folder=folder, meta=meta, parts=parts))
        about = {"task": "demo.fit", "config": {"epochs": 2}}
        write_weights(folder / "file.safetensors", Weights(path=folder, tensors=parts["model"], about=about))
        patterns = {"run": "run/**/*", "pth": "file.pth", "weights": "file.safetensors"}
        originals = {kind: _files(folder, pattern) for kind, pattern in patterns.items()}
    originals["weights"] = {name: _in_order(content) for name, content in originals["weights"].items()}
    return originals


def _in_order(content: bytes) -> bytes:
    """A safetensors file whose table is in the order of its names; as it is written, that is another each time."""
    tree, rest = _table(content)
    return _with_table(dict(sorted(tree.items())) | {"__metadata__": dict(sorted(tree["__metadata__"].items()))}, rest)


def _table(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The table of a safetensors file, which stands at its head as JSON behind its length, and what follows."""
    end = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:end]), content[end:]


def _with_table(tree: dict[str, Any], rest: bytes) -> bytes:
    head = json.dumps(tree).encode()
    return len(head).to_bytes(8, "little") + head + rest


def _files(folder: Path, pattern: str) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.glob(pattern)) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _mutated(files: dict[str, bytes], rng: np.random.Generator) -> tuple[str, dict[str, bytes]]:
    name = str(rng.choice(list(files)))
    content = files[name]
    if name.endswith(".json") and rng.random() < 0.8:
        key, replaced = _other_json(content, rng)
        return f"{key} of {Path(name).name}", files | {name: replaced}
    if name.endswith(".safetensors") and rng.random() < 0.5:
        key, replaced = _other_header(content, rng)
        return f"{key} of the header", files | {name: replaced}
    if name.endswith(".pth") and rng.random() < 0.4:
        key, replaced = _other_pth(rng)
        return key, files | {name: replaced}
    change, replaced = changed(content, rng)
    return f"{change} in {Path(name).name}", files | {name: replaced}


def _other_json(content: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    tree = json.loads(content)
    key = str(rng.choice(sorted(tree)))
    if rng.random() < 0.3:
        del tree[key]
    else:
        tree[key] = VALUES[int(rng.integers(len(VALUES)))]
    return key, json.dumps(tree).encode()


def _other_header(content: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """A file with another value in its table."""
    tree, rest = _table(content)
    entry = str(rng.choice(sorted(tree)))
    inner = tree[entry]
    key = str(rng.choice(sorted(inner)))
    inner[key] = VALUES[int(rng.integers(len(VALUES)))]
    if rng.random() < 0.2:
        tree[entry] = VALUES[int(rng.integers(len(VALUES)))]
    return f"{entry}.{key}", _with_table(tree, rest)


class _Runs:
    """What would run code if it were unpickled."""

    def __reduce__(self):
        return (exec, ("open('executed', 'w').close()",))


def _other_pth(rng: np.random.Generator) -> tuple[str, bytes]:
    import torch

    tensors = {"weight": torch.ones(3, 4)}
    whole = json.dumps({"task": "demo.fit", "step": 1, "config": {}})
    contents = {
        "no dictionary": [1, 2],
        "code": {"model_state_dict": tensors, "config": _Runs()},
        "no step": {"model_state_dict": tensors, "ecg": json.dumps({"task": "demo.fit"})},
        "numbers for names": {"model_state_dict": {1: torch.ones(3)}, "ecg": "{}"},
        "description is a list": {"model_state_dict": tensors, "ecg": "[]"},
        "text for the step": {"model_state_dict": tensors, "ecg": json.dumps({"task": "demo.fit", "step": "x"})},
        "shared tensors": {
            "model_state_dict": tensors | {"tied": tensors["weight"]},
            "ecg": whole,
        },
        "sparse": {
            "model_state_dict": {"weight": torch.ones(3, 4).to_sparse()},
            "ecg": whole,
        },
        "task is a number": {"model_state_dict": tensors, "ecg": json.dumps({"task": 3, "step": 1, "config": {}})},
        "not finite": {
            "model_state_dict": {"weight": torch.full((3, 4), float("nan"))},
            "epoch": float("inf"),
            "loss": float("nan"),
        },
    }
    name = str(rng.choice(list(contents)))
    if rng.random() < 0.1:
        return "bare pickle", pickle.dumps(_Runs())
    file = io.BytesIO()
    torch.save(contents[name], file)
    return name, file.getvalue()
