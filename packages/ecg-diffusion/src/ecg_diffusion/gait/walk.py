"""Human gait: the joints of a walking body over time, by a kinematic model fitted to measured gaits.

The trajectories and their numbers are those of Boulic, Magnenat-Thalmann and Thalmann 1990, "A global human walking
model with real-time kinematic personification", The Visual Computer 6:344-358 (doi 10.1007/BF01901021), appendices A to
D; lengths of the segments are by Winter's table of shares of the body height. The pelvis' fall to the side of the
swinging leg, a degree or two, is left out, and the signs of the slow trajectories to the side and to and fro are those
with which they meet the faster ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from scipy.interpolate import PchipInterpolator

HEAD, TORSO, HALF_SHOULDERS, HALF_HIPS = 0.130, 0.288, 0.259 / 2, 0.191 / 2
UPPER_ARM, LOWER_ARM, UPPER_LEG, LOWER_LEG, FOOT = 0.188, 0.152, 0.245, 0.246, 0.143
"""Shares of the body height."""

SLOW, FAST, FASTEST = 0.5, 1.3, 3.0
"""Relative velocities, lengths of a leg a second, at which the trajectories change their form, and end."""

Point = tuple[float, float]


@attrs.frozen(kw_only=True)
class Walker:
    """The gait of a person.

    Attributes:
        height_m: height of the body.
        relative_velocity: lengths of a leg a second, above 0 and at most 3; 1.3 is brisk.
        hip, knee, arm: swing of thighs, lower legs and arms, relative to the mean of all people.
    """

    height_m: float = 1.75
    relative_velocity: float = attrs.field(
        default=1.2, validator=[attrs.validators.gt(0.0), attrs.validators.le(FASTEST)]
    )
    hip: float = 1.0
    knee: float = 1.0
    arm: float = 1.0

    @property
    def velocity_m_per_s(self) -> float:
        """Velocity of the body as a whole."""
        return self.relative_velocity * (UPPER_LEG + LOWER_LEG) * self.height_m

    @property
    def cycle_s(self) -> float:
        """Duration of a cycle, two steps."""
        return float(1.346 * np.sqrt(self.relative_velocity)) / self.relative_velocity

    @property
    def cycle_m(self) -> float:
        """Length of a cycle, two steps."""
        return self.velocity_m_per_s * self.cycle_s


def joints(walker: Walker, times_s: np.ndarray, *, first_phase: float = 0.0) -> dict[str, np.ndarray]:
    """Compute the positions of the joints of a walker.

    Args:
        walker: the person, who walks along x.
        times_s: shape (times,).
        first_phase: phase of the cycle at time 0, from 0 to 1.

    Returns:
        By name (``spine``, ``neck``, ``head``, and with ``left `` or ``right `` before it ``shoulder``, ``elbow``,
        ``hand``, ``hip``, ``knee``, ``ankle``, ``toe``) metres in x, y to the left, and z up from the ground, float64,
        shape (times, 3).
    """
    phase = times_s / walker.cycle_s + first_phase
    spine = _spine(walker, times_s, phase)
    lean = np.radians(_lean(walker.relative_velocity, phase))
    up = np.stack((np.sin(lean), np.zeros_like(lean), np.cos(lean)), axis=-1) * walker.height_m
    found = {"spine": spine, "neck": spine + TORSO * up, "head": spine + (TORSO + HEAD) * up}
    for side, sign, own in (("left", 1.0, phase + 0.5), ("right", -1.0, phase)):
        found |= {f"{side} {name}": place for name, place in _arm(walker, found["neck"], phase, own, sign).items()}
        found |= {f"{side} {name}": place for name, place in _leg(walker, spine, phase, own, sign).items()}
    return found


def _spine(walker: Walker, times_s: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """The way of the lower end of the spine: forward at even speed, and a little up, aside, to and fro."""
    velocity, leg_m = walker.relative_velocity, (UPPER_LEG + LOWER_LEG) * walker.height_m
    up = 0.015 * velocity * (np.sin(2 * np.pi * (2 * phase - 0.35)) - 1)
    aside = (-0.128 * velocity * (1 - velocity) if velocity < SLOW else -0.032) * np.sin(2 * np.pi * (phase - 0.1))
    of_support = _support(velocity)
    along = -0.084 * velocity * (1 - velocity) if velocity < SLOW else -0.021
    to_and_fro = along * np.sin(2 * np.pi * (2 * phase + 2 * (0.625 - of_support)))
    offset = np.stack((to_and_fro, aside, up + 1), axis=-1) * leg_m
    offset[:, 0] += walker.velocity_m_per_s * times_s
    return offset


def _support(velocity: float) -> float:
    """Share of the cycle in which a foot is on the ground."""
    cycle = 1.346 * np.sqrt(velocity) / velocity
    return float((0.752 * cycle - 0.143) / cycle)


def _lean(velocity: float, phase: np.ndarray) -> np.ndarray:
    """Degrees by which the back leans forward."""
    most = 8 * velocity * (1 - velocity) if velocity < SLOW else 2.0
    return -most + most * np.sin(2 * np.pi * (2 * phase - 0.1))


def _leg(walker: Walker, spine: np.ndarray, phase: np.ndarray, own: np.ndarray, sign: float) -> dict[str, np.ndarray]:
    turned = np.radians(-4 * walker.relative_velocity * np.cos(2 * np.pi * phase))
    hip = spine + _sideways(HALF_HIPS * walker.height_m * sign, turned)
    thigh = np.radians(walker.hip * _through(_hip_points(walker.relative_velocity), own))
    shank = thigh - np.radians(walker.knee * _through(_knee_points(walker.relative_velocity), own))
    foot = shank + np.radians(_through(_ankle_points(walker.relative_velocity), own))
    knee = hip + _hanging(UPPER_LEG * walker.height_m, thigh)
    ankle = knee + _hanging(LOWER_LEG * walker.height_m, shank)
    return {"hip": hip, "knee": knee, "ankle": ankle, "toe": ankle + _hanging(FOOT * walker.height_m, foot + np.pi / 2)}


def _arm(walker: Walker, neck: np.ndarray, phase: np.ndarray, own: np.ndarray, sign: float) -> dict[str, np.ndarray]:
    velocity = walker.relative_velocity
    turned = np.radians(_through([(0.1, 4 / 3), (0.4, -4.5 / 3), (0.6, -4 / 3), (0.9, 4.5 / 3)], phase) * velocity)
    shoulder = neck + _sideways(HALF_SHOULDERS * walker.height_m * sign, turned)
    swing = 9.88 * velocity
    upper = np.radians(walker.arm * (3 - swing / 2 - swing * np.cos(2 * np.pi * own)))
    lower = upper + np.radians(walker.arm * _through(_elbow_points(velocity), own))
    elbow = shoulder + _hanging(UPPER_ARM * walker.height_m, upper)
    return {"shoulder": shoulder, "elbow": elbow, "hand": elbow + _hanging(LOWER_ARM * walker.height_m, lower)}


def _sideways(length_m: float, turned: np.ndarray) -> np.ndarray:
    """A bar to the left, turned about the upright axis."""
    return length_m * np.stack((-np.sin(turned), np.cos(turned), np.zeros_like(turned)), axis=-1)


def _hanging(length_m: float, forward: np.ndarray) -> np.ndarray:
    """A rod that hangs down, swung forward by an angle."""
    return length_m * np.stack((np.sin(forward), np.zeros_like(forward), -np.cos(forward)), axis=-1)


def _through(points: Sequence[Point], phase: np.ndarray) -> np.ndarray:
    """A smooth periodic curve through points of phase and value, at some phases."""
    repeated = sorted({(place + turn, value) for place, value in points for turn in (-2, -1, 0, 1, 2)})
    places, values = zip(*repeated, strict=True)
    return np.asarray(PchipInterpolator(places, values)(phase % 1))


def _beyond(velocity: float) -> float:
    """Position of a velocity between fast and fastest, from 0 to 1."""
    return max(velocity - FAST, 0.0) / (FASTEST - FAST)


def _hip_points(velocity: float) -> list[Point]:
    if velocity < SLOW:
        return [(0.5, -30 * velocity), (0.9, 50 * velocity)]
    far = _beyond(velocity)
    if not far:
        return [(0.5, -15), (0.9, 25)]
    return [(0.2 * far - 0.1, 5 * far + 25), (0.5, -15), (0.9, 6 * far + 25)]


def _knee_points(velocity: float) -> list[Point]:
    if velocity < SLOW:
        return [(0.17, 3), (0.4, 3), (0.75, 140 * velocity), (1, 3)]
    far = _beyond(velocity)
    return [
        (0.17 - 0.05 * far, 3 + 22 * far),
        (0.4, 3),
        (0.75 - 0.05 * far, 70 - 5 * far),
        (1 - 0.03 * far, 3 + 3 * far),
    ]


def _ankle_points(velocity: float) -> list[Point]:
    off = _support(velocity)
    if velocity < SLOW:
        return [(0, -3), (0.08, -30 * velocity - 3), (0.5, 22 * velocity - 3), (off, -34 * velocity - 3), (0.85, -3)]
    far = _beyond(velocity)
    return [
        (0, 5 * far - 3),
        (0.08, 4 * far - 18),
        (0.5 - 0.1 * far, 8 - 3 * far),
        (off, -20 - 8 * far),
        (0.85, 5 * far - 3),
    ]


def _elbow_points(velocity: float) -> list[Point]:
    if velocity < SLOW:
        return [(0.05, 6 * velocity + 3), (0.5, 34 * velocity + 3), (0.9, 10 * velocity + 3)]
    if velocity < FAST:
        way = (velocity - SLOW) / (FAST - SLOW)
        return [(0.05, 8 * way + 6), (0.01 * way + 0.5, 24 * way + 20), (0.9, 9 * way + 8)]
    far = _beyond(velocity)
    return [(0.05, 14 - 6 * far), (0.04 * far + 0.51, 44 + 26 * far), (0.9 - 0.1 * far, 17 - 6 * far)]
