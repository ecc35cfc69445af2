"""Contract tests of models and data sets for a stage of the digitizer: subclass one, name your plugin and its stage.

    from ecg_digitize.testing import StageModelContract

    class TestAcmeNet(StageModelContract):
        name, stage = "acme.net", "grid"

pytest does the rest. Needs ``ecg-core[testing]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecg_core.testing import DatasetContract, ModelContract
from ecg_digitize.digitizers.neural.grid.maps import OUTPUTS
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.digitizers.neural.words.alphabet import LONGEST, TOKENS
from ecg_digitize.learning.options import StageDataRequest, StageModelRequest

HEIGHT_PX, WIDTH_PX = 64, 96
"""Size of the pictures that models are tried on, multiples of 32."""

MONITORED = {"markers": "mean_iou", "grid": "iou_crossing", "waveform": "snr_db", "reader": "read"}
"""Figure by which the task of each stage chooses the best checkpoint."""

Fields = Mapping[str, tuple[str, tuple[int | None, ...]]]
"""Dtype of each tensor of a batch, and its shape without the first axis; None stands for any length."""

FIELDS: Mapping[str, Fields] = {
    "markers": {"image": ("uint8", (3, None, None)), "mask": ("uint8", (None, None))},
    "grid": {"image": ("uint8", (3, None, None)), "target": ("uint8", (len(OUTPUTS), None, None))},
    "waveform": {
        "strip": ("uint8", (3, None, None)),
        "row_px": ("float32", (None,)),
        "sigma_px": ("float32", (None,)),
    },
    "reader": {"image": ("uint8", (3, None, None)), "text": ("uint8", (LONGEST,))},
}
"""What the batches of each stage hold."""


class StageModelContract(ModelContract):
    """What every model that `digitize.train_stage0`, `_stage1`, `_stage2` or `_reader` may be told to train must do.

    Attributes:
        stage: ``markers``, ``grid``, ``waveform`` or ``reader``.
    """

    stage: str

    @property
    def monitored(self) -> str:  # type: ignore[override]  # it follows from the stage
        """The figure that the task chooses the best checkpoint by."""
        return MONITORED[self.stage]

    def request(self) -> StageModelRequest:
        """The stage, and nothing else."""
        return StageModelRequest(stage=self.stage)

    def batch(self, torch: Any, seed: int) -> Mapping[str, Any]:
        """Two pictures that show plainly what is to be found on them, in noise."""
        generator = torch.Generator().manual_seed(seed)
        makers = {
            "markers": _markers_batch,
            "grid": _grid_batch,
            "waveform": _waveform_batch,
            "reader": _reader_batch,
        }
        return makers[self.stage](torch, generator)

    def inputs(self, batch: Mapping[str, Any]) -> tuple[Any, ...]:
        """The pictures."""
        return (next(iter(batch.values())),)

    def output_shape(self, batch: Mapping[str, Any]) -> tuple[int, ...]:
        """The logits that pages are read by."""
        outputs = {
            "markers": (len(CLASSES), HEIGHT_PX, WIDTH_PX),
            "grid": (len(OUTPUTS), HEIGHT_PX, WIDTH_PX),
            "waveform": (HEIGHT_PX + 1, WIDTH_PX),
            "reader": (len(TOKENS), LONGEST),
        }
        return (2, *outputs[self.stage])


class StageDatasetContract(DatasetContract):
    """What every data set that `digitize.train_stage0`, `_stage1`, `_stage2` or `_reader` may be told to train on
    must do.

    Attributes:
        stage: ``markers``, ``grid``, ``waveform`` or ``reader``.
    """

    stage: str

    @property
    def fields(self) -> Fields:  # type: ignore[override]  # by the stage
        """What the batches of the stage hold."""
        return FIELDS[self.stage]

    def request(self, *, seed: int) -> StageDataRequest:
        """Four examples a batch."""
        return StageDataRequest(stage=self.stage, batch_size=4, workers=0, seed=seed)

    def test_pictures_and_truth_are_of_one_size(self, torch: Any, make: Any) -> None:
        batch = next(iter(make().batches("train", epoch=0)))
        first, *others = (batch[name] for name in self.fields)
        wanted = first.shape[3:] if self.stage == "waveform" else first.shape[2:]
        assert self.stage == "reader" or all(each.shape[-len(wanted) :] == wanted for each in others)
        assert all(side % 32 == 0 for side in first.shape[2:]), f"sides must be multiples of 32: {first.shape[2:]}"

    def test_the_truth_is_what_can_be_read(self, torch: Any, make: Any) -> None:
        batch = next(iter(make().batches("train", epoch=0)))
        if self.stage == "markers":
            assert int(batch["mask"].max()) < len(CLASSES)
        elif self.stage == "waveform":
            assert float(batch["row_px"].max()) <= batch["strip"].shape[2] - 1
            assert float(batch["sigma_px"].min()) > 0
        elif self.stage == "reader":
            assert int(batch["text"].max()) < len(TOKENS)
            is_written = batch["text"] > 0
            assert bool((is_written[:, :-1] | ~is_written[:, 1:]).all()), "zeros stand behind the tokens alone"


def _noisy(torch: Any, levels: Any, generator: Any) -> Any:
    noise = torch.randint(-10, 11, levels.shape, generator=generator)
    return (levels + noise).clamp(0, 255).to(torch.uint8)


def _markers_batch(torch: Any, generator: Any) -> dict[str, Any]:
    """Every class has its own colour: the digits of its number to the base of three."""
    mask = torch.randint(len(CLASSES), (2, HEIGHT_PX, WIDTH_PX), generator=generator, dtype=torch.uint8)
    digits = torch.stack([mask.int() // 3**place % 3 for place in range(3)], dim=1)
    levels = 230 - 90 * digits
    return {"image": _noisy(torch, levels, generator), "mask": mask}


def _grid_batch(torch: Any, generator: Any) -> dict[str, Any]:
    """Lines every 16 pixels from a random place, darker where they cross, and a trace along a row."""
    target = torch.zeros((2, len(OUTPUTS), HEIGHT_PX, WIDTH_PX), dtype=torch.uint8)
    for example, (row, column) in zip(target, torch.randint(16, (2, 2), generator=generator).tolist(), strict=True):
        example[1, row::16] = example[2, :, column::16] = 255
        example[0, row::16, column::16] = 255
        example[3, (row + 8) % HEIGHT_PX] = 255
    levels = 230 - (target.int() * torch.tensor([60, 50, 50, 90])[:, None, None] // 255).sum(dim=1, keepdim=True)
    return {"image": _noisy(torch, levels.repeat(1, 3, 1, 1), generator), "target": target}


def _waveform_batch(torch: Any, generator: Any) -> dict[str, Any]:
    """A dark line that climbs slowly, and nothing in the first columns."""
    columns = torch.arange(WIDTH_PX)
    first = torch.randint(5, 30, (2, 1), generator=generator)
    rows = first + columns // 4
    strip = torch.full((2, 3, HEIGHT_PX, WIDTH_PX), 230)
    strip[torch.arange(2)[:, None], :, rows, columns] = 30
    strip[..., :8] = 230
    row_px = torch.where(columns < 8, -1.0, rows.float())
    return {"strip": _noisy(torch, strip, generator), "row_px": row_px, "sigma_px": torch.full_like(row_px, 1.5)}


def _reader_batch(torch: Any, generator: Any) -> dict[str, Any]:
    """A dark bar for every token, the higher the greater its number, on light paper."""
    text = torch.zeros((2, LONGEST), dtype=torch.uint8)
    levels = torch.full((2, 3, HEIGHT_PX, WIDTH_PX), 230)
    for example, number in enumerate((2, 3)):
        tokens = torch.randint(1, len(TOKENS), (number,), generator=generator)
        text[example, :number] = tokens.to(torch.uint8)
        for place, token in enumerate(tokens.tolist()):
            levels[example, :, HEIGHT_PX - 2 * token :, 12 + 20 * place : 24 + 20 * place] = 40
    return {"image": _noisy(torch, levels, generator), "text": text}
