from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import CheckpointError, ConfigError  # noqa: E402
from ecg_core.training.config import EmaConfig, ScheduleConfig  # noqa: E402
from ecg_core.training.pth import FromPthConfig, ToPthConfig, export_pth, import_pth, read_pth  # noqa: E402
from ecg_core.training.weights import read_weights  # noqa: E402

KEYS = {"epoch", "model_state_dict", "optimizer_state_dict", "loss", "config"}


def to_file(run: Path, tmp_path: Path, **options: object) -> Path:
    export_pth(ToPthConfig(run=str(run), **options), RunContext(task="training.to_pth", out_dir=tmp_path))
    return tmp_path / "checkpoint.pth"


def from_file(file: Path, out_dir: Path, **options: object) -> dict[str, object]:
    context = RunContext(task="training.from_pth", out_dir=out_dir)
    return dict(import_pth(FromPthConfig(file=str(file), **options), context).summary)


def test_the_file_has_what_pytorch_projects_expect(train, tmp_path: Path) -> None:
    train("run", epochs=2)
    content = torch.load(to_file(tmp_path / "run", tmp_path, which="latest"), weights_only=True)
    assert set(content) >= KEYS
    assert content["epoch"] == 2
    assert isinstance(content["loss"], float)
    torch.nn.Linear(6, 8, bias=False).load_state_dict({"weight": content["model_state_dict"]["net.0.weight"]})


def test_a_run_goes_on_from_the_file_as_if_nothing_had_been(train, parts_of, assert_identical, tmp_path: Path) -> None:
    options = {"ema": EmaConfig(decay=0.9), "schedule": ScheduleConfig(name="constant")}
    train("whole", epochs=4, **options)
    train("half", epochs=2, **options)
    from_file(to_file(tmp_path / "half", tmp_path, which="latest"), tmp_path / "other")
    train("other", epochs=4, resume=True, **options)
    assert_identical(parts_of("other"), parts_of("whole"))


def test_weights_made_elsewhere_are_taken_over_once_their_task_is_named(tmp_path: Path, caplog) -> None:
    file = tmp_path / "theirs.pth"
    state = {"net.weight": torch.ones(2, 3)}
    theirs = {"epoch": 7, "model_state_dict": state, "optimizer_state_dict": {"state": {}, "param_groups": [1]}}
    torch.save({**theirs, "loss": 0.5, "config": {"net": {"backbone": "light"}}}, file)
    with pytest.raises(ConfigError, match=r"theirs.pth does not say which task made it; name it"):
        from_file(file, tmp_path / "out")
    summary = from_file(file, tmp_path / "out", task="digitize.train_stage1")
    assert summary["parts"] == ["model"]
    assert "the state of the optimizer has another form and is left out" in caplog.text
    weights = read_weights(tmp_path / "out")
    assert weights.about["task"] == "digitize.train_stage1"
    assert weights.config == {"net": {"backbone": "light"}}
    assert torch.equal(weights.tensors["net.weight"], state["net.weight"])


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("owned"),)


def test_code_in_a_file_is_never_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model_state_dict": {"a": torch.ones(1)}, "config": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(CheckpointError, match="more than tensors and plain values, which is never loaded") as told:
        read_pth(tmp_path / "evil.pth", task="seg.train")
    assert not (tmp_path / "owned").exists()
    assert "Unsupported global" in str(told.value)
    assert "can still be loaded" not in str(told.value), "how to have it executed is no advice of ours"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"state_dict": {}}, "model_state_dict should hold tensors by name; the file has state_dict"),
        ([1, 2], "holds a list, not a dictionary"),
        ({"model_state_dict": {"a": 1}}, "should hold tensors by name"),
        ({"model_state_dict": {"a": torch.ones(1)}, "ecg": "{"}, "its description 'ecg' is damaged"),
    ],
)
def test_a_file_of_another_form_is_explained(content: object, complaint: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=complaint):
        read_pth(tmp_path / "other.pth", task="seg.train")


def test_a_damaged_or_absent_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise.pth").write_bytes(b"no archive at all")
    with pytest.raises(CheckpointError, match=r"noise.pth"):
        read_pth(tmp_path / "noise.pth")
    with pytest.raises(CheckpointError, match=r"gone.pth: there is no such file"):
        read_pth(tmp_path / "gone.pth")
    with pytest.raises(ConfigError, match=r"file: name the .pth file"):
        import_pth(FromPthConfig(), RunContext(task="training.from_pth", out_dir=tmp_path))
    with pytest.raises(ConfigError, match="run: name the run folder"):
        export_pth(ToPthConfig(), RunContext(task="training.to_pth", out_dir=tmp_path))


@pytest.mark.parametrize("name", ["../elsewhere", "/tmp/elsewhere", "..\\elsewhere"])
def test_the_file_is_written_within_the_run_folder(train, tmp_path: Path, name: str) -> None:
    train("run", epochs=1)
    (tmp_path / "out").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match="results are written within the run folder"):
        to_file(tmp_path / "run", tmp_path / "out", name=name)
    assert sorted(tmp_path.rglob("*")) == before
