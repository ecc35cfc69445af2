from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from ecg_core.context import RunContext  # noqa: E402
from ecg_core.training import train_task  # noqa: E402
from ecg_core.training.config import TrainingConfig  # noqa: E402


def test_weights_follow_from_the_seed_and_the_data_set_may_tell_something(
    toy: type, toy_data: type, tmp_path: Path
) -> None:
    drawn: list[float] = []
    order: list[str] = []

    class Telling(toy_data):  # type: ignore[misc]
        def summary(self) -> dict[str, Any]:
            return {"damaged": 3}

    def model() -> Any:
        order.append("model")
        drawn.append(float(torch.rand(())))
        return toy()

    def data() -> Any:
        order.append("data")
        return Telling()

    for number, seed in enumerate((4, 4, 5)):
        (tmp_path / str(number)).mkdir()
        context = RunContext(task="toy.fit", out_dir=tmp_path / str(number), seed=seed, backend="cpu")
        result = train_task(TrainingConfig(steps=2), context, model=model, data=data)
    assert order[:2] == ["model", "data"]
    assert drawn[0] == drawn[1] != drawn[2]
    assert (result.summary["steps"], result.summary["damaged"]) == (2, 3)
    assert not result.failures
