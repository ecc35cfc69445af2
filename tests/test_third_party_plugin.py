"""A stranger's distribution brings plugins of many kinds by entry points alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ecg_core import synthesize_record, write_record

ACME = Path(__file__).parent / "plugins" / "acme-ecg"
EVENTS_FILE = "acme_events.jsonl"

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


@pytest.fixture
def acme(ecg: Callable[..., Any]) -> Callable[..., Any]:
    """The command where acme-ecg is installed."""
    return partial(ecg, plugins=("acme-ecg",))


@pytest.fixture
def python(environment: Callable[..., dict[str, str]], tmp_path: Path) -> Callable[[str], str]:
    """Runs a script where acme-ecg is installed; gives what it prints."""

    def run(script: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment("acme-ecg"),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def events(run_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run_dir / EVENTS_FILE).read_text().splitlines()]


@pytest.fixture
def records(tmp_path: Path) -> list[Path]:
    """Three records in files: two good ones, one too short to be greeted."""
    files = [tmp_path / "long.csv", tmp_path / "short.csv", tmp_path / "longer.npz"]
    for file, duration_s in zip(files, (2.0, 0.5, 3.0), strict=True):
        write_record(synthesize_record(duration_s=duration_s, sampling_rate_hz=100), file)
    return files


def test_it_is_not_installed_where_nobody_installed_it(ecg: Callable[..., Any]):
    assert "acme" not in ecg("list").out
    assert ecg("info", "acme.hello").code == 3


def test_everything_is_listed_with_its_distribution(acme: Callable[..., Any]):
    ran = acme("list", "--json")
    rows = [row for row in json.loads(ran.out) if row["distribution"] == "acme-ecg"]
    assert {(row["kind"], row["name"]) for row in rows} == {
        ("backbones", "acme.tiny"),
        ("formats", "acme-json"),
        ("digitizers", "acme"),
        ("engines", "acme-onnx"),
        ("styles", "acme-paper"),
        ("backends", "acme-cpu"),
        ("executors", "acme-threads"),
        ("tasks", "acme.hello"),
        ("verbs", "hello"),
        ("hooks", "acme-events"),
    }
    assert {row["version"] for row in rows} == {"1.4.0"}


@pytest.mark.parametrize("name", ["acme-json", "acme.hello", "formats/acme-json", "acme-ecg:hello"])
def test_everything_is_known_of_one(acme: Callable[..., Any], name: str):
    ran = acme("info", name)
    assert ran.code == 0
    assert "acme-ecg 1.4.0" in ran.out
    assert "status" in ran.out
    assert "broken" not in ran.out


def test_the_task_greets_records_and_names_what_it_could_not_do(
    acme: Callable[..., Any], records: list[Path], tmp_path: Path
):
    words = ["--set", f"records={json.dumps(list(map(str, records)))}", "--set", "greeting=Salve"]
    ran = acme("run", "acme.hello", *words, "--out", "made", "--json")
    assert ran.code == 1
    answer = json.loads(ran.out)
    assert answer["greeted"] == 2
    assert [failure["item"] for failure in answer["failures"]] == [str(records[1])]
    assert "lasts 0.5 s, less than the 1 s asked for" in answer["failures"][0]["reason"]
    greetings = (tmp_path / "made" / "greetings.txt").read_text().splitlines()
    assert [line.split(",")[0] for line in greetings] == ["Salve", "Salve"]
    assert all(line.endswith("of 12 leads") for line in greetings)


def test_its_options_are_shown_with_units(acme: Callable[..., Any]):
    ran = acme("run", "acme.hello", "--help")
    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert "min_duration_s float 1.0 s shorter records are not greeted" in lines


def test_its_verb_stands_beside_ours(acme: Callable[..., Any], records: list[Path], tmp_path: Path):
    assert "\n  hello " in acme("--help").out
    ran = acme("hello", records[0], records[2], "--min-duration-s", "2.5", "--out", "made")
    assert ran.code == 1
    assert f"{records[0]}: lasts 2 s" in ran.err
    assert len((tmp_path / "made" / "greetings.txt").read_text().splitlines()) == 1


@pytest.mark.parametrize("words", [("--executor", "acme-threads"), ("--set", "executor=acme-threads")])
def test_its_executor_works_through_the_items_of_a_task(
    acme: Callable[..., Any], records: list[Path], tmp_path: Path, words: tuple[str, ...]
):
    inputs = f"inputs={json.dumps([str(records[0]), str(records[2])])}"
    options = ["--set", inputs, "--set", "dots_per_inch=60", "--set", "executor.threads=3"]
    ran = acme("run", "render.pages", *words, *options, "--set", "masks=false", "--out", "made", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["pages"] == 2
    config = (tmp_path / "made" / "config.yaml").read_text()
    assert "name: acme-threads" in config
    assert "threads: 3" in config


def test_its_executor_takes_its_own_options_only(acme: Callable[..., Any], records: list[Path]):
    ran = acme("hello", records[0], "--executor", "acme-threads", "--set", "executor.threds=3", "--out", "made")
    assert ran.code == 2
    assert "executor.threds: unknown key (did you mean executor.threads?)" in ran.err
    ran = acme("hello", records[0], "--executor", "acme-thread", "--out", "made")
    assert ran.code == 3
    assert "Did you mean acme-threads?" in ran.err


def test_the_hook_is_told_of_start_and_end(acme: Callable[..., Any], records: list[Path], tmp_path: Path):
    assert acme("hello", records[0], "--out", "made").code == 0
    assert events(tmp_path / "made") == [
        {"event": "run_start", "task": "acme.hello", "backend": "auto"},
        {"event": "run_end", "error": None},
    ]


def test_the_hook_is_told_of_runs_of_others_and_of_their_errors(acme: Callable[..., Any], tmp_path: Path):
    ran = acme("run", "render.pages", "--out", "made")
    assert ran.code == 2
    assert "inputs" in ran.err
    assert events(tmp_path / "made")[-1] == {"event": "run_end", "error": "ConfigError"}


def test_the_format_is_found_by_its_suffix(python: Callable[[str], str], tmp_path: Path):
    python(
        "from ecg_core import Record, read_record, synthesize_record, write_record\n"
        "import numpy as np\n"
        "record = synthesize_record(duration_s=1, sampling_rate_hz=100)\n"
        "record.signal_mv[3, :40] = np.nan\n"
        "assert [path.name for path in write_record(record, 'page.acme')] == ['page.acme']\n"
        "again = read_record('page.acme')\n"
        "assert again.lead_names == record.lead_names\n"
        "np.testing.assert_array_equal(again.signal_mv, record.signal_mv)\n"
        "write_record(again, 'page.csv')\n"
    )
    content = json.loads((tmp_path / "page.acme").read_text())
    assert content["rate_hz"] == 100
    assert content["leads"]["aVR"][:40] == [None] * 40


def test_a_bad_file_of_the_format_is_a_clear_error(acme: Callable[..., Any], tmp_path: Path):
    (tmp_path / "bad.acme").write_text("{}")
    ran = acme("hello", "bad.acme", "--out", "made")
    assert ran.code == 1
    assert "bad.acme: no record of Acme's: KeyError: 'leads'" in ran.err


@needs_torch
def test_the_backbone_gives_a_feature_pyramid(python: Callable[[str], str]):
    shapes = python(
        "import torch\n"
        "from ecg_core.plugins.registry import registry\n"
        "backbone = registry().load('backbones', 'acme.tiny')(3, False)\n"
        "maps = backbone(torch.zeros(2, 3, 32, 64))\n"
        "print([tuple(each.shape) for each in maps], backbone.channels, backbone.reductions)\n"
    )
    assert shapes.strip() == "[(2, 8, 16, 32), (2, 16, 8, 16)] (8, 16) (2, 4)"


def test_the_backbone_without_torch_names_the_extra(python: Callable[[str], str]):
    message = python(
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "class WithoutTorch(PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name == 'torch' else super().find_spec(name, path, target)\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutTorch\n"
        "from ecg_core.errors import PluginBroken\n"
        "from ecg_core.plugins.registry import registry\n"
        "try:\n"
        "    registry().load('backbones', 'acme.tiny')\n"
        "except PluginBroken as error:\n"
        "    print(error)\n"
    )
    assert message == (
        "The backbone acme.tiny of acme-ecg 1.4.0 cannot be used: importing acme_ecg.backbone:make_tiny failed with "
        "ModuleNotFoundError: No module named 'torch'. It needs torch, which is not installed. "
        "Install it: pip install 'acme-ecg[torch]'\n"
    )


@needs_torch
@pytest.mark.slow
def test_the_backend_trains_our_demo(acme: Callable[..., Any], tmp_path: Path):
    words = ["--set", "epochs=1", "--set", "batches=4", "--out", "made", "--json"]
    ran = acme("run", "demo.fit", "--backend", "acme-cpu", *words)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)
    assert "--backend acme-cpu" in (tmp_path / "made" / "config.yaml").read_text().splitlines()[0]
    told = events(tmp_path / "made")
    assert told[0] == {"event": "run_start", "task": "demo.fit", "backend": "acme-cpu"}
    assert told[-1] == {"event": "run_end", "error": None}
    assert {"epoch_end", "evaluation_end", "checkpoint_saved"} <= {each["event"] for each in told}


@needs_torch
def test_the_backend_is_never_chosen_by_itself(acme: Callable[..., Any]):
    backends = {row["name"]: row for row in json.loads(acme("doctor", "--json").out)["backends"]}
    assert backends["acme-cpu"]["ok"] is True
    assert "CPU cores" in backends["acme-cpu"]["reason"]


@pytest.mark.slow
def test_its_own_tests_pass_where_it_is_installed(environment: Callable[..., dict[str, str]]):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", ACME / "pyproject.toml"]
    done = subprocess.run(
        [*command, "--rootdir", ACME, "--confcutdir", ACME, ACME / "tests"],
        env=environment("acme-ecg"),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_is_rendered_in_its_style(python: Callable[[str], str]):
    told = python(
        "from ecg_core import synthesize_record\n"
        "from ecg_core.plugins.registry import registry\n"
        "from ecg_render import render_page\n"
        "page = render_page(synthesize_record(), style=registry().load('styles', 'acme-paper'), dots_per_inch=60)\n"
        "print(page.image[0, 100:103].max(axis=0).tolist())"
    )
    assert told.strip() != "[255, 255, 255]"
