"""Walkers and what a radar sees of them, against what is known of walking and of the Doppler effect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_diffusion.gait.radar import SEGMENTS, Radar, amplitude, echo
from ecg_diffusion.gait.walk import Walker, joints

VELOCITIES = st.floats(0.2, 3.0)


def one_cycle(walker: Walker) -> np.ndarray:
    return np.arange(1000) / 1000 * walker.cycle_s


@given(velocity=VELOCITIES, height_m=st.floats(1.4, 2.1))
def test_every_joint_gets_on_by_a_cycle_of_way_in_a_cycle_of_time(velocity: float, height_m: float) -> None:
    walker = Walker(relative_velocity=velocity, height_m=height_m)
    first, later = (joints(walker, one_cycle(walker) + turn * walker.cycle_s) for turn in (0, 1))
    for name, place in first.items():
        np.testing.assert_allclose(later[name] - place, [[walker.cycle_m, 0, 0]] * 1000, atol=1e-9, err_msg=name)


@given(velocity=VELOCITIES)
def test_left_does_what_right_does_half_a_cycle_later(velocity: float) -> None:
    walker = Walker(relative_velocity=velocity)
    now, later = (joints(walker, one_cycle(walker) + share * walker.cycle_s) for share in (0.0, 0.5))
    for name in ("hip", "knee", "ankle", "toe", "hand"):
        heights = later[f"left {name}"][:, 2] - later["spine"][:, 2], now[f"right {name}"][:, 2] - now["spine"][:, 2]
        np.testing.assert_allclose(*heights, atol=1e-9)


@given(velocity=VELOCITIES, height_m=st.floats(1.4, 2.1))
def test_bones_keep_their_length(velocity: float, height_m: float) -> None:
    walker = Walker(relative_velocity=velocity, height_m=height_m)
    body = joints(walker, one_cycle(walker))
    for upper, lower, _ in SEGMENTS:
        length_m = np.linalg.norm(body[upper] - body[lower], axis=1)
        np.testing.assert_allclose(length_m, length_m[0], rtol=1e-9)


@pytest.mark.parametrize("velocity", [0.8, 1.2, 1.6])
def test_a_foot_rests_on_the_ground_while_it_supports_and_then_swings(velocity: float) -> None:
    """Of an ordinary gait a foot is on the ground for some 60 % of the time, and swings at thrice the velocity."""
    walker = Walker(relative_velocity=velocity)
    times_s = one_cycle(walker)
    ankle = joints(walker, times_s)["right ankle"]
    forward = np.gradient(ankle[:, 0], times_s) / walker.velocity_m_per_s
    on_ground = np.abs(forward) < 0.5
    assert 0.45 < on_ground.mean() < 0.7
    assert np.ptp(ankle[on_ground, 2]) < 0.1 * walker.height_m
    assert 2.5 < forward.max() < 5


@pytest.mark.parametrize("velocity", [0.5, 1.3])
def test_the_gait_does_not_jump_where_the_trajectories_change_their_form(velocity: float) -> None:
    below, above = (Walker(relative_velocity=velocity * (1 + sign * 1e-6)) for sign in (-1, 1))
    for name, place in joints(below, one_cycle(below)).items():
        np.testing.assert_allclose(joints(above, one_cycle(above))[name], place, atol=0.01, err_msg=name)


def test_a_sphere_has_the_cross_section_of_a_disc_from_every_side() -> None:
    sight = np.random.default_rng(0).normal(size=(20, 3))
    sight /= np.linalg.norm(sight, axis=1, keepdims=True)
    seen = amplitude(np.tile([0.0, 0.0, 0.2], (20, 1)), sight, 0.1)
    np.testing.assert_allclose(seen**2, np.pi * 0.1**2, rtol=1e-9)


def test_the_mean_doppler_shift_is_that_of_the_walk() -> None:
    """The trunk, which sends back the most, comes nearer by 1 m/s: twice that over the wavelength is its frequency."""
    walker, radar = Walker(), Radar()
    received = echo(walker, radar, duration_s=2 * walker.cycle_s)
    power = np.abs(np.fft.fft(received)) ** 2
    frequency_hz = np.fft.fftfreq(len(received), 1 / radar.pulses_per_s)
    strongest = np.abs(frequency_hz[power.argsort()[-20:]])
    expected_hz = 2 * walker.velocity_m_per_s / radar.wavelength_m
    assert np.median(strongest) == pytest.approx(expected_hz, rel=0.1)
    assert frequency_hz[power.argmax()] > 0, "what approaches has a positive shift"


def test_a_velocity_beyond_the_model_is_refused() -> None:
    with pytest.raises(ValueError, match="relative_velocity"):
        Walker(relative_velocity=3.5)
