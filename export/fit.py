"""The training loop: one head on what the eyes see, resumable to the bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.connected import Head
from export.heads import Task
from export.model import accelerator
from export.sampling import Sampler

Rows = NDArray[np.int64]

_SAVE_EVERY = 100


@dataclass(frozen=True, slots=True)
class Config:
    """What decides a training besides the photographs; it is saved with the weights.

    `head` is one of heads.py; "auto" takes `likeness` for a region's few photographs and `places` for many.
    `cap` is how many votes a cell may have; `expected` weighs the expected cost against the cross-entropy;
    `power` is the answer's (see Atlas); `views` is how many guises of a photograph are seen. With 0 for
    `views` or `ridge` they are what suits (see world.settled).
    Where there is a teacher, `taught` numbers of its sight are learned, with the ridge `penalty`; the head
    `readout` reads places from them with the penalty `ridge`.
    `precision` "bfloat16" multiplies in that and keeps weights and losses in float32.
    """

    head: str = "auto"
    hidden: int = 256
    members: int = 4
    most_places: int = 1024
    steps: int = 140
    batch: int = 128
    rate: float = 1e-3
    decay: float = 0.1
    dropout: float = 0.5
    expected: float = 1.0
    power: float = 0.7
    cap: float = 1.0
    views: int = 0
    taught: int = 400
    penalty: float = 1.0
    ridge: float = 0.0
    precision: str = "float32"
    seed: int = 0


def standard(statistics: NDArray[Any], share: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
    """Mean and spread [D] of what is seen of training photographs, [n, views, D], all views alike."""
    total = np.zeros((2, statistics.shape[2]))
    for number in range(statistics.shape[1]):
        seen = statistics[:, number].astype(np.float64)
        total += np.stack([share @ seen, share @ seen**2]) / statistics.shape[1]
    mean, square = total
    std = np.sqrt(np.maximum(square - mean**2, 0))
    # A channel that never moves says nothing, and must not start to speak when int8 rounds it elsewhere.
    std[std < 0.01 * np.sqrt(np.mean(square))] = np.inf
    return torch.tensor(mean, dtype=torch.float32), torch.tensor(std, dtype=torch.float32)


def train_head(
    head: Head,
    task: Task,
    see: Callable[[Rows, np.random.Generator], Tensor],
    share: NDArray[np.float64],
    config: Config,
    seed: int,
    checkpoint: Path | None = None,
    data: str = "",
) -> Head:
    """Train a head and return it ready for use.

    `see` gives the statistics [batch, STATISTICS] of training rows drawn by `share`. With `checkpoint` the
    state is saved there as it goes and taken up again; raises ValueError when it belongs to another
    configuration or other photographs (`data` is their fingerprint).
    """
    torch.manual_seed(seed)
    rng, sampler = np.random.default_rng(seed), Sampler(share)
    with torch.no_grad():
        head.fc7.bias.copy_(task.start())
    device = accelerator()
    head.to(device)
    weights = [value for name, value in head.named_parameters() if name.endswith("weight")]
    biases = [value for name, value in head.named_parameters() if name.endswith("bias")]
    groups = [{"params": weights, "weight_decay": config.decay}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=config.rate)
    stamp = {"config": asdict(config), "seed": seed, "data": data}
    step = _resume(checkpoint, stamp, head, optimizer, rng) if checkpoint else 0
    head.train()
    mixed = torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16")
    while step < config.steps:
        for group in optimizer.param_groups:
            group["lr"] = config.rate * _warm_then_cosine(step / config.steps)
        rows = sampler.draw(config.batch, rng)
        with mixed:
            outputs = head(see(rows, rng).to(device))
        value = task.loss(outputs.float(), rows).mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        step += 1
        if checkpoint and (step % _SAVE_EVERY == 0 or step == config.steps):
            _save(checkpoint, stamp, step, head, optimizer, rng)
    head.cpu().eval()
    return head


def _warm_then_cosine(done: float) -> float:
    """Share of the full rate: up over the first tenth, then down along a cosine (Smith and Topin 2019)."""
    return 0.04 + 0.96 * done / 0.1 if done < 0.1 else 0.5 + 0.5 * math.cos(math.pi * (done - 0.1) / 0.9)


def _save(
    path: Path,
    stamp: dict[str, Any],
    step: int,
    head: Head,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> None:
    state = {
        "stamp": stamp,
        "step": step,
        "head": head.state_dict(),
        "optimizer": optimizer.state_dict(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all(),
        "numpy": rng.bit_generator.state,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def _resume(
    path: Path,
    stamp: dict[str, Any],
    head: Head,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["stamp"] != stamp:
        raise ValueError(
            f"{path} is of another training (configuration, seed or photographs); choose another folder"
        )
    head.load_state_dict(state["head"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["torch"])
    torch.cuda.set_rng_state_all(state["cuda"])
    rng.bit_generator.state = state["numpy"]
    return int(state["step"])
