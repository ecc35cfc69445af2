"""The neural digitizer: any picture of a page, photo or scan, any way up, by networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecg_core.errors import DataError
from ecg_digitize.digitizers.neural.lead_cutting import cut_leads
from ecg_digitize.digitizers.neural.networks import calibration_of, load_networks
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.digitizers.neural.seen import what_was_seen
from ecg_digitize.digitizers.neural.stages import run_stages
from ecg_digitize.digitizers.protocol import ReadingRequest
from ecg_digitize.digitizers.reading import Reading
from ecg_digitize.digitizers.unreadable import UnreadablePage
from ecg_digitize.pages.files import PagePicture

ANY_PICTURE = 0.5


class NeuralDigitizer:
    """Reads pictures.

    Args:
        options: what runs the networks, and which ones.

    Raises:
        ConfigError, CheckpointError: a network is not there, or damaged.
        PluginError: there is no such engine, or it is not installed.
    """

    def __init__(self, options: NeuralOptions) -> None:
        self._networks = load_networks(options)
        self._calibration = calibration_of(options.networks)
        self._engine = options.engine.name

    def can_read(self, page: PagePicture) -> float:
        """Any picture may show a page; whether it does is found by reading."""
        return ANY_PICTURE

    def read(
        self,
        page: PagePicture,
        request: ReadingRequest,
        on_step: Callable[[str, Any], None] = lambda _name, _found: None,
    ) -> Reading:
        """Read a page.

        Args:
            page: the page.
            request: what is asked of it.
            on_step: gets what every step found, see `ecg_digitize.digitizers.neural.stages.run_stages`.

        Raises:
            UnreadablePage: the picture shows no rows of a page; with what was seen.
        """
        steps: dict[str, Any] = {}

        def note(name: str, step: Any) -> None:
            steps[name] = step
            on_step(name, step)

        try:
            found = run_stages(page.image, request.layouts, request.settings, self._networks, note)
            return cut_leads(found, request, calibration=self._calibration, engine=self._engine)
        except DataError as error:
            raise UnreadablePage(str(error), what_was_seen(steps)) from error
