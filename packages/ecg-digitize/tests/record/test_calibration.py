"""Confidence: evidence to probability, and the fit."""

from __future__ import annotations

import json
from pathlib import PurePath

import attrs
import numpy as np
import pytest

from ecg_core.errors import CheckpointError, ConfigError, DataError
from ecg_core.metrics.snr import PageSnr
from ecg_digitize.digitizers.neural.evidence import lead_evidence
from ecg_digitize.digitizers.neural.networks import CALIBRATION_FILE, calibration_of
from ecg_digitize.digitizers.neural.waveform.columns import Columns
from ecg_digitize.evaluation import calibrate
from ecg_digitize.evaluation.calibrate import FIGURES, CalibrateConfig, fit, leads_of, run
from ecg_digitize.evaluation.reliability import calibration_error, confidence_and_outcome, log_loss
from ecg_digitize.evaluation.score import PageScore
from ecg_digitize.record.calibration import Calibration, Figure, load_calibration
from ecg_digitize.record.relations import relation_evidence

NAMES = [each.name for each in FIGURES]


def columns(count: int = 400, **changes: np.ndarray) -> Columns:
    ones = np.ones(count)
    clear = Columns(row_px=100 + 20 * np.sin(np.arange(count) / 9), presence=ones, certainty=ones, margin=9 * ones)
    return attrs.evolve(clear, **changes)


class TestEvidence:
    def test_a_clear_trace_has_all_for_it(self) -> None:
        found = lead_evidence(columns(), 0, 400, 6.0)
        assert found["clarity"] == found["sure"] == found["steep"] == pytest.approx(3.0, abs=0.01)
        assert found["gaps"] == 0
        assert 10 ** found["amplitude"] - 0.05 == pytest.approx(20 / np.sqrt(2) / 6, rel=0.05)

    @pytest.mark.parametrize("name", ["certainty", "presence"])
    def test_unclear_columns_lower_clarity(self, name: str) -> None:
        unclear = np.where(np.arange(400) % 10 == 0, 0.6, 1.0)
        assert lead_evidence(columns(**{name: unclear}), 0, 400, 6.0)["clarity"] < 1.5

    def test_a_second_path_lowers_the_margin(self) -> None:
        found = lead_evidence(columns(margin=np.where(np.arange(400) < 40, 1.0, 9.0)), 0, 400, 6.0)
        assert found["sure"] == pytest.approx(1.0, abs=0.01)
        assert found["margin"] == pytest.approx(1.0)

    def test_only_the_leads_own_columns_count(self) -> None:
        half = columns(presence=(np.arange(400) < 200).astype(float))
        assert lead_evidence(half, 0, 200, 6.0)["gaps"] == 0
        assert lead_evidence(half, 100, 300, 6.0)["gaps"] == 0.5
        assert lead_evidence(half, 200, 400, 6.0)["gaps"] == 1

    def test_limb_leads_answer_for_their_relations(self) -> None:
        off = {"Einthoven (I + III = II)": 0.4, "Goldberger (aVR + aVL + aVF = 0)": None}
        assert relation_evidence("II", off) == {"relation": 0.4, "is_limb": 1.0}
        assert relation_evidence("aVL", off) == {"relation": 0.0, "is_limb": 1.0}
        assert relation_evidence("V3", off) == {"relation": 0.0, "is_limb": 0.0}


class TestCalibration:
    def test_known_odds_are_found(self) -> None:
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(20_000, 2))
        truth = 1 / (1 + np.exp(-(1.5 * vectors[:, 0] - 0.5)))
        found = Calibration.fit([Figure(name, True, 1e-6) for name in "ab"], vectors, rng.random(20_000) < truth, {})
        assert np.abs(found.of_vectors(vectors) - truth).mean() < 0.06, "a little shrunk"
        assert found.probability({"b": 0.0, "a": 2.0}) == pytest.approx(1 / (1 + np.exp(-2.5)), abs=0.1)

    def test_pages_that_can_be_told_apart_perfectly_make_nobody_sure(self) -> None:
        """The most likely weights would be without bound: every lead right with certainty, those of other pages too."""
        vectors = np.linspace(-1, 1, 40)[:, None]
        found = Calibration.fit([Figure("a", True, 1e-6)], vectors, vectors[:, 0] > 0, {})
        assert 0.9 < found.probability({"a": 1.0}) < 0.999
        assert found.probability({"a": 0.1}) < 0.9

    def test_no_figure_is_weighed_against_what_it_is_known_to_say(self) -> None:
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(2000, 2))
        right = rng.random(2000) < 1 / (1 + np.exp(-2 * vectors[:, 0]))
        known = [Figure("a", speaks_for=False, least_scale=1e-6), Figure("b", speaks_for=True, least_scale=1e-6)]
        found = Calibration.fit(known, vectors, right, {})
        assert found.weights[0] == 0
        assert Calibration.fit([Figure("a", True, 1e-6), known[1]], vectors, right, {}).weights[0] > 0.5

    def test_a_figure_that_hardly_differs_among_known_pages_does_not_decide_of_others(self) -> None:
        rng = np.random.default_rng(0)
        vectors = rng.normal(0, 0.01, size=(2000, 1))
        right = rng.random(2000) < 1 / (1 + np.exp(-200 * vectors[:, 0]))
        steep, calm = (Calibration.fit([Figure("a", True, least)], vectors, right, {}) for least in (1e-6, 0.5))
        far = {"a": -0.5}
        assert steep.probability(far) < 0.01
        assert calm.probability(far) > 0.2

    def test_it_is_written_and_read(self, tmp_path) -> None:
        found = Calibration(("a",), np.array([1.0]), np.array([2.0]), np.array([0.5]), -0.25, {"pages": 3})
        again = Calibration.read(found.write(tmp_path / CALIBRATION_FILE))
        assert again.probability({"a": 4.0}) == found.probability({"a": 4.0})
        assert again.about == {"pages": 3}
        assert load_calibration(calibration_of(tmp_path)).features == ("a",)
        (tmp_path / "none").mkdir()
        assert calibration_of(tmp_path / "none") is None

    def test_figures_that_are_not_told_are_named(self) -> None:
        found = Calibration(("a", "b"), np.zeros(2), np.ones(2), np.ones(2), 0.0)
        with pytest.raises(CheckpointError, match="weighs b, of which the digitizer tells nothing"):
            found.probability({"a": 4.0})

    @pytest.mark.parametrize("content", ["", "{}", "[1]", '{"features": {"a": 1}, "bias": 0}', '{"features": 3}'])
    def test_a_damaged_one_is_named(self, tmp_path, content) -> None:
        (tmp_path / "c.json").write_text(content)
        with pytest.raises(CheckpointError, match=r"c\.json is no calibration"):
            Calibration.read(tmp_path / "c.json")


def page(number: int, rng: np.random.Generator) -> PageScore:
    """Two leads whose clarity says what to expect of them."""
    evidence, decibels = {}, {}
    for lead in ("V1", "V2"):
        clarity = rng.uniform(0, 3)
        evidence[lead] = dict.fromkeys(NAMES, 0.0) | {"clarity": clarity}
        decibels[lead] = 8.0 if rng.random() < np.exp(-clarity) else 15.0
    snr = PageSnr(ratio=10.0, lead_db=decibels)
    return PageScore(
        page=f"{number}",
        group="x",
        truth=f"{number}",
        snr=snr,
        verdict="good",
        confidence={},
        evidence=evidence,
        seconds=1.0,
    )


class TestFit:
    def test_held_out_confidence_says_how_often_leads_are_right(self) -> None:
        rng = np.random.default_rng(1)
        calibration, held_out = fit([page(number, rng) for number in range(2000)])
        claimed, right = confidence_and_outcome(held_out)
        assert len(claimed) == 4000
        assert calibration_error(claimed, right) < 0.05
        assert log_loss(claimed, right) < log_loss(np.full(4000, right.mean()), right)
        assert calibration.about["leads"] == 4000
        clear, unclear = (calibration.probability(dict.fromkeys(NAMES, 0.0) | {"clarity": c}) for c in (3.0, 0.1))
        assert clear > 0.85
        assert unclear < 0.35, "a tenth of such leads are right; weights are shrunk"
        assert leads_of(held_out)[0].shape == (4000, len(FIGURES))

    def test_pages_of_one_recording_are_judged_by_those_of_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rng = np.random.default_rng(1)
        pages = [attrs.evolve(page(number, rng), truth=f"{number % 20}.hea") for number in range(200)]
        printed = [attrs.evolve(page(number, rng), truth=f"{number % 20}") for number in range(40)]
        scores, parts = [*pages, *printed], []
        monkeypatch.setattr(calibrate, "leads_of", lambda own: parts.append(own) or leads_of(own))
        calibration, held_out = fit(scores)
        recordings = [{PurePath(score.truth).stem for score in part} for part in parts[1:6]]
        assert [len(names) for names in recordings] == [16] * 5
        assert set.intersection(*recordings) == set()
        assert [len(part) for part in parts[1:6]] == [192] * 5, "all pages of the other sixteen"
        assert len(held_out) == 240
        assert calibration.about["recordings"] == 20

    @pytest.mark.parametrize("number_of_recordings", [2, 3])
    def test_few_recordings_are_enough_for_parts(self, number_of_recordings: int) -> None:
        rng = np.random.default_rng(1)
        pages = [attrs.evolve(page(number, rng), truth=f"{number % number_of_recordings}") for number in range(100)]
        assert len(fit(pages)[1]) == 100

    def test_pages_of_one_recording_alone_are_refused(self) -> None:
        rng = np.random.default_rng(1)
        with pytest.raises(DataError, match="all pages show one recording"):
            fit([attrs.evolve(page(number, rng), truth="a") for number in range(100)])

    def test_pages_that_were_not_understood_say_nothing_of_how_traces_are_read(self) -> None:
        rng = np.random.default_rng(1)
        pages = [attrs.evolve(page(number, rng), structure="right" if number % 2 else "") for number in range(100)]
        wrong = PageSnr(ratio=1.0, lead_db={"V1": 0.0, "V2": 0.0})
        misread = [
            attrs.evolve(page(number, rng), snr=wrong, structure="silent" if number % 2 else "told")
            for number in range(100, 140)
        ]
        alone, held_out = fit(pages)
        both, _ = fit([*misread, *pages])
        np.testing.assert_array_equal(both.weights, alone.weights)
        assert len(held_out) == both.about["pages"] == 100
        assert both.about["pages left out"] == 40

    def test_so_do_those_on_paper_that_does_not_tell_the_time_of_its_print(self) -> None:
        rng = np.random.default_rng(1)
        pages = [attrs.evolve(page(number, rng), paper_off=0.003) for number in range(100)]
        stretched = [attrs.evolve(page(number, rng), paper_off=0.02) for number in range(100, 130)]
        assert fit([*pages, *stretched])[0].about["pages left out"] == 30

    def test_too_few_leads_or_leads_of_one_kind_are_refused(self) -> None:
        rng = np.random.default_rng(1)
        with pytest.raises(DataError, match=r"6 leads were read.*needs 100"):
            fit([page(number, rng) for number in range(3)])
        right = PageSnr(ratio=10.0, lead_db={"V1": 20.0, "V2": 20.0})
        with pytest.raises(DataError, match="of both kinds"):
            fit([attrs.evolve(page(number, rng), snr=right) for number in range(100)])

    def test_a_method_that_tells_nothing_cannot_be_calibrated(self) -> None:
        rng = np.random.default_rng(1)
        with pytest.raises(ConfigError, match="only the neural digitizer"):
            fit([attrs.evolve(page(number, rng), evidence={}) for number in range(100)])

    def test_no_pages(self, context) -> None:
        with pytest.raises(ConfigError, match="pages, records"):
            run(CalibrateConfig(), context)


def test_errors_of_claims() -> None:
    claimed, right = np.array([0.9, 0.9, 0.1, 0.1]), np.array([True, True, False, True])
    assert calibration_error(claimed, right) == pytest.approx((0.1 + 0.4) / 2)
    assert log_loss(claimed, right) == pytest.approx(-np.log([0.9, 0.9, 0.9, 0.1]).mean())
    assert json.dumps(float(log_loss(np.array([1.0]), np.array([False])))) != "Infinity"
