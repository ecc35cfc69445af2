"""What the network of a stage is given while pages are read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from ecg_core.errors import DataError
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.networks import load_networks
from ecg_digitize.digitizers.neural.options import NeuralOptions
from ecg_digitize.digitizers.neural.stages import run_stages
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.pages.files import find_page_files, load_pages
from ecg_digitize.reader import AUTO, layouts_named


def network_examples(stage: str, pages: Sequence[str], number: int) -> list[np.ndarray]:
    """Inputs of a network, taken evenly from all that it was given while the shipped networks read pages.

    Pages that cannot be read give what was looked at until then.

    Args:
        stage: name of the network.
        pages: pictures of pages, documents, and folders of them.
        number: of the inputs; fewer where there were fewer.

    Returns:
        uint8, each of shape (batch, 3, height, width).

    Raises:
        ConfigError: there is no such file, or a folder has none.
        DataError: a file is damaged, or the network was given nothing.
    """
    networks = dict(load_networks(NeuralOptions()))
    networks[stage] = noting = _Noting(networks[stage], number)
    layouts = layouts_named(AUTO)
    for file in find_page_files(pages):
        for page in load_pages(file):
            with suppress(DataError):
                run_stages(page.image, layouts, PrintSettings(), networks)
    if not noting.given:
        raise DataError(f"none of the pages shows anything to the network {stage}: name pages that can be read")
    last = len(noting.given) - 1
    return [noting.given[index] for index in np.linspace(0, last, min(number, last + 1)).round().astype(int)]


class _Noting:
    """A network that keeps a copy of every so manieth input; of ever fewer, so that memory stays bounded.

    Args:
        network: gives the outputs.
        number: of the inputs that are wanted in the end.
    """

    def __init__(self, network: Network, number: int) -> None:
        self._network = network
        self._most = 2 * number
        self._stride = 1
        self._count = 0
        self.given: list[np.ndarray] = []

    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, ...]:
        if self._count % self._stride == 0:
            self.given.append(np.array(image))
        self._count += 1
        if len(self.given) > self._most:
            self.given = self.given[::2]
            self._stride *= 2
        return self._network(image)
