from __future__ import annotations

import numpy as np
import pytest

from ecg_diffusion.images.spectra import micro_doppler, to_colours


@pytest.mark.parametrize("shift", [-0.3, -0.1, 0.0, 0.2, 0.4])
def test_a_steady_tone_is_a_line_at_its_height(shift: float) -> None:
    image = micro_doppler(np.exp(2j * np.pi * shift * np.arange(5120)))
    assert image.shape == (256, 256, 3)
    brightest = image.astype(int).sum(axis=2).argmax(axis=0)
    assert np.abs(brightest - (127.5 - 256 * shift)).max() <= 1


def test_what_happens_later_lies_further_to_the_right() -> None:
    burst = np.zeros(5120, complex)
    burst[3840:3900] = 1
    image = micro_doppler(burst).astype(int).sum(axis=2).sum(axis=0)
    assert abs(image.argmax() - (3870 - 64) * 256 / (5120 - 128)) < 4


@pytest.mark.parametrize("length", [200, 1000, 9999])
def test_images_have_one_size_whatever_the_length(length: int) -> None:
    rng = np.random.default_rng(0)
    assert micro_doppler(rng.normal(size=length) + 0j).shape == (256, 256, 3)


def test_colours_get_lighter_with_the_level_and_end_where_viridis_does() -> None:
    ramp = to_colours(np.linspace(0, 1, 50))
    assert (ramp[0].tolist(), ramp[-1].tolist()) == ([68, 1, 84], [253, 231, 37])
    lightness = ramp @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) > 0).all()
    assert (to_colours(np.array([-1.0, np.nan, 2.0])) == ramp[[0, 0, -1]]).all()
