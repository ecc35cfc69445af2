"""The kinds of input, and what reads each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from attack.inputs import Input


@attrs.frozen
class Kind:
    """A kind of input.

    Attributes:
        mutations: gives so many inputs for a seed.
        target: what reads them, as ``module:function``.
        share: of the inputs of a run that are of this kind; those that take long get fewer.
        needs: module without which they cannot be read.
        command: words of the ``ecg`` command that watches over such inputs.
    """

    mutations: Callable[[int, int], Iterator[Input]]
    target: str
    share: float
    needs: str = "ecg_core"
    command: tuple[str, ...] = ()


def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    from attack import checkpoints, configurations, documents, pictures, records

    return {
        "pictures": Kind(pictures.mutations, "attack.targets:page", 0.22, "ecg_digitize", ("digitize",)),
        "documents": Kind(documents.mutations, "attack.targets:page", 0.12, "ecg_digitize", ("digitize",)),
        "records": Kind(records.mutations, "attack.targets:record", 0.26),
        "configurations": Kind(configurations.mutations, "attack.targets:configuration", 0.2),
        "checkpoints": Kind(checkpoints.mutations, "attack.targets:checkpoint", 0.2, "torch"),
    }
