"""What the grid network says of a picture."""

from __future__ import annotations

OUTPUTS = ("crossing", "horizontal", "vertical", "trace")
"""Of the grid network, in order: crossings and lines of the large boxes; traces with their calibration pulses."""
