"""Trained autoencoders, opened for use: runs of `diffusion.train_vae`, and AutoencoderKL of diffusers."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import torch
from diffusers import AutoencoderKL
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ecg_core.errors import CheckpointError
from ecg_core.training.weights import ABOUT, Weights, digest_of, read_weights
from ecg_diffusion.autoencoder.network import AutoencoderNetworkConfig, AutoencoderRequest
from ecg_diffusion.autoencoder.upsampling import with_native_upsampling
from ecg_diffusion.images import SIDE_PX
from ecg_diffusion.images.scale import to_signed, to_uint8
from ecg_diffusion.trained_options import trained_options

TASK = "diffusion.train_vae"
CONFIG, DIFFUSERS_WEIGHTS, SUFFIX = "config.json", "diffusion_pytorch_model.safetensors", ".safetensors"
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
EXPECTED = (
    "expected is a run folder of diffusion.train_vae, a folder of diffusers with config.json and "
    f"{DIFFUSERS_WEIGHTS}, or a .safetensors file (exported from such a run, or with its config.json beside it)"
)

log = logging.getLogger(__name__)


@attrs.frozen(eq=False)
class Autoencoder:
    """A trained autoencoder, frozen.

    Attributes:
        net: diffusers' AutoencoderKL, in evaluation mode.
        path: where it was read from.
        digest: SHA-256 of its weights, independent of the file format.
    """

    net: AutoencoderKL
    path: Path
    digest: str

    @property
    def latent_channels(self) -> int:
        return int(self.net.config["latent_channels"])

    @property
    def reduction(self) -> int:
        """Pixels of a side that become one of a latent."""
        return int(2 ** (len(self.net.config["block_out_channels"]) - 1))

    def to(self, device: torch.device) -> None:
        """Move the network."""
        self.net.to(device)

    @torch.no_grad()
    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Encode uint8 pictures (batch, 3, height, width) to mean and standard deviation of their latents, float32."""
        posterior = self.net.encode(to_signed(pictures)).latent_dist
        return posterior.mean.float(), posterior.std.float()

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Decode latents to pictures (batch, 3, height, width) from about -1 to 1."""
        return self.net.decode(latents).sample

    def to_pictures(self, latents: Tensor) -> np.ndarray:
        """Decode latents to uint8 pictures (batch, height, width, 3)."""
        return to_uint8(self.decode(latents))

    def __deepcopy__(self, memo: dict[int, Any]) -> Autoencoder:
        """Return itself: it never changes, so a running average of a model that uses it needs no copy."""
        return self


def open_autoencoder(path: Path) -> Autoencoder:
    """Open an autoencoder of a file or folder on this machine; nothing is unpickled or downloaded.

    Args:
        path: a run folder of `diffusion.train_vae` or a checkpoint of it; a folder of diffusers, ``config.json`` and
            weights in safetensors; or one safetensors file, exported from such a run, or with diffusers' names and its
            ``config.json`` beside it.

    Raises:
        CheckpointError: there is none of these, or it is damaged.
    """
    if path.is_dir() and (path / CONFIG).is_file():
        net = _of_diffusers(path)
    elif path.suffix == SUFFIX and path.is_file() and not _says_its_task(path):
        net = _of_plain_file(path)
    elif path.exists():
        net = _of_run(path)
    else:
        raise CheckpointError(f"{path}: there is no autoencoder; {EXPECTED}")
    net = with_native_upsampling(net).eval().requires_grad_(False)
    return Autoencoder(net, path, digest_of(net.state_dict()))


def find_autoencoder(named: Path | None, known: Mapping[str, str], *, option: str = "vae") -> Autoencoder:
    """Open the autoencoder that latents were made with.

    Args:
        named: where it is now; None for where it was.
        known: its path and digest when the latents were made.
        option: name of the option that says where it is now, for messages.

    Raises:
        CheckpointError: there is none, it is damaged, or another one.
    """
    path = named or Path(known["path"])
    if not path.exists():
        raise CheckpointError(
            f"{path}: the autoencoder of these latents is not there; say where it is now by {option}=PATH"
        )
    found = open_autoencoder(path)
    require_digest(found, known["digest"], "that these latents were made with", option=option)
    return found


def require_digest(autoencoder: Autoencoder, digest: str, whose: str, *, option: str = "vae") -> None:
    """Refuse an autoencoder with another digest.

    Raises:
        CheckpointError: its weights are others.
    """
    if autoencoder.digest != digest:
        raise CheckpointError(
            f"{option}: {autoencoder.path} has other weights (SHA-256 {autoencoder.digest[:12]}…) than the autoencoder "
            f"{whose} ({digest[:12]}…), so its latents mean something else; name the right one by {option}=PATH, or "
            "make latents and report anew"
        )


def _of_run(path: Path) -> AutoencoderKL:
    weights = read_weights(path)
    weights.require_task(TASK, f"; {EXPECTED}")
    return _from_weights(weights)


def _from_weights(weights: Weights) -> AutoencoderKL:
    options = trained_options(weights, AutoencoderNetworkConfig, section="vae")
    model = options.model.make(AutoencoderRequest(side_px=SIDE_PX))
    weights.put_into(model)
    net: AutoencoderKL = model.net
    return net


def _of_diffusers(folder: Path) -> AutoencoderKL:
    if not (folder / DIFFUSERS_WEIGHTS).is_file():
        found = sorted(each.name for pattern in PICKLED for each in folder.glob(pattern))
        hint = f"; {found[0]} is pickled and never read: save it as safetensors" if found else ""
        raise CheckpointError(f"{folder} has a {CONFIG} and no {DIFFUSERS_WEIGHTS}{hint}")
    try:
        net, report = AutoencoderKL.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, low_cpu_mem_usage=False, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, TypeError, SafetensorError) as error:
        raise CheckpointError(f"{folder} holds no AutoencoderKL of diffusers, or it is damaged: {error}") from error
    wrong = [*report["missing_keys"], *report["unexpected_keys"], *report.get("mismatched_keys", ())]
    if wrong:
        raise CheckpointError(f"{folder}: {CONFIG} and weights do not belong together; {wrong[0]} is in one alone")
    return net


def _of_plain_file(path: Path) -> AutoencoderKL:
    if not path.with_name(CONFIG).is_file():
        raise CheckpointError(
            f"{path} does not say what network it belongs to, and no {CONFIG} of diffusers is beside it; {EXPECTED}"
        )
    with _named_as_diffusers_does(path) as folder:
        return _of_diffusers(folder)


@contextmanager
def _named_as_diffusers_does(path: Path) -> Iterator[Path]:
    """Make a folder in which a file has the name that diffusers looks for."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copyfile(path.with_name(CONFIG), folder / CONFIG)
        try:
            (folder / DIFFUSERS_WEIGHTS).symlink_to(path.resolve())
        except OSError:
            shutil.copyfile(path, folder / DIFFUSERS_WEIGHTS)
        yield folder


def _says_its_task(path: Path) -> bool:
    try:
        with safe_open(path, framework="pt") as file:
            return ABOUT in (file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} is no safetensors file, or damaged: {error}") from error
