from __future__ import annotations

import math
from pathlib import Path

import attrs
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core.config import Choice  # noqa: E402
from ecg_core.context import RunContext  # noqa: E402
from ecg_core.errors import ConfigError  # noqa: E402
from ecg_digitize.digitizers.neural.waveform.strip import StripGeometry  # noqa: E402
from ecg_digitize.learning.options import (  # noqa: E402
    StageDataRequest,
    StageModelRequest,
    StripsConfig,
    WaveformNetConfig,
)
from ecg_digitize.learning.train import TrainStage2Config, run_stage2  # noqa: E402
from ecg_digitize.learning.waveform import (  # noqa: E402
    ABSENT,
    UNKNOWN,
    WaveformNet,
    _rows_and_sigma,
    column_cross_entropy,
    cut_strip,
    decode_columns,
    endless_strips,
    to_lattice,
)
from ecg_render import EndlessPages, PageRecipe, RecordFiles  # noqa: E402
from ecg_render.degradations.cutting import cut_page  # noqa: E402
from ecg_render.endless import find_split  # noqa: E402

SMALL = StripGeometry(across_px_per_mm=4.0, down_px_per_mm=2.0, above_mm=20.0, below_mm=12.0)


def options(records: Path, **changes: object) -> StripsConfig:
    pages = PageRecipe(degradations=("none", "camera"), least_dots_per_inch=60, most_dots_per_inch=70)
    plain = {"strips_per_page": 2, "width_px": 128, "pages": pages}
    return StripsConfig(records=(str(records),), steps_per_epoch=3, validation_batches=1, **{**plain, **changes})


def request(*, batch_size: int = 4, workers: int = 0, seed: int = 1) -> StageDataRequest:
    return StageDataRequest(stage="waveform", batch_size=batch_size, workers=workers, seed=seed)


def make_net(**options: object) -> WaveformNet:
    return WaveformNet(WaveformNetConfig(**options), StageModelRequest(stage="waveform"))


def same(one, other) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


class TestNet:
    def test_a_distribution_for_every_column(self) -> None:
        net = make_net(channels=(8, 12, 16))
        logits = net(torch.zeros(2, 3, 64, 96, dtype=torch.uint8))
        assert logits.shape == (2, 65, 96)
        assert net.multiple == (16, 16)

    @pytest.mark.parametrize("folded_rows", [2, 4])
    def test_each_column_and_row_of_the_logits_is_its_own(self, folded_rows: int) -> None:
        """The network can tell a column from its neighbour: it learns a staircase of single columns."""
        torch.manual_seed(0)
        net = make_net(channels=(8, 16), folded_rows=folded_rows)
        rows = (torch.arange(32) * 7 % 11 + 2).float()
        strip = torch.full((1, 3, 16, 32), 255, dtype=torch.uint8)
        strip[0, :, rows.long(), torch.arange(32)] = 0
        optimizer = torch.optim.Adam(net.parameters(), 0.02)
        for _ in range(120):
            optimizer.zero_grad()
            loss = column_cross_entropy(net(strip), rows[None], torch.full((1, 32), 0.7))
            loss.backward()
            optimizer.step()
        found, presence = decode_columns(net(strip))
        assert (found - rows).abs().max() < 0.5
        assert presence.min() > 0.9


class TestLoss:
    def test_it_is_least_where_the_claim_is_the_truth(self) -> None:
        row, sigma = torch.tensor([[10.3, -1.0]]), torch.full((1, 2), 2.0)
        numbers = torch.arange(21.0)
        shape = -0.5 * ((numbers - 10.3) / 2) ** 2
        right = torch.stack(
            (torch.cat((shape, torch.tensor([-50.0]))), torch.cat((torch.full((21,), -50.0), torch.zeros(1))))
        )
        logits = right.T[None]
        least = column_cross_entropy(logits, row, sigma)
        probabilities = shape.softmax(dim=0)
        entropy = -(probabilities * probabilities.log()).sum() / 2
        assert float(least) == pytest.approx(float(entropy), abs=1e-3)
        for shifted in (torch.roll(logits, 1, dims=1), logits * 0.5, torch.zeros_like(logits)):
            assert column_cross_entropy(shifted, row, sigma) > least

    def test_a_steep_column_weighs_more_than_a_level_one(self) -> None:
        sigma = torch.tensor([[1.5, 6.0]])
        right, wrong = torch.zeros(3, 1), torch.tensor([[0.0], [0.0], [5.0]])
        row = torch.ones(1, 2)
        steep_wrong = column_cross_entropy(torch.cat((right, wrong), dim=1)[None], row, sigma)
        level_wrong = column_cross_entropy(torch.cat((wrong, right), dim=1)[None], row, sigma)
        assert steep_wrong > 2 * level_wrong

    def test_the_ends_of_a_trace_weigh_more_than_its_middle(self) -> None:
        row = torch.cat((torch.full((20,), -1.0), torch.full((60,), 2.0)))[None]
        logits = torch.where(row[:, None] >= 0, torch.tensor([0.0, 0, 9, 0, -9])[:, None], torch.zeros(5, 1))
        logits[:, -1] = torch.where(row >= 0, -9.0, 9.0)
        at_end, in_middle = logits.clone(), logits.clone()
        at_end[..., 20] = in_middle[..., 60] = 0
        sharp = torch.full_like(row, 0.2)
        least, end, middle = (column_cross_entropy(each, row, sharp) for each in (logits, at_end, in_middle))
        assert end - least > 3 * (middle - least) > 0

    def test_where_nobody_knows_what_is_printed_is_no_end_of_a_trace(self) -> None:
        row = torch.full((1, 60), 10.0)
        row[0, 28:32] = UNKNOWN
        sharp = torch.full((1, 60), 1.0)
        logits = torch.zeros((1, 33, 60))
        beside, away = logits.clone(), logits.clone()
        beside[0, 20, 27], away[0, 20, 10] = 3.0, 3.0
        torch.testing.assert_close(
            column_cross_entropy(beside, row, sharp), column_cross_entropy(away, row, sharp), rtol=1e-5, atol=1e-6
        )

    def test_decoding_is_finer_than_a_row(self) -> None:
        shape = -0.5 * ((torch.arange(30.0) - 12.37) / 2) ** 2
        logits = torch.cat((shape, torch.tensor([-9.0])))[None, :, None]
        rows, presence = decode_columns(logits)
        assert float(rows) == pytest.approx(12.37, abs=0.02)
        assert float(presence) > 0.99

    def test_absence_is_told(self) -> None:
        logits = torch.cat((torch.zeros(30), torch.tensor([9.0])))[None, :, None]
        assert float(decode_columns(logits)[1]) < 0.01


class TestData:
    def test_batches_follow_from_seed_and_number(self, records: Path) -> None:
        data = endless_strips(options(records), request(), SMALL)
        whole = list(data.batches("train", epoch=1))
        resumed = list(
            endless_strips(options(records), request(workers=1), SMALL).batches("train", epoch=1, start_step=1)
        )
        assert all(same(*pair) for pair in zip(whole[1:], resumed, strict=True))
        assert whole[0]["strip"].shape == (4, 3, 64, 128)
        assert whole[0]["strip"].dtype == torch.uint8
        assert not same(whole[0], next(data.batches("validation", epoch=0)))

    def test_shares_are_the_whole(self, records: Path) -> None:
        data = endless_strips(options(records), request(), SMALL)
        parts = [next(data.share(rank, 2).batches("train", epoch=0)) for rank in (0, 1)]
        whole = next(data.batches("train", epoch=0))
        assert same(whole, {name: torch.cat([part[name] for part in parts]) for name in whole})

    def test_a_steep_trace_is_sought_less_sharply(self) -> None:
        rows = np.array([10.0, 10.0, 10.0, 40.0, 70.0, 70.0, np.nan, 500.0])
        truth, sigma = _rows_and_sigma(rows, 100, 2.0)
        assert truth.tolist() == [10, 10, 10, 40, 70, 70, -1, -1]
        assert sigma[0] == 2.0
        assert sigma[3] == pytest.approx(2 + 0.4 * (30 - 6) / 3)

    def test_whether_there_is_ink_between_two_leads_is_not_known(self, records: Path) -> None:
        """At 100 Hz a lead's last sample lies 0.25 mm before the next lead's first, less than a pen is wide."""
        pages = PageRecipe(
            layouts=("3x4",),
            degradations=("none",),
            least_dots_per_inch=60,
            most_dots_per_inch=70,
            printed_rates_hz=(100.0,),
        )
        fine = attrs.evolve(SMALL, across_px_per_mm=16.0, above_mm=40.0, below_mm=40.0)
        data = endless_strips(options(records, pages=pages, width_px=2048), request(batch_size=8), fine)
        batch = next(data.batches("train", epoch=0))
        for rows in batch["row_px"].numpy():
            unknown = np.flatnonzero(rows == UNKNOWN)
            runs = np.split(unknown, np.flatnonzero(np.diff(unknown) > 1) + 1) if len(unknown) else []
            assert all(3 <= len(run) <= 5 for run in runs)  # 0.25 mm are 4 columns
            present = np.flatnonzero(rows != ABSENT)
            assert (np.diff(present) == 1).all()  # absence is before and behind a row only
        assert (batch["row_px"] == UNKNOWN).any()

    @pytest.mark.parametrize("degradation", ["none", "phone", "crop"])
    def test_the_truth_lies_on_the_ink(self, records: Path, degradation: str) -> None:
        """Where a trace is sought, the strip is darker than beside it; beyond the edge of a crop none is sought."""
        recipe = PageRecipe(
            layouts=("random",),
            styles=("red",),
            degradations=(degradation,),
            least_dots_per_inch=140,
            most_dots_per_inch=150,
        )
        pages = EndlessPages(RecordFiles(find_split("", [str(records)], 0)[0]), recipe, seed=3)
        config = options(records, width_px=1024, grid_jitter_px=0.0)
        on_ink, beside = [], []
        for number in range(10):
            strip = cut_strip(pages.sample(number), StripGeometry(), config, np.random.default_rng(number))
            gray = strip.image.mean(axis=2)
            columns = np.flatnonzero(strip.row_px >= 6)
            columns = columns[strip.row_px[columns] < len(gray) - 7]
            level = columns[strip.sigma_px[columns] <= config.sigma_px]
            rows = np.rint(strip.row_px[level]).astype(int)
            on_ink.append(gray[rows, level])
            beside.append(gray[rows - 6, level])
        darker = np.concatenate(beside) - np.concatenate(on_ink)
        assert len(darker) > 3000
        assert np.median(darker) > 60
        assert np.mean(darker > 20) > 0.85

    def test_nothing_is_sought_beyond_the_edge_of_a_picture(self, records: Path) -> None:
        recipe = PageRecipe(layouts=("12x1",), styles=("red",), degradations=("none",))
        pages = EndlessPages(RecordFiles(find_split("", [str(records)], 0)[0]), recipe, seed=3)
        sample = pages.sample(0)
        half = cut_page(sample.flat, 0, 0, sample.flat.width_px // 2, sample.flat.height_px)
        config = options(records, width_px=3072, grid_jitter_px=0.0)
        whole, cut = (
            cut_strip(attrs.evolve(sample, page=page), StripGeometry(), config, np.random.default_rng(1)).row_px
            for page in (sample.flat, half)
        )
        sought = np.flatnonzero(cut >= 0)
        assert 0.2 < len(sought) / np.sum(whole >= 0) < 0.8
        np.testing.assert_array_equal(cut[sought], whole[sought])
        assert (cut[sought[-1] + 1 :] < 0).all()

    def test_a_grid_that_lies_askew_is_followed(self, records: Path) -> None:
        pages = EndlessPages(RecordFiles(find_split("", [str(records)], 0)[0]), PageRecipe(degradations=("none",)))
        flat = pages.sample(0).flat
        turn = np.array([[0.9999, 0.0141], [-0.0139, 0.9899]])
        askew = attrs.evolve(flat, grid_points_px=flat.grid_points_px @ turn + (3.0, -2.0))
        lattice = to_lattice(askew)(askew.grid_points_px.reshape(-1, 2)).reshape(askew.grid_points_px.shape)
        columns, rows = np.meshgrid(*(np.arange(length) for length in lattice.shape[1::-1]))
        np.testing.assert_allclose(lattice, np.stack((columns, rows), axis=-1), atol=1e-6)

    def test_no_records(self) -> None:
        with pytest.raises(ConfigError, match=r"data\.records: name at least one record"):
            endless_strips(StripsConfig(), request())


def test_the_task_trains_a_step_and_leaves_a_checkpoint(records: Path, tmp_path: Path) -> None:
    config = TrainStage2Config(
        steps=2,
        model=Choice("models", "digitize.waveform", WaveformNetConfig(channels=(8, 12))),
        data=Choice("datasets", "digitize.strips", options(records, width_px=64)),
        batch_size=2,
        workers=0,
    )
    summary = run_stage2(config, RunContext(task="digitize.train_stage2", out_dir=tmp_path, backend="cpu")).summary
    assert summary["steps"] == 2
    assert math.isfinite(summary["validation_snr_db"])
