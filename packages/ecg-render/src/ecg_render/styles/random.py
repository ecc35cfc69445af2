"""Random looks, varied but such as are met, for training."""

from __future__ import annotations

from typing import cast

import attrs
import numpy as np

from ecg_render.style import GridStyle, NameStyle, PageStyle, Pattern, PrinterFaults, PulseStyle, Rgb, SeparatorStyle
from ecg_render.styles.headers import fictional_header, random_footer
from ecg_render.styles.named import KIT, KIT_GRAY, with_grid

SHARE_LIKE_KIT = 0.35
SHARE_GRAY_OF_KIT = 0.3
COLOURS = ("red", "red", "pink", "pink", "orange", "green", "blue", "gray", "none")
FONTS = ("sans", "dejavu-sans", "dejavu-sans-bold", "dejavu-mono", "dejavu-serif", "plotter")
MAX_SHIFT_OF_COLOUR = 22


def random_style(rng: np.random.Generator) -> PageStyle:
    """A plausible look; headers hold made-up values. The same state of ``rng`` gives the same style."""
    style = _like_kit(rng) if rng.random() < SHARE_LIKE_KIT else _of_a_machine(rng)
    return attrs.evolve(style, baseline_jitter_boxes=0.25 if rng.random() < 0.5 else 0.0, faults=_random_faults(rng))


def _like_kit(rng: np.random.Generator) -> PageStyle:
    base = KIT_GRAY if rng.random() < SHARE_GRAY_OF_KIT else KIT
    strength = rng.uniform(0.6, 1.25)
    ink = int(rng.integers(0, 75))
    grid = attrs.evolve(
        base.grid,
        minor_rgb=_shifted(base.grid.minor_rgb, rng, most=8),
        major_rgb=_stronger(_shifted(base.grid.major_rgb, rng), strength),
        minor_line_mm=base.grid.minor_line_mm if rng.random() < 0.8 else 0.0,
    )
    trace_width_mm = base.trace_width_mm * rng.uniform(0.85, 1.3)
    return attrs.evolve(
        base,
        grid=attrs.evolve(grid, rows_on_top=bool(rng.random() < 0.8)),
        trace_rgb=(ink, ink, ink),
        trace_width_mm=trace_width_mm,
        notes=(*fictional_header(rng), *random_footer(rng)),
    )


def _of_a_machine(rng: np.random.Generator) -> PageStyle:
    style = with_grid(PageStyle(), str(rng.choice(COLOURS)))
    ink = int(rng.integers(0, 70))
    trace_mm = rng.uniform(0.2, 0.5)
    return attrs.evolve(
        style,
        paper_rgb=_paper(rng),
        grid=_random_grid(style.grid, rng),
        trace_rgb=(ink, ink, min(ink + int(rng.integers(0, 25)), 255)),
        trace_width_mm=trace_mm,
        pulse=_random_pulse(trace_mm, rng),
        font=str(rng.choice(FONTS)),
        names=NameStyle(
            size_mm=rng.uniform(2.6, 4.8),
            rise_mm=float(rng.choice([rng.uniform(-9, -5), rng.uniform(4, 9)])),
            indent_mm=rng.uniform(0, 3),
        ),
        footer="",
        notes=(*(fictional_header(rng) if rng.random() < 0.7 else ()), *random_footer(rng)),
        separators=_random_bars(rng),
    )


def _random_grid(grid: GridStyle, rng: np.random.Generator) -> GridStyle:
    return attrs.evolve(
        grid,
        minor_rgb=_shifted(grid.minor_rgb, rng),
        major_rgb=_stronger(_shifted(grid.major_rgb, rng), rng.uniform(0.7, 1.2)),
        minor_line_mm=grid.minor_line_mm and (0.0 if rng.random() < 0.1 else rng.uniform(0.08, 0.18)),
        major_line_mm=grid.major_line_mm and rng.uniform(0.14, 0.34),
        minor_pattern=cast(Pattern, str(rng.choice(["solid", "solid", "dotted", "dashed"]))),
        major_pattern=cast(Pattern, str(rng.choice(["solid", "solid", "solid", "dotted", "dashed"]))),
        rows_on_top=bool(rng.random() < 0.3),
    )


def _random_pulse(trace_mm: float, rng: np.random.Generator) -> PulseStyle:
    is_left_out = rng.random() < 0.15
    line_mm = trace_mm if is_left_out else trace_mm * rng.uniform(0.9, 1.5)
    return PulseStyle(
        rows="none" if is_left_out else "every",
        line_mm=line_mm,
        foot_mm=rng.uniform(0.1, 2.0),
        gap_mm=rng.uniform(0.0, 1.5),
    )


def _random_bars(rng: np.random.Generator) -> SeparatorStyle | None:
    has_bars = rng.random() < 0.4
    bars = SeparatorStyle(height_mm=rng.uniform(3, 10), width_mm=rng.uniform(0.25, 0.9))
    return bars if has_bars else None


def _random_faults(rng: np.random.Generator) -> PrinterFaults:
    return PrinterFaults(
        dead_dots=int(rng.integers(1, 4)) if rng.random() < 0.12 else 0,
        fading=rng.uniform(0.1, 0.45) if rng.random() < 0.15 else 0.0,
        speckles_per_cm2=rng.uniform(0.2, 2.0) if rng.random() < 0.15 else 0.0,
    )


def _paper(rng: np.random.Generator) -> Rgb:
    light = int(rng.integers(240, 256))
    yellow = int(rng.integers(0, 18))
    return light, light - yellow // 3, light - yellow


def _shifted(rgb: Rgb, rng: np.random.Generator, most: int = MAX_SHIFT_OF_COLOUR) -> Rgb:
    red, green, blue = (int(np.clip(level + rng.integers(-most, most + 1), 0, 255)) for level in rgb)
    return red, green, blue


def _stronger(rgb: Rgb, factor: float) -> Rgb:
    """A colour further from white, or nearer to it where the factor is below 1."""
    red, green, blue = (int(np.clip(255 - factor * (255 - level), 0, 255)) for level in rgb)
    return red, green, blue
