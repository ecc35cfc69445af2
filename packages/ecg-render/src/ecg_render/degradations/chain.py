"""Degradations by name, one after the other where several names are joined by ``+``."""

from __future__ import annotations

from ecg_core.plugins.registry import registry
from ecg_render.page import Page

CLEAN = "none"
JOINT = "+"


def degrade_by_name(page: Page, name: str, seed: int) -> Page:
    """The page after a degradation, or after several: ``crop+phone`` crops it and then photographs what is left.

    Args:
        page: any page.
        name: of a degradation, several joined by ``+``, or ``none``, which leaves the page as it is.
        seed: decides everything; each of several degradations has its own seed from it.

    Raises:
        PluginError: no such degradation; the message lists those that are there.
    """
    for number, each in enumerate(names_of(name)):
        page = registry().load("degradations", each)(page, seed + number)
    return page


def names_of(name: str) -> list[str]:
    """The degradations that a name stands for."""
    return [each for word in name.split(JOINT) if (each := word.strip()) and each != CLEAN]
