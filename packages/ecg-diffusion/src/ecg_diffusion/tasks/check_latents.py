"""Task `diffusion.check_latents`: the range of the latents of a data set, and how to normalise them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import attrs

from ecg_core.context import RunContext, TaskResult
from ecg_diffusion.tasks.encoding import EncodingConfig, encode_on_backend, encode_training_part

if TYPE_CHECKING:
    from ecg_core.protocols import Backend
    from ecg_diffusion.latents.report import LatentReport

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class CheckLatentsConfig(EncodingConfig):
    """Options of `diffusion.check_latents`."""


def run(config: CheckLatentsConfig, context: RunContext) -> TaskResult:
    """Write ``latents.json`` and log a table; a picture that cannot be read is reported and left out.

    Raises:
        BackendUnavailable: the backend is not here.
        CheckpointError: the autoencoder is missing or damaged.
        ConfigError: an option is missing.
        DataError: the split or its pictures are missing.
    """
    return encode_on_backend(_check, config, context)


def _check(backend: Backend, config: EncodingConfig, context: RunContext) -> TaskResult:
    from ecg_diffusion.latents.report import FILE, LatentReport

    part = encode_training_part(backend, config, context, reconstruct=True)
    report = LatentReport.of(part.encoded, images=str(config.images), vae=part.vae)
    report.write(context.out_dir / FILE)
    for line in table(report):
        log.info("%s", line)
    return TaskResult(summary=_summary(report), failures=part.failures)


def table(report: LatentReport) -> list[str]:
    """Format the ranges as lines of a table: one row for each channel and one for all."""
    rows = {"all": report.overall, **{f"channel {number}": each for number, each in enumerate(report.channels)}}
    head = f"{'':12}{'min':>9}{'max':>9}{'mean':>9}{'std':>9}"
    return [head, *(f"{name:12}{r.min:9.3f}{r.max:9.3f}{r.mean:9.3f}{r.std:9.3f}" for name, r in rows.items())]


def _summary(report: LatentReport) -> dict[str, object]:
    return {
        "pictures": report.pictures,
        "shape": " x ".join(map(str, report.shape)),
        "latents": dict(enumerate(table(report))),
        "reconstruction error": {"l1": round(report.l1, 4), "mse": round(report.mse, 5)},
        "verdict": report.verdict,
    }
