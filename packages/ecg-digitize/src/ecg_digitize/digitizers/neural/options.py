"""Options of the neural digitizer; light to import."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import Choice, option, plugin_option


@attrs.frozen(kw_only=True)
class NeuralOptions:
    """What runs the networks, and which ones."""

    engine: Choice = plugin_option("engines", "onnx", help="what runs the networks; torch needs ecg-digitize[torch]")
    networks: Path | None = option(None, help="folder of networks of your own, made by digitize.export")
