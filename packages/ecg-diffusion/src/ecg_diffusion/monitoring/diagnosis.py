"""The known faults of these trainings: how each shows in the figures, and how to cure it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from ecg_diffusion.monitoring.history import History
from ecg_diffusion.monitoring.ranges import ZEROS, stage_now

FEW_SKIPPED = 0.01
"""Share of skipped steps that is no fault."""

RISEN = 1.5
"""Ratio of the recent training error to the lowest one from which it counts as a rise."""

SMALL = 0.05
"""A training error below this is small enough for any rise not to matter."""

TOLD_FROM = 0.1
"""Share of the training from which on an error that has not fallen is a fault."""

EMA_FAR, EMA_TOWARDS_ZEROS = 1.5, 0.25
"""Averaged weights are far off where their error is 1.5 times that of training, and a quarter of the way to that of
predicting zeros."""

EMA_REACHES = 3
"""Averages settle after about three times the steps that they reach back."""

CONDITION_FROM, CONDITION_LINES, CONDITION_ERRORS, CONDITION_LEAST = 0.3, 5, 2.0, 0.005
"""The gap between a wrong and the right class is judged from this share of the training on, over this number of
evaluations; it must exceed this number of standard errors of its mean, and this share of the error."""

VALIDATION_RISEN = 1.1
"""Ratio of the validation error to the lowest one from which it counts as a rise."""

MEMORY_LINES = 4
"""Evaluations that are needed to see a rise of the validation error."""


@attrs.frozen
class Finding:
    """A fault of a training.

    Attributes:
        name: name of the fault.
        seen: evidence for it.
        cure: advice.
    """

    name: str
    seen: str
    cure: str


def diagnose(history: History) -> list[Finding]:
    """List the faults that a training shows, none for a healthy one."""
    found = (check(history) for check in CHECKS[history.kind])
    return [finding for finding in found if finding is not None]


def not_finite(history: History) -> Finding | None:
    """Find a loss that is not finite now, roll-backs, or many skipped steps."""
    skipped, rollbacks = history.last("train", "skipped"), history.count("rollback")
    is_lost = not np.isfinite(history.last("train", "loss"))
    if not (is_lost or rollbacks or skipped > FEW_SKIPPED * history.step):
        return None
    seen = [f"the loss at step {history.step} is not finite"] if is_lost else []
    seen += [f"{rollbacks} roll-backs to an earlier checkpoint"] if rollbacks else []
    seen += [f"{skipped:.0f} of {history.step} steps were skipped"] if skipped > 0 else []
    return Finding(
        "diverged" if is_lost or rollbacks else "skipped steps",
        ", ".join(seen),
        "lower optim.lr to a third, set clip_norm=1, train with --precision fp32, and look at the range of the latents "
        "(diffusion.check_latents)",
    )


def rising(history: History) -> Finding | None:
    """Find a training error that has risen from its lowest."""
    found = history.series("train", history.measure).finite()
    window = max(len(found) // 20, 5)
    if len(found) < 2 * window:
        return None
    lowest = min(float(np.median(found.values[n : n + window])) for n in range(0, len(found) - window + 1, window))
    if history.recent() <= RISEN * lowest or history.recent() < SMALL:
        return None
    return Finding(
        "loss rising",
        f"{history.measure} of training is {history.recent():.3g} after {lowest:.3g} before",
        "lower optim.lr to a third and go on from the best checkpoint (begin_with); set clip_norm=1 and warm the rate "
        "up (schedule.warmup_steps=500)",
    )


def not_falling(history: History) -> Finding | None:
    """Find a training error above the range of its stage."""
    stage = stage_now(history)
    if history.fraction < TOLD_FROM or not history.recent() > stage.high:
        return None
    references = {
        "diffusion": f"predicting nothing has {ZEROS:g}",
        "vae": "gray pictures have at most 1",
    }
    return Finding(
        "loss not falling",
        f"{history.measure} of training is {history.recent():.3g} at {100 * history.fraction:.0f} % of the steps; "
        f"expected is {stage.high:.3g} at most, {references[history.kind]}",
        "raise optim.lr if it is below 1e-4 or the warm-up is most of the run, look whether gradients arrive "
        "(grad_norm above 0) and the latents have unit variance (diffusion.check_latents); else train longer or wider",
    )


def ema_is_noise(history: History) -> Finding | None:
    """Find averaged weights that are far worse than the weights in training, and still improving."""
    decay = float((history.config.get("ema") or {}).get("decay") or 0)
    measured = history.series("validation", "mse").finite()
    recent = history.recent()
    if not decay or not len(measured):
        return None
    last = float(measured.values[-1])
    is_far = last > EMA_FAR * recent and last > recent + EMA_TOWARDS_ZEROS * (ZEROS - recent)
    if not is_far or last > VALIDATION_RISEN * measured.values.min():
        return None
    updates = int(measured.steps[-1] - np.nan_to_num(history.last("train", "skipped")))
    needed = round(EMA_REACHES / max(1 - decay, 1e-9))
    errors = f"mse of the averaged weights is {last:.3g}, of training {recent:.3g}"
    seen = f"{errors}, after {updates} updates at decay {decay:g}"
    if updates >= needed:
        return Finding(
            "averaged weights are noise",
            f"{seen}, which should be enough of them",
            "validation differs from training in more than the average: look whether it gets the same latents, classes "
            "and noise levels",
        )
    reachable = 1 - 10 / max(history.total_steps, 20)
    return Finding(
        "averaged weights are noise",
        f"{seen}; about {needed} are needed",
        f"train for {needed} steps, or set ema.decay={min(reachable, decay):.4g} and start anew; samples of the last "
        "checkpoint are noise until then",
    )


def condition_ignored(history: History) -> Finding | None:
    """Find a network that predicts as well with a wrong class as with the right one."""
    if history.fraction < CONDITION_FROM:
        return None
    right, wrong = (history.series("validation", name).finite() for name in ("mse", "mse_wrong_class"))
    steps = np.intersect1d(right.steps, wrong.steps)[-CONDITION_LINES:]
    if not len(steps):
        return None
    gaps = wrong.values[np.isin(wrong.steps, steps)] - right.values[np.isin(right.steps, steps)]
    error = float(gaps.std(ddof=1) / np.sqrt(len(gaps))) if len(gaps) > 1 else 0.0
    least = max(CONDITION_ERRORS * error, CONDITION_LEAST * float(right.values[-1]))
    if gaps.mean() > least:
        return None
    return Finding(
        "class ignored",
        f"mse with a wrong class is {gaps.mean():+.3g} above that with the right one, within its noise of {least:.2g}, "
        f"at {100 * history.fraction:.0f} % of the steps",
        "check that the class folders are right and the classes look different; lower cond_drop_prob to 0.1, "
        "train longer; a higher guidance scale helps only once the gap is above 0",
    )


def memorising(history: History) -> Finding | None:
    """Find a validation error that rises while that of training falls."""
    measured = history.series("validation", history.measure).finite()
    if len(measured) < MEMORY_LINES:
        return None
    best = int(measured.values.argmin())
    lowest, now = float(measured.values[best]), float(measured.values[-2:].mean())
    best_step = int(measured.steps[best])
    reach = max(RISEN * 0.05 * history.step, 1)
    train = history.series("train", history.measure).finite()
    before = train.median(best_step - reach, best_step + reach)
    if best >= len(measured) - 2 or now <= VALIDATION_RISEN * lowest or not history.recent() < before:
        return None
    return Finding(
        "memorising",
        f"{history.measure} of validation has risen to {now:.3g} from {lowest:.3g} at step {best_step}, while that of "
        f"training fell from {before:.3g} to {history.recent():.3g}",
        f"use a checkpoint near step {best_step}, or train for so many steps; add training pictures, take a smaller "
        "network or more dropout; diffusion.evaluate shows whether samples are copies",
    )


Check = Callable[[History], Finding | None]

CHECKS: dict[str, Sequence[Check]] = {
    "diffusion": (not_finite, rising, not_falling, ema_is_noise, condition_ignored, memorising),
    "vae": (not_finite, rising, not_falling, memorising),
}
