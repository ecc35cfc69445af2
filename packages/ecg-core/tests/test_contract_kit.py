"""The contract tests fail for plugins that do not keep the contract."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import MethodType
from typing import Any

import attrs
import numpy as np
import pytest

from ecg_core.config import option
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import DataError
from ecg_core.formats.npz import NpzFormat
from ecg_core.plugins.hooks import hookimpl, make_manager
from ecg_core.plugins.spec import FormatSpec
from ecg_core.record import Record
from ecg_core.testing import (
    BackboneContract,
    BackendContract,
    DatasetContract,
    EnrolledContract,
    FormatContract,
    HookContract,
    ModelContract,
    TaskContract,
    synthetic_record,
)


def test_the_record_has_realistic_leads_and_gaps_where_asked_for():
    record = synthetic_record(with_gaps=True)
    assert (record.num_leads, record.num_samples, record.duration_s) == (12, 500, 2.0)
    assert np.isnan(record.signal_mv[::3, 250:]).all()
    assert np.isfinite(record.signal_mv[1]).all()
    assert 0.2 < np.nanmax(np.abs(record.signal_mv)) < 5
    signal_uv = record.signal_mv * 1000
    np.testing.assert_allclose(signal_uv, np.rint(signal_uv), atol=1e-3, equal_nan=True)


class TestOverriding:
    def test_a_test_of_the_contract_cannot_be_silenced(self):
        with pytest.raises(TypeError, match=r"Mine\.test_it_is_found_by_its_suffix overrides a test of the contract"):

            class Mine(FormatContract):
                def test_it_is_found_by_its_suffix(self) -> None: ...

    def test_an_expected_failure_needs_a_reason(self):
        with pytest.raises(TypeError):

            class Mine(FormatContract):
                @pytest.mark.xfail
                def test_it_is_found_by_its_suffix(self) -> None: ...

        class Other(FormatContract):
            @pytest.mark.xfail(reason="shares its suffix with another")
            def test_it_is_found_by_its_suffix(self) -> None: ...

    def test_tests_and_helpers_of_ones_own_are_welcome(self):
        class Mine(FormatContract):
            def test_something_more(self) -> None: ...

            def path(self) -> Path:
                return Path()


class TestFormats:
    """Each faulty format is caught by the test that is about its fault."""

    contract = FormatContract()

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "written" / "page.npz"

    def test_a_good_one_passes(self, path: Path):
        self.contract.test_a_record_comes_back_as_it_was_written(NpzFormat(), path, with_gaps=True)
        self.contract.test_writing_names_every_file_it_made_and_leaves_no_other(NpzFormat(), path)

    @pytest.mark.parametrize(
        "change",
        [
            lambda record: {"signal_mv": np.nan_to_num(record.signal_mv)},
            lambda record: {"signal_mv": record.signal_mv * 1000},
            lambda record: {"sampling_rate_hz": 500},
            lambda record: {"lead_names": record.lead_names[::-1]},
        ],
        ids=["gaps filled", "wrong unit", "wrong rate", "leads mixed up"],
    )
    def test_a_record_that_changes_on_the_way(self, path: Path, change: Callable[[Record], dict[str, Any]]):
        class Changing(NpzFormat):
            def read(self, path: Path) -> Record:
                record = super().read(path)
                return attrs.evolve(record, **change(record))

        with pytest.raises(AssertionError):
            self.contract.test_a_record_comes_back_as_it_was_written(Changing(), path, with_gaps=True)

    def test_rubbish_left_beside_the_file(self, path: Path):
        class Littering(NpzFormat):
            def write(self, record: Record, path: Path) -> list[Path]:
                written = super().write(record, path)
                path.with_suffix(".tmp").touch()
                return written

        with pytest.raises(AssertionError):
            self.contract.test_writing_names_every_file_it_made_and_leaves_no_other(Littering(), path)

    @pytest.mark.parametrize("error", [ValueError("bad zip"), DataError("the archive is empty")])
    def test_junk_answered_by_another_error_or_without_the_name(self, tmp_path: Path, error: Exception):
        class Careless:
            def read(self, path: Path) -> Record:
                raise error

        spec = FormatSpec(implementation="x:X", summary="x", suffixes=(".x",))
        with pytest.raises((ValueError, AssertionError)):
            self.contract.test_junk_is_a_data_error_that_names_the_file(Careless(), spec, tmp_path, "words")

    @pytest.mark.parametrize("suffix", ["npz", ".NPZ", ".tar.gz"])
    def test_a_suffix_that_would_never_be_found(self, suffix: str):
        spec = FormatSpec(implementation="x:X", summary="x", suffixes=(suffix,))
        with pytest.raises(AssertionError):
            self.contract.test_its_suffixes_are_lower_case_with_a_dot(spec)


class TestBackbones:
    contract = BackboneContract()

    @pytest.fixture
    def torch(self) -> Any:
        return pytest.importorskip("torch")

    def backbone(self, torch: Any, *, channels: tuple[int, ...] = (4,), idle: bool = False, blind: bool = False) -> Any:
        """A factory of a backbone with one of these faults."""

        class One(torch.nn.Module):
            def __init__(self, in_channels: int) -> None:
                super().__init__()
                self.channels, self.reductions = channels, (2,)
                self.conv = torch.nn.Conv2d(in_channels, 4, 3, stride=2, padding=1)
                self.idle = torch.nn.Linear(2, 2) if idle else None

            def forward(self, images: Any) -> list[Any]:
                return [self.conv(images * (0 if blind else 1))]

        return One

    def test_a_good_one_passes(self, torch: Any):
        self.contract.test_it_is_a_module_that_describes_its_maps(torch, self.backbone(torch))
        self.contract.test_the_maps_have_the_channels_and_sizes_it_describes(torch, self.backbone(torch))
        self.contract.test_every_parameter_gets_a_gradient(torch, self.backbone(torch))
        self.contract.test_every_map_depends_on_the_images(torch, self.backbone(torch))

    def test_channels_that_are_not_so(self, torch: Any):
        with pytest.raises(AssertionError):
            make = self.backbone(torch, channels=(8,))
            self.contract.test_the_maps_have_the_channels_and_sizes_it_describes(torch, make)

    def test_a_parameter_without_use(self, torch: Any):
        with pytest.raises(AssertionError, match="idle"):
            self.contract.test_every_parameter_gets_a_gradient(torch, self.backbone(torch, idle=True))

    def test_a_map_that_ignores_the_images(self, torch: Any):
        with pytest.raises(AssertionError):
            self.contract.test_every_map_depends_on_the_images(torch, self.backbone(torch, blind=True))


def heartbeats(batch_size: int, seed: int) -> Any:
    """The data set of ``demo.fit``, four batches an epoch."""
    from ecg_core.training.demo_parts import MadeUpHeartbeats

    return MadeUpHeartbeats(batches=4, batch_size=batch_size, noise_mv=0.1, seed=seed)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
class TestModels:
    """Each faulty model is caught by the test that is about its fault."""

    class Contract(ModelContract):
        monitored = "accuracy"

        def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:

            return next(heartbeats(8, seed).batches("train", epoch=0))

        def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
            return (batch["signal_mv"],)

        def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...]:
            return (8, 2)

    def run(self, test: str, **methods: Any) -> None:
        """A test of the contract on the demo's model with some methods replaced."""
        import torch

        from ecg_core.training.demo_parts import HeartbeatClassifier

        contract = self.Contract()

        def make() -> Any:
            torch.manual_seed(0)
            model = HeartbeatClassifier()
            for name, method in methods.items():
                value = MethodType(method, model) if inspect.isfunction(method) else method()
                setattr(model, name, value)
            return model

        getattr(contract, test)(torch, make)

    @pytest.mark.parametrize("test", [name for name in vars(ModelContract) if name.startswith("test_")])
    def test_a_good_one_passes(self, test: str):
        if "travels" not in test:  # functions of a test cannot be pickled
            self.run(test)

    def test_a_parameter_without_use(self):
        import torch

        with pytest.raises(AssertionError, match="idle"):
            self.run("test_every_parameter_gets_a_gradient", idle=partial(torch.nn.Linear, 2, 2))

    def test_an_output_of_another_shape(self):
        with pytest.raises(AssertionError):
            self.run("test_forward_gives_what_the_task_reads", forward=lambda self, x: x.mean(dim=2))

    def test_a_loss_that_is_no_scalar_or_no_number(self):
        for loss in (lambda x: x.flatten(), lambda x: x.sum() * float("nan")):
            with pytest.raises(AssertionError):
                self.run(
                    "test_a_training_step_gives_a_loss_and_scalars",
                    training_step=lambda self, batch, loss=loss: {"loss": loss(batch["signal_mv"])},
                )

    def test_a_step_that_asks_the_host(self):
        def step(self: Any, batch: Any) -> Any:
            share = batch["is_wide"].float().mean().item()
            return {"loss": self(batch["signal_mv"]).mean() * share}

        with pytest.raises(RuntimeError, match="meta"):
            self.run("test_a_step_neither_leaves_the_device_nor_asks_the_host", training_step=step)

    def test_a_step_that_brings_numbers_from_the_host(self):
        import torch

        def step(self: Any, batch: Any) -> Any:
            return {"loss": (self(batch["signal_mv"]) * torch.ones(8, 2)).mean()}

        with pytest.raises((RuntimeError, AssertionError)):
            self.run("test_a_step_neither_leaves_the_device_nor_asks_the_host", training_step=step)

    def test_statistics_that_do_not_add_up_or_lack_what_is_monitored(self):
        with pytest.raises(AssertionError):
            self.run("test_statistics_add_up", figures=lambda self, totals: {"loss": float(totals["loss"])})
        with pytest.raises(AssertionError):
            self.run(
                "test_statistics_have_one_shape_and_give_figures",
                figures=lambda self, totals: {"loss": float(totals["loss"])},
            )

    def test_an_evaluation_that_trains(self):
        def step(self: Any, batch: Any) -> Any:
            self.classify.bias.data += 1
            return {"loss": self(batch["signal_mv"]).sum()}

        with pytest.raises(AssertionError):
            self.run("test_an_evaluation_changes_nothing", evaluation_step=step)

    def test_a_model_that_does_not_learn(self):
        def step(self: Any, batch: Any) -> Any:
            return {"loss": 1 + 0 * self(batch["signal_mv"]).sum()}

        with pytest.raises(AssertionError, match="does not fall"):
            self.run("test_it_learns_a_batch", training_step=step)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
class TestDatasets:
    """Each faulty data set is caught by the test that is about its fault."""

    class Contract(DatasetContract):
        fields = {"signal_mv": ("float32", (1, None)), "is_wide": ("int64", ())}  # noqa: RUF012

    def run(self, test: str, batches: Any = None, **attributes: Any) -> None:
        """A test of the contract on the demo's data set with its batches changed."""
        import torch

        def make(seed: int = 0) -> Any:
            data = heartbeats(4, seed)
            if batches:
                data.batches = partial(batches, data.batches)  # type: ignore[method-assign]
            for name, value in attributes.items():
                setattr(data, name, value)
            return data

        getattr(self.Contract(), test)(torch, make)

    @pytest.mark.parametrize(
        "test",
        [
            name
            for name in vars(DatasetContract)
            if name.startswith("test_") and "shares" not in name and "at_the_end" not in name
        ],
    )
    def test_a_good_one_passes(self, test: str):
        self.run(test)

    @pytest.mark.parametrize(
        ("test", "fault"),
        [
            (
                "test_every_batch_of_a_split_has_one_shape_and_the_fields_of_the_task",
                lambda made, split, **k: ({**one, "is_wide": one["is_wide"].float()} for one in made(split, **k)),
            ),
            (
                "test_every_batch_of_a_split_has_one_shape_and_the_fields_of_the_task",
                lambda made, split, **k: (
                    {name: value[: 4 - number] for name, value in one.items()}
                    for number, one in enumerate(made(split, **k))
                ),
            ),
            ("test_an_epoch_has_as_many_batches_as_it_says", lambda made, split, **k: islice(made(split, **k), 3)),
            (
                "test_an_epoch_goes_on_where_it_stopped",
                lambda made, split, *, epoch, start_step=0: islice(made(split, epoch=epoch), 4 - start_step),
            ),
            (
                "test_epochs_of_training_differ_and_those_of_validation_do_not",
                lambda made, split, *, epoch, start_step=0: made(split, epoch=0, start_step=start_step),
            ),
            ("test_nothing_that_is_trained_on_is_validated_on", lambda made, split, **k: made("train", **k)),
        ],
    )
    def test_a_fault_is_caught_by_its_test(self, test: str, fault: Any):
        with pytest.raises(AssertionError):
            self.run(test, fault)

    def test_a_seed_that_means_nothing(self):

        same = heartbeats(4, 7)
        with pytest.raises(AssertionError):
            self.run(
                "test_equal_seeds_give_equal_batches_and_others_other_ones",
                lambda made, split, **k: same.batches(split, **k),
            )

    def test_shares_that_are_not_the_whole(self):

        half = heartbeats(2, 0)
        with pytest.raises(AssertionError):
            self.run("test_the_shares_of_processes_are_the_whole", share=lambda rank, world_size: half)


class TestEnrolment:
    def test_a_distribution_stands_for_all_that_it_registers(self):
        class Ours(FormatNames):
            distribution = "ecg-core"

        class One(FormatNames):
            name = "csv"

        assert {"csv", "mat", "npz", "wfdb"} <= set(Ours().names())
        assert One().names() == ["csv"]


class FormatNames(EnrolledContract):
    kind = "formats"


class TestBackends:
    contract = BackendContract()

    @pytest.fixture
    def torch(self) -> Any:
        return pytest.importorskip("torch")

    def opened(self, **methods: Any) -> Any:
        """A CPU backend with some methods replaced, set up."""
        from ecg_core.backends.cpu import CpuBackend

        backend = type("Faulty", (CpuBackend,), methods)()
        backend.setup(seed=0)
        return backend

    @pytest.mark.parametrize(
        ("test", "methods"),
        [
            ("test_a_copy_on_the_host_is_a_copy", {"to_host": lambda self, tree: tree}),
            ("test_a_step_seeded_alike_draws_alike", {"seed_step": lambda self, seed: None}),
            ("test_batches_arrive_on_the_device_as_they_were", {"loader": lambda self, batches: list(batches)[:-1]}),
            (
                "test_precision_is_what_was_asked_for",
                {"autocast": lambda self, precision: nullcontext()},
            ),
            (
                "test_a_model_goes_to_the_device_and_into_the_mode_asked_for",
                {"prepare": lambda self, model, *, train: model},
            ),
            ("test_a_mean_over_replicas_stays_on_the_device", {"reduce_mean": lambda self, tensor: tensor * 2}),
            ("test_it_says_what_it_got", {"diagnostics": lambda self: {"hardware": "unknown"}}),
        ],
    )
    def test_a_fault_is_caught_by_its_test(self, torch: Any, test: str, methods: dict[str, Any]):
        run = getattr(self.contract, test)
        given = [torch] if "torch" in inspect.signature(run).parameters else []
        run(*given, self.opened())
        with pytest.raises(AssertionError):
            run(*given, self.opened(**methods))

    def test_batches_that_are_all_drawn_at_once(self, torch: Any):
        class Greedy:
            num_replicas, device = 1, torch.device("cpu")

            def loader(self, batches: Any) -> Iterator[Any]:
                for number, _ in enumerate(batches):
                    if number == 100:
                        raise AssertionError("draws without end")
                yield from ()

        with pytest.raises(AssertionError, match="without end"):
            self.contract.test_batches_are_drawn_as_they_are_needed(torch, Greedy())


@attrs.frozen(kw_only=True)
class Helpless:
    known: int = option(1, help="a number")
    unknown: int = option(1, help="")


class TestTasks:
    contract = TaskContract()

    def test_an_option_without_help(self):
        class Task:
            config_class = Helpless

        with pytest.raises(AssertionError, match="unknown"):
            self.contract.test_its_options_are_a_frozen_class_with_help_for_each(Task(), Helpless())

    def test_a_run_that_writes_where_it_is_started(self, toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        from ecg_core.launch import find_task

        task = find_task("toy.count")
        self.contract.test_a_short_run_gives_a_result_and_writes_to_its_folder_alone(
            task, task.config_class(), tmp_path, monkeypatch
        )

        def litter(config: Any, context: RunContext) -> TaskResult:
            Path("litter.txt").touch()
            return TaskResult()

        monkeypatch.setattr("toy_box.tasks.count", litter)
        (tmp_path / "again").mkdir()
        with pytest.raises(AssertionError, match=r"context\.out_dir"):
            self.contract.test_a_short_run_gives_a_result_and_writes_to_its_folder_alone(
                task, task.config_class(), tmp_path / "again", monkeypatch
            )


def test_a_hook_that_raises(tmp_path: Path):
    class Failing:
        @hookimpl
        def checkpoint_saved(self, path: Path) -> None:
            raise OSError("disk full")

    manager = make_manager()
    manager.register(Failing())
    with pytest.raises(OSError, match="disk full"):
        HookContract().test_it_can_be_told_of_a_whole_run(manager, RunContext(task="x.y", out_dir=tmp_path))


def test_a_failure_shows_what_was_compared(tmp_path: Path):
    (tmp_path / "test_mine.py").write_text(
        "import pytest\n"
        "from ecg_core.plugins.spec import FormatSpec\n"
        "from ecg_core.testing import FormatContract\n"
        "class TestMine(FormatContract):\n"
        "    name = 'mine'\n"
        "    @pytest.fixture\n"
        "    def spec(self):\n"
        "        return FormatSpec(implementation='x:X', summary='x', suffixes=('.MINE',))\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
        "-k",
        "suffixes_are",
    ]
    done = subprocess.run(
        [*command, tmp_path], env=os.environ | {"COLUMNS": "120"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "AssertionError: assert '.MINE' == '.mine'" in done.stdout
