from __future__ import annotations

from ecg_core.plugins.registry import registry


def test_the_area_is_registered_and_names_what_is_planned():
    spec = registry().load_spec("areas", "ecg-diffusion:diffusion")
    assert "diffusion.train" in spec.planned
    assert not [entry for entry in registry().entries("tasks") if entry.distribution == "ecg-diffusion"]
