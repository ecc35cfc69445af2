from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ecg_core.cli.show import echo_json, summary_lines


def test_nested_figures_are_indented_below_their_name():
    summary = {"pages": 3, "snr_db": {"mean": 12.345678, "I": 11.0}, "folder": Path("out"), "backend": "cpu"}
    assert summary_lines(summary) == [
        "pages: 3",
        "snr_db:",
        "  mean: 12.35",
        "  I: 11",
        "folder: out",
        "backend: cpu",
    ]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (np.float32(0.5), 0.5),
        (np.float32("nan"), None),
        (np.int64(3), 3),
        (True, True),
        (Path("a/b"), "a/b"),
        ((1, [2.5, float("inf")]), [1, [2.5, None]]),
        ({1: {"a": None}}, {"1": {"a": None}}),
    ],
)
def test_json_holds_plain_values_of_the_right_kind(value: object, plain: object, capsys: pytest.CaptureFixture[str]):
    echo_json({"value": value})
    read = json.loads(capsys.readouterr().out)["value"]
    assert read == plain
    assert type(read) is type(plain)
