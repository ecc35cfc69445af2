"""Pictures to latents, batch by batch on a backend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
import torch

from ecg_core.context import Failure, RunContext
from ecg_core.errors import DataError
from ecg_core.progress import progress
from ecg_core.protocols import Backend
from ecg_diffusion.autoencoder.inference import Autoencoder
from ecg_diffusion.data.pictures import Picture
from ecg_diffusion.images.folders import read_images
from ecg_diffusion.images.scale import to_signed


@attrs.frozen(eq=False)
class Encoded:
    """Some pictures and their latents.

    Attributes:
        pictures: the pictures.
        mean, std: of the posterior, float32, shape (pictures, channels, height, width).
        l1, mse: error of each reconstruction from the mean, shape (pictures,); None unless asked for.
        damaged: pictures that could not be read, each with its error.
    """

    pictures: Sequence[Picture]
    mean: np.ndarray
    std: np.ndarray
    l1: np.ndarray | None
    mse: np.ndarray | None
    damaged: Sequence[tuple[Picture, DataError]]


def encode_all(
    autoencoder: Autoencoder,
    pictures: Sequence[Picture],
    backend: Backend,
    context: RunContext,
    *,
    batch_size: int,
    reconstruct: bool,
) -> tuple[list[Encoded], list[Failure]]:
    """Encode the pictures of a task with a progress bar; returns their latents, and those that could not be read.

    Raises:
        BackendUnavailable: the backend is not here.
        DataError: no picture can be read.
    """
    found: list[Encoded] = []
    backend.setup(seed=context.seed)
    try:
        with progress(len(pictures), context.task, unit="pictures") as bar:
            for each in encode_pictures(autoencoder, pictures, backend, batch_size=batch_size, reconstruct=reconstruct):
                found.append(each)
                bar.advance(len(each.pictures) + len(each.damaged))
    finally:
        backend.close()
    failures = [Failure.from_error(str(picture.path), error) for each in found for picture, error in each.damaged]
    if len(failures) == len(pictures):
        raise DataError(f"none of the {len(pictures)} pictures can be read: {failures[0].item}: {failures[0].reason}")
    return [each for each in found if each.pictures], failures


def encode_pictures(
    autoencoder: Autoencoder,
    pictures: Sequence[Picture],
    backend: Backend,
    *,
    batch_size: int,
    reconstruct: bool,
) -> Iterator[Encoded]:
    """Encode pictures; one that cannot be read is reported and stops no other.

    Args:
        autoencoder: moved to the device.
        pictures: pictures to encode.
        backend: set up already.
        batch_size: pictures at a time; the last batch is filled up, so that every batch has this shape.
        reconstruct: whether to decode them too, and measure the error.
    """
    autoencoder.to(backend.device)
    for start in range(0, len(pictures), batch_size):
        read, damaged = _read(pictures[start : start + batch_size])
        if not read:
            nothing = np.zeros((0, autoencoder.latent_channels, 1, 1), np.float32)
            yield Encoded([], nothing, nothing, None, None, damaged)
            continue
        arrays = _encode(autoencoder, [pixels for _, pixels in read], backend, batch_size, reconstruct)
        l1, mse = arrays[2:] if reconstruct else (None, None)
        yield Encoded([picture for picture, _ in read], arrays[0], arrays[1], l1, mse, damaged)


def _read(
    pictures: Sequence[Picture],
) -> tuple[list[tuple[Picture, np.ndarray]], list[tuple[Picture, DataError]]]:
    found, damaged = read_images(picture.path for picture in pictures)
    return (
        [(picture, found[picture.path]) for picture in pictures if picture.path in found],
        [(picture, damaged[picture.path]) for picture in pictures if picture.path in damaged],
    )


@torch.no_grad()
def _encode(
    autoencoder: Autoencoder, pixels: Sequence[np.ndarray], backend: Backend, batch_size: int, reconstruct: bool
) -> list[np.ndarray]:
    """Return mean and standard deviation of the latents, and the two errors if asked for."""
    count = len(pixels)
    filled = np.stack([*pixels, *[pixels[-1]] * (batch_size - count)]).transpose(0, 3, 1, 2)
    pictures = torch.from_numpy(np.ascontiguousarray(filled)).to(backend.device)
    computed = list(autoencoder.encode(pictures))
    if reconstruct:
        difference = autoencoder.decode(computed[0]).clamp(-1, 1) - to_signed(pictures)
        computed += [difference.abs().mean(dim=(1, 2, 3)), difference.square().mean(dim=(1, 2, 3))]
    backend.sync()
    return [each.numpy()[:count] for each in backend.to_host(computed)]
