"""What a digitized page is, and the one way in which a reading becomes it, whichever digitizer made the reading."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from ecg_core.record import Record
from ecg_digitize.digitizers.reading import Reading
from ecg_digitize.pages.files import PagePicture
from ecg_digitize.record.advice import advice_for
from ecg_digitize.record.assemble import assemble_clarity, assemble_record
from ecg_digitize.record.calibration import load_calibration
from ecg_digitize.record.judge import judge
from ecg_digitize.record.limb_fit import fit_limb_leads
from ecg_digitize.record.naming import name_leads
from ecg_digitize.record.quality import GeometryQuality, PageSource, Quality, Verdict
from ecg_digitize.record.relations import disagreements, relation_evidence


@attrs.frozen(kw_only=True, eq=False)
class Digitization:
    """A page turned into a record.

    Attributes:
        image: the picture that was read, uint8 RGB, shape (height, width, 3).
        record: the twelve standard leads and whatever else is printed, in mV; NaN where nothing was printed or read.
        quality: how far it can be trusted, and why.
        reading: what was read where: every trace, the structure of the page, and its geometry.
        sample_clarity: how clearly each sample was seen, float32 from 0 to 1, in the shape of the record's signal; 0
            where that has none. It is no probability, as `confidence` is, but tells the clear parts of a lead from the
            others.
    """

    image: np.ndarray = attrs.field(repr=lambda image: f"<{image.shape[1]} x {image.shape[0]} px>")
    record: Record
    quality: Quality
    reading: Reading
    sample_clarity: np.ndarray = attrs.field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """``good``: use it; ``doubtful``: look at the overlay first; ``refused``: do not use it."""
        return self.quality.verdict

    @property
    def warnings(self) -> tuple[str, ...]:
        """Every reason for doubt, and what a user should know as well."""
        return self.quality.warnings

    @property
    def confidence(self) -> Mapping[str, float]:
        """How far each lead of the record can be trusted, 0 to 1; 0 for one that is not printed."""
        return self.quality.confidence


def build_digitization(
    page: PagePicture, reading: Reading, *, method: str, sampling_rate_hz: float, fit_limbs: bool = True
) -> Digitization:
    """Assemble the record of a page, weigh what speaks for it, and judge it.

    Args:
        page: the page.
        reading: what a digitizer read off it.
        method: name of the digitizer.
        sampling_rate_hz: sampling rate of the reading, and of the record.
        fit_limbs: whether limb leads are made to fit together, see `ecg_digitize.record.limb_fit`.

    Raises:
        CheckpointError: the calibration that the reading names is damaged, or weighs figures that it does not give.
    """
    reading = name_leads(reading)
    num_samples = round(reading.structure.duration_s * sampling_rate_hz)
    record = assemble_record(reading.traces, sampling_rate_hz=sampling_rate_hz, num_samples=num_samples, name="page")
    disagreement = disagreements(record)
    evidence = {lead: {**own, **relation_evidence(lead, disagreement)} for lead, own in reading.evidence.items()}
    found = judge(record, reading, disagreement=disagreement, confidence=_weigh(reading, evidence))
    record, adjusted_mv = fit_limb_leads(record) if fit_limbs else (record, {})
    quality = Quality(
        source=PageSource.of(page),
        method=method,
        engine=reading.engine,
        verdict=found.verdict,
        warnings=found.warnings,
        advice=advice_for(page, reading, found.verdict),
        confidence=found.confidence,
        leads=found.leads,
        disagreement={name: None if value is None else round(value, 3) for name, value in disagreement.items()},
        adjusted_mv={lead: round(value, 4) for lead, value in adjusted_mv.items()},
        layout=reading.structure.layout,
        layout_rows=reading.structure.rows,
        paper=reading.structure.scale,
        geometry=GeometryQuality.of(reading.geometry, reading.details),
        evidence={lead: _rounded(own) for lead, own in evidence.items()},
    )
    return Digitization(
        image=page.image,
        record=record,
        quality=quality,
        reading=reading,
        sample_clarity=assemble_clarity(reading.traces, num_samples=num_samples),
    )


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in figures.items()}


def _weigh(reading: Reading, evidence: Mapping[str, Mapping[str, float]]) -> dict[str, float] | None:
    """Probability of each lead to be right; None where there is no calibration to say it."""
    if reading.calibration is None:
        return None
    calibration = load_calibration(reading.calibration)
    return {lead: calibration.probability(own) for lead, own in evidence.items()}
