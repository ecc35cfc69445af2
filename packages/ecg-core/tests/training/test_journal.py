from __future__ import annotations

import json
from pathlib import Path

from ecg_core.training.journal import Journal, without_nan


def test_lines_are_json_without_nan(tmp_path: Path):
    journal = Journal(tmp_path / "metrics.jsonl")
    journal.write("train", {"step": 1, "loss": 0.5})
    journal.write("train", {"step": 2, "loss": float("nan")})
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert lines == [{"event": "train", "step": 1, "loss": 0.5}, {"event": "train", "step": 2, "loss": None}]


def test_what_came_after_a_checkpoint_is_cut_off(tmp_path: Path):
    journal = Journal(tmp_path / "metrics.jsonl")
    journal.write("train", {"step": 1})
    size = journal.size_bytes()
    before = (tmp_path / "metrics.jsonl").read_bytes()
    journal.write("train", {"step": 2})
    journal.cut(size)
    assert (tmp_path / "metrics.jsonl").read_bytes() == before
    journal.cut(size + 1000)  # shorter than noted: the disk lost some lines, nothing to take back
    assert (tmp_path / "metrics.jsonl").read_bytes() == before


def test_only_one_process_writes(tmp_path: Path):
    journal = Journal(tmp_path / "metrics.jsonl", enabled=False)
    journal.write("train", {"step": 1})
    assert journal.size_bytes() == 0


def test_nested_values_lose_their_nan():
    tree = {"a": [1, float("inf")], "b": {"c": float("nan"), "d": "text"}}
    assert without_nan(tree) == {"a": [1, None], "b": {"c": None, "d": "text"}}
