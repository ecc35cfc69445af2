from __future__ import annotations

from ecg_core.plugins.registry import registry


def test_the_area_is_registered_and_names_what_is_planned():
    spec = registry().load_spec("areas", "ecg-seg:seg")
    assert "seg.predict" in spec.planned
    assert "seg.train" not in spec.planned
