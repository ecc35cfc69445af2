"""The contract of a model."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ecg_core.testing.contract import EnrolledContract

STEPS_TO_LEARN = 15
LEARNING_RATE = 3e-3

Maker = Callable[[], Any]
"""Makes the model, with equal weights each time."""


class ModelContract(EnrolledContract):
    """What every plugin under ``ecg.models`` must do. Skipped without torch.

    A package whose task trains models has a subclass that says what its task tells them and what its batches are
    (`ecg_seg.testing.SegModelContract`); subclass that one for a model of its task.

    Attributes:
        monitored: figure that the task chooses the best checkpoint by.
    """

    kind = "models"
    monitored: str = "loss"

    def options_of(self, name: str) -> Mapping[str, Any]:
        """Options that make a small model of a plugin, as a file would give them."""
        return {}

    def request(self) -> Any:
        """What the task tells a model."""
        raise NotImplementedError("say what the task tells a model, by request()")

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """A batch of two or more examples on the CPU as the task's data sets make them; other seeds, other examples."""
        raise NotImplementedError("make a batch as the task's data sets do, by batch(torch, seed)")

    def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
        """What ``forward`` takes of a batch; nothing where the task makes no use of ``forward``."""
        return ()

    def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...] | None:
        """Shape of what ``forward`` gives for it, where the task needs a certain one."""
        return None

    @pytest.fixture
    def torch(self) -> Any:
        """The torch module."""
        return pytest.importorskip("torch")

    @pytest.fixture
    def make(self, torch: Any) -> Maker:
        """Makes the model."""

        def made() -> Any:
            torch.manual_seed(0)
            return self.chosen(self.options_of(self.name)).make(self.request())

        return made

    def test_it_is_a_module_with_the_methods_of_a_model(self, torch: Any, make: Maker) -> None:
        model = make()
        assert isinstance(model, torch.nn.Module)
        for method in ("training_step", "evaluation_step", "figures"):
            assert callable(getattr(model, method, None)), method

    def test_forward_gives_what_the_task_reads(self, torch: Any, make: Maker) -> None:
        model, batch = make().eval(), self.batch(torch, 0)
        inputs = self.inputs(batch)
        if not inputs:
            pytest.skip("the task makes no use of forward")
        with torch.no_grad():
            found = model(*inputs)
        assert torch.isfinite(found).all()
        assert self.output_shape(batch) in (None, tuple(found.shape))

    def test_a_training_step_gives_a_loss_and_scalars(self, torch: Any, make: Maker) -> None:
        model = make().train()
        found = [model.training_step(self.batch(torch, seed)) for seed in (0, 1)]
        assert "loss" in found[0]
        assert found[0].keys() == found[1].keys(), "every step must log the same"
        for name, value in found[0].items():
            assert value.shape == (), name
            assert torch.isfinite(value), name

    def test_every_parameter_gets_a_gradient(self, torch: Any, make: Maker) -> None:
        model = make().train()
        model.training_step(self.batch(torch, 0))["loss"].backward()
        parameters = {name: each for name, each in model.named_parameters() if each.requires_grad}
        assert parameters
        without = [name for name, each in parameters.items() if each.grad is None or not each.grad.abs().sum() > 0]
        assert not without

    def test_it_learns_a_batch(self, torch: Any, make: Maker) -> None:
        model, batch = make().train(), self.batch(torch, 0)
        optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
        losses = []
        for _ in range(STEPS_TO_LEARN):
            optimizer.zero_grad()
            loss = model.training_step(batch)["loss"]
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        assert sum(losses[-3:]) < sum(losses[:3]), f"the loss does not fall: {losses}"

    def test_a_step_neither_leaves_the_device_nor_asks_the_host(self, torch: Any, make: Maker) -> None:
        """On the device ``meta`` there are no numbers: to ask for one, or to mix in one of the host's, is an error."""
        batch = {name: tensor.to("meta") for name, tensor in self.batch(torch, 0).items()}
        for step in ("training_step", "evaluation_step"):
            model = make().to("meta")
            for name, value in getattr(model, step)(batch).items():
                assert value.device.type == "meta", f"{step}: {name}"

    def test_statistics_have_one_shape_and_give_figures(self, torch: Any, make: Maker) -> None:
        model = make().eval()
        first, second = (self._statistics(torch, model, seed) for seed in (0, 1))
        assert {name: value.shape for name, value in first.items()} == {
            name: value.shape for name, value in second.items()
        }
        figures = model.figures({name: first[name] + second[name] for name in first})
        assert self.monitored in figures
        assert all(isinstance(value, int | float) for value in figures.values())

    def test_statistics_add_up(self, torch: Any, make: Maker) -> None:
        """The loss over two batches lies between those of each; a mean in place of a sum would double it."""
        model = make().eval()
        first, second = (self._statistics(torch, model, seed) for seed in (0, 1))
        parts = [model.figures(each) for each in (first, second)]
        both = model.figures({name: first[name] + second[name] for name in first})
        if "loss" not in both:
            pytest.skip("it has no figure `loss`")
        least, most = sorted(part["loss"] for part in parts)
        assert least - 1e-4 * abs(least) <= both["loss"] <= most + 1e-4 * abs(most)

    def test_an_evaluation_changes_nothing(self, torch: Any, make: Maker) -> None:
        model = make().eval()
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        first, again = (self._statistics(torch, model, 0) for _ in range(2))
        for name, value in first.items():
            torch.testing.assert_close(again[name], value)
        assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())

    def test_equal_seeds_begin_with_equal_weights(self, torch: Any, make: Maker) -> None:
        one, other = make().state_dict(), make().state_dict()
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)

    def test_it_travels_to_other_processes_and_its_weights_into_another(self, torch: Any, make: Maker) -> None:
        model = make()
        for tensor in model.parameters():
            torch.nn.init.normal_(tensor, std=0.02)
        other = make()
        other.load_state_dict(model.state_dict())
        expected = self._statistics(torch, model.eval(), 0)
        for same in (other.eval(), pickle.loads(pickle.dumps(model))):
            torch.testing.assert_close(self._statistics(torch, same, 0), expected)

    def _statistics(self, torch: Any, model: Any, seed: int) -> dict[str, Any]:
        with torch.no_grad():
            torch.manual_seed(seed)
            return dict(model.evaluation_step(self.batch(torch, seed)))
