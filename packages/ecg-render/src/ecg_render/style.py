"""What a page looks like, apart from where things stand on it."""

from __future__ import annotations

import attrs

Rgb = tuple[int, int, int]


@attrs.frozen(kw_only=True)
class PageStyle:
    """Colours in RGB from 0 to 255, lengths in millimetres of paper.

    Attributes:
        paper_rgb: the bare paper.
        minor_rgb: lines of the small boxes.
        major_rgb: lines of the large boxes.
        minor_line_mm: width of a small-box line; 0 leaves them out.
        major_line_mm: width of a large-box line; 0 leaves them out.
        trace_rgb: ink of traces, calibration pulses and separators.
        trace_width_mm: width of traces.
        pulse_width_mm: width of calibration pulses; 0 leaves them out.
        pulse_foot_mm: baseline printed on either side of a pulse.
        pulse_gap_mm: bare paper between a pulse's right foot and the signal.
        text_rgb: ink of lead names and footer.
        lead_name_size_mm: height of the font of the lead names, ascenders to descenders.
        lead_name_rise_mm: how far the names stand above their row's baseline; negative is below.
        footer: text at the foot of the page; None prints paper speed and gain.
        footer_size_mm: height of the footer's font.
        separators: whether short bars stand where one lead of a row follows another.
        baseline_jitter_boxes: how far a row's baseline may lie from its nominal height, in large boxes; drawn evenly
            from the seed, one figure a row, shared by waveform and calibration pulse.
    """

    paper_rgb: Rgb = (255, 255, 255)
    minor_rgb: Rgb = (249, 213, 213)
    major_rgb: Rgb = (236, 160, 160)
    minor_line_mm: float = 0.12
    major_line_mm: float = 0.2
    trace_rgb: Rgb = (24, 24, 28)
    trace_width_mm: float = 0.35
    pulse_width_mm: float = 0.35
    pulse_foot_mm: float = 1.0
    pulse_gap_mm: float = 1.0
    text_rgb: Rgb = (24, 24, 28)
    lead_name_size_mm: float = 4.0
    lead_name_rise_mm: float = -7.0
    footer: str | None = None
    footer_size_mm: float = 3.5
    separators: bool = False
    baseline_jitter_boxes: float = 0.0
