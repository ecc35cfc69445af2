"""How far a digitized page can be trusted, and why: what stands in ``quality.json``, see docs/reference/quality.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from ecg_digitize.digitizers.print_scale import PrintScale
from ecg_digitize.digitizers.reading import PageGeometry
from ecg_digitize.pages.files import PagePicture

SCHEMA = 2
"""Version of the schema. It grows where a field changes its meaning, its name or its form; new fields may come in."""

Verdict = Literal["good", "doubtful", "refused"]

RIGHT_DB = 10.0
"""Competition SNR from which on a lead counts as read right; a calibrated confidence is the probability of that."""


@attrs.frozen(kw_only=True)
class PageSource:
    """What was read.

    Attributes:
        file: path of the file as it was given; None for a picture that came from no file.
        page: which page of the file, from 1.
    """

    file: str | None
    page: int

    @classmethod
    def of(cls, page: PagePicture) -> PageSource:
        """Where a page comes from."""
        return cls(file=None if page.file is None else str(page.file), page=page.number)


@attrs.frozen(kw_only=True)
class LeadQuality:
    """How far a lead can be trusted.

    Attributes:
        verdict: whether to use it.
        confidence: probability that it was read right, or how clearly it was seen where nothing is calibrated.
        why: the reasons why the verdict is not better.
    """

    verdict: Verdict
    confidence: float
    why: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class GeometryQuality:
    """Where the page lies in its picture.

    Attributes:
        px_per_mm_x: pixels a millimetre across.
        px_per_mm_y: pixels a millimetre down.
        rotation_deg: angle of the grid, positive where the page is turned clockwise.
        details: what the digitizer alone tells, by name, as plain values; in the file they stand beside the others.
    """

    px_per_mm_x: float
    px_per_mm_y: float
    rotation_deg: float
    details: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def of(cls, geometry: PageGeometry, details: Mapping[str, Any]) -> GeometryQuality:
        """The figures of a geometry, rounded to what can be meant by them."""
        return cls(
            px_per_mm_x=round(geometry.px_per_mm_x, 4),
            px_per_mm_y=round(geometry.px_per_mm_y, 4),
            rotation_deg=round(geometry.rotation_deg, 2),
            details=details,
        )


@attrs.frozen(kw_only=True)
class Quality:
    """How far a digitized page can be trusted, and why; of a page that could not be read, why not.

    Attributes:
        source: the file and page that were read.
        method: name of the digitizer that read it, or tried last; None where none was asked.
        engine: name of the engine that ran its networks; None where it has none.
        verdict: ``good``: use it; ``doubtful``: look at the overlay first; ``refused``: do not use it.
        warnings: every reason for doubt, and what a user should know as well.
        advice: what to try next, the most promising first; empty for a good page.
        confidence: for each lead of the record, 0 to 1; 0 for one that is not printed.
        leads: the printed leads one by one.
        disagreement: for each relation of the limb leads how far it is from holding, as part of their size; None where
            the leads share no second.
        adjusted_mv: for each limb lead that was moved so that all fit together, by how much, as root mean square.
        layout: name of the layout; None for a page that could not be read.
        layout_rows: names of the leads of every printed row, in the order in which they are printed; of a page that
            could not be read those that were found on it.
        paper: paper speed and gain, and how they are known; None for a page that could not be read.
        geometry: where the page lies in its picture; None for a page that could not be read.
        evidence: figures that speak for or against each lead, by name; empty where the digitizer tells none.
        schema: version of this schema.
    """

    source: PageSource
    method: str | None
    engine: str | None
    verdict: Verdict
    warnings: tuple[str, ...]
    advice: tuple[str, ...]
    confidence: Mapping[str, float]
    leads: Mapping[str, LeadQuality]
    disagreement: Mapping[str, float | None]
    adjusted_mv: Mapping[str, float]
    layout: str | None
    layout_rows: tuple[tuple[str, ...], ...]
    paper: PrintScale | None
    geometry: GeometryQuality | None
    evidence: Mapping[str, Mapping[str, float]]
    schema: int = SCHEMA

    def to_plain(self) -> dict[str, Any]:
        """The content of ``quality.json``: plain values under the names of the fields, ready for JSON."""
        plain = {"schema": self.schema, **attrs.asdict(self, value_serializer=_listed)}
        if plain["geometry"] is not None:
            plain["geometry"] |= plain["geometry"].pop("details")
        return plain


def _listed(_instance: Any, _attribute: Any, value: Any) -> Any:
    """Lists for tuples: JSON knows no others, and what was read from a file is to equal what was written."""
    if isinstance(value, tuple):
        return [_listed(None, None, each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value
