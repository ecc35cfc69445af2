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

import numpy as np
import pytest

from ecg_core import read_record, synthesize_record, write_record
from ecg_core.config import read_yaml

ACME = Path(__file__).parent / "plugins" / "acme-ecg"
EVENTS_FILE = "acme_events.jsonl"

needs_seg = pytest.mark.skipif(find_spec("ecg_seg") is None, reason="needs ecg-seg")
needs_render = pytest.mark.skipif(find_spec("ecg_render") is None, reason="needs ecg-render")
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
        ("models", "acme.net"),
        ("datasets", "acme.squares"),
        ("formats", "acme-json"),
        ("digitizers", "acme"),
        ("engines", "acme-onnx"),
        ("layouts", "acme-3x1"),
        ("styles", "acme-paper"),
        ("degradations", "acme-feeder"),
        ("backends", "acme-cpu"),
        ("executors", "acme-threads"),
        ("tasks", "acme.hello"),
        ("verbs", "hello"),
        ("hooks", "acme-events"),
    }
    assert {row["version"] for row in rows} == {"1.4.0"}


@pytest.mark.parametrize(
    "name",
    ["acme-json", "acme.hello", "formats/acme-json", "acme-ecg:hello", "acme-3x1", "acme-feeder"],
)
def test_everything_is_known_of_one(acme: Callable[..., Any], name: str):
    ran = acme("info", name)
    assert ran.code == 0
    assert "acme-ecg 1.4.0" in ran.out
    assert "status" in ran.out
    assert "broken" not in ran.out


def test_nothing_of_it_is_broken(acme: Callable[..., Any]):
    report = json.loads(acme("doctor", "--json").out)
    assert report["distributions"]["acme-ecg"] == "1.4.0"
    assert report["broken_plugins"] == []


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


OF_ACME = ("--set", "model=acme.net", "--set", "data=acme.squares")
SHORT = ("--set", "steps=12", "--set", "batch_size=4", "--set", "optim.lr=0.02", "--backend", "cpu")


@needs_seg
def test_our_task_trains_its_model_on_its_data(acme: Callable[..., Any], tmp_path: Path):
    own = ("--set", "model.width=12", "--set", "data.size_px=32", "--set", "data.noise=5")
    ran = acme("run", "seg.train", *OF_ACME, *own, *SHORT, "--out", "run", "--json")
    assert ran.code == 0, ran.err
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    found = [line["mean_iou"] for line in lines if line["event"] == "validation"]
    assert 0 < found[-1] <= 1
    assert json.loads(ran.out)["steps"] == 12
    kept = read_yaml(tmp_path / "run/config.yaml")
    assert kept["model"] == {"name": "acme.net", "width": 12}
    assert kept["data"] == {"name": "acme.squares", "size_px": 32, "noise": 5.0, "steps_per_epoch": 8}


@needs_seg
def test_a_run_of_its_model_goes_on_and_its_weights_are_used_like_ours(acme: Callable[..., Any], tmp_path: Path):
    from ecg_core.pictures import read_mask, write_picture
    from ecg_core.training.weights import read_weights

    assert acme("run", "seg.train", *OF_ACME, "--set", "steps=2", *SHORT[2:], "--out", "run").code == 0
    again = acme("run", "seg.train", *OF_ACME, "--set", "steps=4", *SHORT[2:], "--out", "run", "--resume")
    assert again.code == 0, again.err
    assert acme("run", "seg.export", "--set", "run=run", "--out", "weights").code == 0
    assert read_weights(tmp_path / "weights/segmenter.safetensors").config == {
        "model": {"name": "acme.net", "width": 8},
        "classes": "classes",
    }
    write_picture(tmp_path / "page.png", np.full((70, 90, 3), 240, np.uint8))
    for weights, out in (("run", "a"), ("weights/segmenter.safetensors", "b")):
        words = ("--set", "input=page.png", "--set", f"weights={weights}", "--backend", "cpu")
        ran = acme("run", "seg.predict", *words, "--out", out)
        assert ran.code == 0, ran.err
        assert read_mask(tmp_path / out / "page_classes.png").shape == (70, 90)


@needs_seg
def test_its_weights_name_it_where_it_is_not_installed(
    acme: Callable[..., Any], ecg: Callable[..., Any], tmp_path: Path
):
    assert acme("run", "seg.train", *OF_ACME, "--set", "steps=1", *SHORT[2:], "--out", "run").code == 0
    ran = ecg("run", "seg.predict", "--set", "input=page.png", "--set", "weights=run", "--out", "out")
    assert ran.code == 3
    assert "acme.net" in ran.err


@needs_seg
def test_the_help_of_our_task_shows_its_options_where_it_is_chosen(acme: Callable[..., Any]):
    def options(*words: str) -> list[str]:
        ran = acme("run", "seg.train", *words, "--help")
        assert ran.code == 0, ran.err
        return [" ".join(line.split()) for line in ran.out.splitlines()]

    ours, theirs = options(), options(*OF_ACME, "--set", "model.width=5")
    assert "model str seg.unet the network, by the name of its plugin (`ecg list models`)" in ours
    assert any(line.startswith("model.backbone str light") for line in ours)
    assert any(line.startswith("data.records ") for line in ours)
    assert "model.width int 5 channels of its one hidden layer" in theirs
    assert any(line.startswith("data.size_px int 64 px") for line in theirs)
    assert not any(line.startswith(("model.backbone", "data.records")) for line in theirs)


@needs_seg
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("model=acme.net", "model.widht=8"), "model.widht: unknown key (did you mean model.width?)"),
        (("model=acme.net", "model.width=0"), "model.width: must be at least 1, found 0"),
        (("model=acme.net", "model.backbone=light"), "model.backbone: unknown key (known here: width)"),
        (("data=acme.squares", "data.records=x"), "data.records: unknown key (known here: size_px, noise,"),
    ],
)
def test_a_wrong_option_of_its_plugins_is_an_error_with_its_path(
    acme: Callable[..., Any], words: tuple[str, ...], said: str
):
    ran = acme("run", "seg.train", *(word for each in words for word in ("--set", each)), "--out", "run")
    assert ran.code == 2
    assert said in ran.err


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


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record of ten seconds in a file."""
    write_record(synthesize_record(seed=2), tmp_path / "heart.npz")
    return tmp_path / "heart.npz"


@needs_render
def test_a_page_is_printed_in_its_layout_and_read_by_it(acme: Callable[..., Any], record: Path, tmp_path: Path):
    printing = ("--layout", "acme-3x1", "--dots-per-inch", "150", "--masks", "false")
    assert acme("render", record, *printing, "--out", "pages").code == 0
    (entry,) = map(json.loads, (tmp_path / "pages/metadata.jsonl").read_text().splitlines())
    assert entry["layout"] == "acme-3x1"
    assert [piece["lead"] for piece in entry["leads"]] == ["I", "II", "V1"]
    if find_spec("ecg_digitize") is None:
        return
    ran = acme("digitize", tmp_path / "pages/heart.png", "--layout", "acme-3x1", "--out", "read")
    assert ran.code == 0, ran.err
    truth, found = read_record(record), read_record(tmp_path / "read/heart.hea")
    for lead in truth.lead_names:
        read_mv = found.lead_mv(lead)
        if lead in ("I", "II", "V1"):
            seen = np.isfinite(read_mv)
            assert seen.mean() > 0.99
            assert np.corrcoef(read_mv[seen], truth.lead_mv(lead)[: len(read_mv)][seen])[0, 1] > 0.98
        else:
            assert np.isnan(read_mv).all()


@needs_render
def test_its_degradation_moves_picture_mask_and_coordinates_together(
    acme: Callable[..., Any], record: Path, tmp_path: Path
):
    from ecg_core.pictures import read_mask, read_picture

    for out, words in (("clean", []), ("slipped", ["--degradation", "acme-feeder"])):
        ran = acme("render", record, *words, "--traces", "--mask-kind", "wave", "--seed", "3", "--out", out)
        assert ran.code == 0, ran.err
    pages, masks, traces = {}, {}, {}
    for out in ("clean", "slipped"):
        pages[out] = read_picture(tmp_path / out / "heart.png")
        masks[out] = read_mask(tmp_path / out / "heart_mask.png")
        traces[out] = dict(np.load(tmp_path / out / "heart_traces.npz"))
    right, down = (_slip(traces["clean"], traces["slipped"], axis) for axis in "xy")
    assert max(abs(right), abs(down)) > 2
    height, width = masks["clean"].shape
    rows, columns = np.nonzero(masks["clean"])
    rows, columns = rows + down, columns + right
    inside = (rows > 80) & (rows < height) & (columns >= 0) & (columns < width)
    assert inside.mean() > 0.95
    assert masks["slipped"][rows[inside], columns[inside]].all()
    moved = pages["slipped"][rows[inside], columns[inside]]
    np.testing.assert_array_equal(moved, pages["clean"][rows[inside] - down, columns[inside] - right])


def _slip(before: dict[str, np.ndarray], after: dict[str, np.ndarray], axis: str) -> int:
    """By how many whole pixels the coordinates have moved, all of them alike."""
    off = np.concatenate([after[name] - before[name] for name in before if name.startswith(f"{axis}_px")])
    off = off[np.isfinite(off)]
    np.testing.assert_allclose(off, np.rint(off[0]), atol=0.02)
    return int(np.rint(off[0]))


@needs_render
def test_a_page_is_rendered_in_its_style(python: Callable[[str], str]):
    told = python(
        "from ecg_core import synthesize_record\n"
        "from ecg_core.plugins.registry import registry\n"
        "from ecg_render import render_page\n"
        "page = render_page(synthesize_record(), style=registry().load('styles', 'acme-paper'), dots_per_inch=60)\n"
        "print(page.image[0, 100:103].max(axis=0).tolist())"
    )
    assert told.strip() != "[255, 255, 255]"
