"""The contract of a backend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ecg_core.errors import BackendUnavailable, ConfigError
from ecg_core.plugins.registry import registry
from ecg_core.protocols import Availability, Backend
from ecg_core.testing.contract import Contract, heavy_modules_after


class BackendContract(Contract):
    """What every plugin under ``ecg.backends`` must do; most of it is skipped where the backend cannot be used.

    Attributes:
        name: of the backend.
        tolerance: largest difference of a training step to the same step in plain PyTorch.
    """

    tolerance: float = 1e-5

    @pytest.fixture
    def torch(self) -> Any:
        """The torch module."""
        return pytest.importorskip("torch")

    @pytest.fixture
    def closed(self) -> Any:
        """An instance that is not set up."""
        return registry().load("backends", self.name)()

    @pytest.fixture
    def backend(self, torch: Any, closed: Any) -> Iterator[Any]:
        """An instance that is set up; skips where that is not possible."""
        found = closed.available()
        if not found.ok:
            pytest.skip(f"{self.name}: {found.reason}")
        closed.setup(seed=0)
        yield closed
        closed.close()

    def test_it_has_every_method(self, closed: Any) -> None:
        methods = [name for name, value in vars(Backend).items() if not name.startswith("_") and callable(value)]
        assert [name for name in methods if not callable(getattr(closed, name, None))] == []
        assert closed.name == self.name.rpartition(":")[2]

    def test_it_tells_whether_it_is_here_with_reason_and_remedy(self, closed: Any) -> None:
        found = closed.available()
        assert isinstance(found, Availability)
        assert found.reason
        assert bool(found.fix) is not found.ok, "a remedy where it is not here, and only there"

    def test_asking_whether_it_is_here_is_light(self) -> None:
        script = (
            "from ecg_core.plugins.registry import registry\n"
            f"registry().load('backends', {self.name!r})().available()\n"
        )
        assert not heavy_modules_after(script)

    def test_where_it_is_not_here_it_refuses_to_start(self, closed: Any) -> None:
        if closed.available().ok:
            pytest.skip(f"{self.name} is here")
        with pytest.raises(BackendUnavailable):
            closed.setup(seed=0)

    def test_it_says_what_it_got(self, backend: Any) -> None:
        assert backend.hardware
        assert 0 <= backend.rank < backend.world_size
        assert backend.num_replicas >= 1
        assert backend.diagnostics()["hardware"] == backend.hardware

    def test_a_model_goes_to_the_device_and_into_the_mode_asked_for(self, torch: Any, backend: Any) -> None:
        for train in (True, False):
            model = backend.prepare(torch.nn.Linear(3, 2), train=train)
            assert {parameter.device.type for parameter in model.parameters()} == {backend.device.type}
            assert model.training is train

    def test_batches_arrive_on_the_device_as_they_were(self, torch: Any, backend: Any) -> None:
        size = 4 * backend.num_replicas
        batches = [{"x": torch.randn(size, 3), "y": torch.arange(size)} for _ in range(3)]
        found = list(backend.loader(iter(batches)))
        assert len(found) == 3
        for expected, batch in zip(batches, found, strict=True):
            assert set(batch) == {"x", "y"}
            assert {tensor.device.type for tensor in batch.values()} == {backend.device.type}
            if backend.world_size == 1:
                torch.testing.assert_close(backend.to_host(dict(batch)), expected)

    def test_batches_are_drawn_as_they_are_needed(self, torch: Any, backend: Any) -> None:
        def endless() -> Iterator[dict[str, Any]]:
            while True:
                yield {"x": torch.ones(backend.num_replicas, 1)}

        loader = iter(backend.loader(endless()))
        assert next(loader)["x"].device.type == backend.device.type

    def test_precision_is_what_was_asked_for(self, torch: Any, backend: Any) -> None:
        layer = backend.prepare(torch.nn.Linear(8, 8), train=False)
        x = torch.randn(2, 8).to(backend.device)
        for precision, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
            with torch.no_grad(), backend.autocast(precision):
                assert layer(x).dtype == dtype

    def test_a_precision_that_is_not_offered_is_refused_by_name(self, torch: Any, backend: Any) -> None:
        with pytest.raises(ConfigError, match="fp16"):
            backend.autocast("fp16")

    def test_a_step_seeded_alike_draws_alike(self, torch: Any, backend: Any) -> None:
        def draw(seed: int) -> Any:
            backend.seed_step(seed)
            return backend.to_host(torch.rand(5, device=backend.device))

        first, other, again = draw(1), draw(2), draw(1)
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_a_copy_on_the_host_is_a_copy(self, torch: Any, backend: Any) -> None:
        tensor = torch.arange(3.0).to(backend.device)
        tree = {"a": [tensor, (tensor, 1)], "b": "text", "c": None}
        copy = backend.to_host(tree)
        tensor.add_(10)
        backend.sync()
        expected = torch.arange(3.0)
        assert copy["a"][0].device.type == "cpu"
        torch.testing.assert_close(copy["a"][0], expected)
        torch.testing.assert_close(copy["a"][1][0], expected)
        assert (copy["a"][1][1], copy["b"], copy["c"]) == (1, "text", None)

    def test_a_mean_over_replicas_stays_on_the_device(self, torch: Any, backend: Any) -> None:
        mean = backend.reduce_mean(torch.tensor([1.0, 2.0]).to(backend.device))
        assert mean.device.type == backend.device.type
        torch.testing.assert_close(backend.to_host(mean), torch.tensor([1.0, 2.0]))

    def test_launching_on_one_device_gives_the_value_of_the_function(self, closed: Any, torch: Any) -> None:
        if not closed.available().ok:
            pytest.skip(f"{self.name} is not here")
        assert closed.launch(_add, 2, 3, devices=1) == (self.name.rpartition(":")[2], 5)

    def test_training_steps_are_those_of_plain_pytorch(self, torch: Any, backend: Any) -> None:
        batches = [{"x": torch.randn(4 * backend.num_replicas, 3)} for _ in range(3)]
        torch.manual_seed(0)
        expected = _train(torch, torch.nn.Linear(3, 1), batches, lambda: None)
        torch.manual_seed(0)
        model = backend.prepare(torch.nn.Linear(3, 1), train=True)
        found = _train(torch, model, backend.loader(batches), backend.sync)
        torch.testing.assert_close(
            list(backend.to_host(found).values()), list(expected.values()), rtol=0, atol=self.tolerance
        )


def _add(backend: Any, one: int, other: int) -> tuple[str, int]:
    return backend.name, one + other


def _train(torch: Any, model: Any, batches: Any, sync: Any) -> dict[str, Any]:
    """The state of a model after a step of gradient descent on each batch."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in batches:
        optimizer.zero_grad()
        model(batch["x"]).square().mean().backward()
        optimizer.step()
        sync()
    state: dict[str, Any] = model.state_dict()
    return state
