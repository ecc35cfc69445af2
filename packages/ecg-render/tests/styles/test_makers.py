from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecg_core.errors import ConfigError, PluginError
from ecg_core.layout_text import find_layout
from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_render import PageStyle, render_page
from ecg_render import styles as styles_module
from ecg_render.styles import style_by_name
from ecg_render.styles.makers import load_maker, maker_names, maker_style
from ecg_render.styles.makers.choices import draw, every_choice
from ecg_render.styles.makers.maker import Maker

MAKERS = maker_names()
OWN = """
summary: "Acme: green paper"
layouts: ["3x4"]
gains_mm_per_mv: [10, 5]
style:
  paper_rgb: {between: [[200, 250, 200], [210, 255, 210]]}
  pulse: {width_mm: {between: [2.0, 3.0]}, rows: {one_of: [every, first]}}
  notes: [{text: "{rate} bpm  {id}", left_mm: 10, foot_mm: 10}]
"""


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", MAKERS)
def test_every_maker_draws_pages_that_differ(name: str) -> None:
    styles = [maker_style(name, rng(seed)) for seed in range(4)]
    assert styles[0] == maker_style(name, rng(0))
    assert len({repr(style) for style in styles}) == 4
    record = synthesize_record(seed=0)
    for seed, style in enumerate(styles):
        page = render_page(record, style=style, dots_per_inch=60, seed=seed)
        assert page.trace_mask.any()
        brightness = page.image.astype(int).sum(axis=2)
        contrast = abs(np.median(brightness[page.trace_mask > 0]) - np.median(brightness[page.trace_mask == 0]))
        assert contrast > 100, name  # a trace that can be told from the paper


@pytest.mark.parametrize("name", MAKERS)
def test_every_maker_is_a_plugin_that_prints_what_is_known(name: str) -> None:
    assert isinstance(registry().load("styles", name), Maker)
    assert style_by_name(name, rng(3)) == maker_style(name, rng(3))
    for layout in load_maker(name).layouts:
        assert find_layout(layout).num_rows


@pytest.mark.parametrize("name", MAKERS)
def test_no_placeholder_of_made_up_words_is_left(name: str) -> None:
    known = {"speed", "gain", "chest_gain"}
    for seed in range(6):
        for note in maker_style(name, rng(seed)).notes:
            left = {word.split("}")[0].split(":")[0] for word in note.text.split("{")[1:]}
            assert left <= known, note.text


def test_what_tells_makers_apart() -> None:
    """From real pages: the width of EDAN's pulse, the side of Mortara's, names without any on a watch's."""
    for seed in range(8):
        edan, mortara, watch = (maker_style(name, rng(seed)) for name in ("edan", "mortara", "apple-watch"))
        assert edan.pulse.width_mm is not None
        assert 3.1 <= edan.pulse.width_mm <= 3.4
        assert mortara.pulse.side == "right"
        assert watch.names.missing == 1
        assert 6 <= maker_style("ge-mac", rng(seed)).names.rise_mm <= 14
        assert maker_style("plain-software", rng(seed)).grid.major_line_mm > 0
    assert sum(sum(maker_style("viewer-dark", rng(seed)).paper_rgb) < 150 for seed in range(8)) == 8


def test_any_maker_is_drawn_by_the_name_maker() -> None:
    drawn = [style_by_name("maker", rng(seed)) for seed in range(40)]
    assert drawn[5] == style_by_name("maker", rng(5))
    assert len({style.font for style in drawn}) >= 5
    assert {style.pulse.side for style in drawn} == {"left", "right"}


class TestFileOfAUser:
    def write(self, folder: Path, text: str = OWN) -> str:
        path = folder / "acme.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_is_a_style_by_its_path(self, tmp_path: Path) -> None:
        style = style_by_name(self.write(tmp_path), rng(1))
        assert style.pulse.width_mm is not None
        assert 2 <= style.pulse.width_mm <= 3
        assert 200 <= style.paper_rgb[0] <= 210
        assert style.notes[0].text.endswith("bpm  {id}")  # the record's name is filled in on the page
        assert "{rate}" not in style.notes[0].text

    @pytest.mark.parametrize(
        ("line", "instead", "complaint"),
        [
            ("width_mm", "widht_mm", r"acme.yaml: pulse.widht_mm: unknown key \(did you mean pulse.width_mm\?\)"),
            ("[2.0, 3.0]", "[3.0, 2.0]", "between takes two numbers, the lower first"),
            ("[every, first]", "[every, frist]", "pulse.rows: must be one of every, first"),
            ("{one_of: [every, first]}", "{one_of: []}", "one_of takes a list of values"),
            ("{one_of: [every, first]}", "{one_of: [every], between: [1, 2]}", "stands alone"),
            ("summary", "sumary", "sumary: unknown key"),
            ("gains_mm_per_mv: [10, 5]", "gains_mm_per_mv: [ten]", "gains_mm_per_mv.0: must be a number"),
            ("layouts", "timings: [backwards]\nlayouts", "timings: there is no 'backwards'; choose from successive"),
            ("left_mm: 10, ", "", "left_mm: required"),
        ],
    )
    def test_faults_are_told_with_their_place(self, tmp_path: Path, line: str, instead: str, complaint: str) -> None:
        assert line in OWN
        with pytest.raises(ConfigError, match=complaint):
            style_by_name(self.write(tmp_path, OWN.replace(line, instead)), rng())

    def test_that_is_absent_or_no_yaml_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"absent.yaml: it cannot be read"):
            style_by_name(str(tmp_path / "absent.yaml"), rng())
        with pytest.raises(ConfigError, match=r"acme.yaml: it must hold `summary:` and `style:`"):
            style_by_name(self.write(tmp_path, "just words"), rng())
        with pytest.raises(ConfigError, match=r"acme.yaml: line 1"):
            style_by_name(self.write(tmp_path, "{"), rng())


def test_unknown_maker_lists_the_others() -> None:
    with pytest.raises(ConfigError, match=r"'velvet'; choose from apple-watch, bpl"):
        load_maker("velvet")


def test_style_plugin_may_be_a_function_of_a_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        "value": PageStyle(font="plotter"),
        "function": lambda generator: PageStyle(trace_width_mm=float(generator.uniform(0.2, 0.4))),
        "nonsense": lambda generator: "red",
        "number": 3,
    }

    class Registry:
        def load(self, kind: str, name: str) -> object:
            assert kind == "styles"
            return made[name]

    monkeypatch.setattr(styles_module, "registry", Registry)
    assert style_by_name("value", rng()).font == "plotter"
    assert style_by_name("function", rng(1)) == style_by_name("function", rng(1))
    assert style_by_name("function", rng(1)) != style_by_name("function", rng(2))
    with pytest.raises(PluginError, match=r"style nonsense: .* found str"):
        style_by_name("nonsense", rng())
    with pytest.raises(PluginError, match=r"style number: .* found int"):
        style_by_name("number", rng())


def test_choices_are_taken_as_written() -> None:
    tree = {
        "a": {"between": [1.0, 2.0]},
        "b": {"one_of": [None, {"c": {"between": [[0, 0, 0], [10, 20, 30]]}}]},
        "d": [7],
    }
    drawn = [draw(tree, rng(seed)) for seed in range(30)]
    assert all(1 <= each["a"] <= 2 and each["d"] == [7] for each in drawn)
    colours = [each["b"]["c"] for each in drawn if each["b"]]
    assert 5 < len(colours) < 25
    for red, green, blue in colours:
        assert green == pytest.approx(2 * red, abs=1.5)
        assert blue == pytest.approx(3 * red, abs=2)
    assert [each["b"] for each in every_choice(tree) if each["b"]] == [{"c": [0, 0, 0]}, {"c": [10, 20, 30]}]
