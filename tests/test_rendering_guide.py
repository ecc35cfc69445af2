"""What the guide of rendering shows of styles does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ecg_core.layout_text import find_layout
from ecg_core.synthetic import synthesize_record
from ecg_render.styles.makers.maker import maker_of_text

GUIDE = (Path(__file__).parents[1] / "docs" / "guide" / "rendering.md").read_text(encoding="utf-8")


def test_the_guides_file_of_a_maker_is_a_style() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    maker = maker_of_text(text, "acme.yaml")
    styles = [maker(np.random.default_rng(seed)) for seed in range(12)]
    assert {style.pulse.rows for style in styles} == {"every", "first"}
    assert all(find_layout(layout).num_rows for layout in maker.layouts)


def test_the_guides_style_in_python_prints_both_gains() -> None:
    (code,) = re.findall(r"```python\n(from ecg_core.paper import PaperSpec\n.*?)```", GUIDE, re.DOTALL)
    names: dict[str, object] = {"record": synthesize_record(seed=1)}
    exec(code, names)
    page = names["page"]
    assert [(text.kind, text.value, text.leads) for text in page.scale_texts] == [  # type: ignore[attr-defined]
        ("speed", 25, "all"),
        ("gain", 10, "limb"),
        ("gain", 5, "chest"),
    ]
