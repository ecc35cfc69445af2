from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from ecg_core.backends.base import TorchBackend, check_shares  # noqa: E402
from ecg_core.backends.cpu import CpuBackend  # noqa: E402
from ecg_core.errors import ConfigError  # noqa: E402
from ecg_core.protocols import Backend  # noqa: E402


@pytest.fixture
def backend() -> CpuBackend:
    backend = CpuBackend()
    backend.setup(seed=0)
    return backend


def test_the_cpu_backend_is_one(backend: CpuBackend):
    assert isinstance(backend, Backend)
    assert (backend.hardware, backend.device.type, backend.rank, backend.world_size) == ("CPU", "cpu", 0, 1)
    assert backend.diagnostics() == {"hardware": "CPU", "replicas": 1}


@pytest.mark.parametrize("precision", ["fp16", "bf61"])
def test_another_precision_is_refused_with_those_that_there_are(backend: CpuBackend, precision: str):
    with pytest.raises(ConfigError, match=rf"{precision} is not offered: choose fp32, or bf16"):
        backend.autocast(precision)


def test_bf16_is_autocast_of_the_devices_own_type(backend: CpuBackend):
    layer = torch.nn.Linear(2, 2)
    with backend.autocast("bf16"):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    with backend.autocast("fp32"):
        assert layer(torch.ones(1, 2)).dtype == torch.float32


def test_to_host_copies_every_tensor_of_a_tree(backend: CpuBackend):
    weight = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
    tree = {"a": [weight, 1], "b": (weight.t(), {"c": "text"})}
    copied = backend.to_host(tree)
    weight.data.zero_()
    assert copied["a"][0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert copied["b"][0].is_contiguous()
    assert not copied["a"][0].requires_grad
    assert (copied["a"][1], copied["b"][1]) == (1, {"c": "text"})


def test_a_seed_gives_the_same_numbers_again_and_others_on_other_ranks(backend: CpuBackend):
    def draw(rank: int, seed: int) -> list[float]:
        backend.rank = rank
        backend.seed_step(seed)
        return torch.rand(3).tolist()

    assert draw(0, 5) == draw(0, 5)
    assert draw(0, 5) != draw(0, 6)
    assert draw(1, 5) not in [draw(0, seed) for seed in range(20)]


def test_a_batch_must_be_shared_equally():
    check_shares({"x": torch.zeros(6, 2)}, 3)
    check_shares({"x": torch.zeros(7, 2)}, 1)
    with pytest.raises(ConfigError, match=r"batch of 7 \(x\) cannot be shared equally by 2 devices.*multiple of 2"):
        check_shares({"x": torch.zeros(7, 2)}, 2)


def test_each_replica_gets_its_share_and_none_is_lost():
    batch = {"x": torch.arange(6)}
    shares = []
    for rank in range(3):
        backend = CpuBackend()
        backend.device = torch.device("cpu")
        backend.rank, backend.world_size, backend.num_replicas = rank, 3, 3
        (share,) = backend.loader([batch])
        shares.append(share["x"])
    assert sorted(torch.cat(shares).tolist()) == list(range(6))
    assert {len(share) for share in shares} == {2}


def test_one_device_backends_refuse_more():
    class Single(TorchBackend):
        name = "single"

    assert Single().launch(lambda backend, value: (backend.name, value), 3, devices=1) == ("single", 3)
    with pytest.raises(ConfigError, match="runs on one device; found --devices 2"):
        Single().launch(print, devices=2)


def test_torchrun_and_another_number_of_devices_do_not_go_together(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert CpuBackend().launch(lambda _backend: "here") == "here"
    with pytest.raises(ConfigError, match="torchrun started 4 processes; leave --devices 2 out"):
        CpuBackend().launch(print, devices=2)


@pytest.mark.parametrize("train", [True, False])
def test_weights_of_2d_convolutions_lie_channels_last_and_keep_their_values(backend: CpuBackend, train: bool):
    model = torch.nn.Sequential(torch.nn.Conv1d(3, 4, 3), torch.nn.Conv2d(3, 4, 3), torch.nn.Conv3d(3, 4, 3))
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    prepared = backend.prepare(model, train=train)
    assert model[1].weight.is_contiguous(memory_format=torch.channels_last)
    assert all(torch.equal(weight, before[name]) for name, weight in prepared.state_dict().items())
