"""A grid whose boxes are much larger in one part of the page than in another."""

from __future__ import annotations

import pytest

from ecg_digitize import digitize
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_render import Page


@pytest.mark.parametrize("growth", [1.6, 2.0])
def test_no_lead_is_good_on_a_page_whose_grid_is_stretched_as_no_photo_makes_it(
    page: Page, monkeypatch: pytest.MonkeyPatch, growth: float
) -> None:
    """Volts and seconds are read by its boxes."""
    monkeypatch.setattr(Mesh, "growth", property(lambda _mesh: growth))
    quality = digitize(page.image).quality
    is_told = any("2.0 times as large in one part of the page" in text for text in quality.warnings)
    assert is_told == (growth == 2.0)
    assert any(lead.verdict == "good" for lead in quality.leads.values()) != is_told
