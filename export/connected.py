"""The fully connected layers of GeoVision: from what the eyes see to how likely each place is.

Every head is fc6 and fc7: a network that is trained, layers that are found in closed form, or several side by
side.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAST = 0.02
"""No place becomes less likely by a look than by this factor."""


class Head(nn.Module):  # type: ignore[misc]
    """Two fully connected layers from the eyes' statistics, standardised, to `outputs` numbers.

    `mean` and `std` are the statistics of the training photographs, shape [STATISTICS].
    """

    def __init__(self, mean: Tensor, std: Tensor, hidden: int, outputs: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.drop = nn.Dropout(dropout)
        self.fc6 = nn.Linear(len(mean), hidden)
        self.fc7 = nn.Linear(hidden, outputs)
        nn.init.zeros_(self.fc7.weight)

    def embedding(self, statistics: Tensor) -> Tensor:
        """What fc6 says, [batch, hidden], never negative."""
        return functional.relu(self.fc6(self.drop((statistics - self.mean) / self.std)))

    def sight(self, embedding: Tensor) -> Tensor:
        """The part of embeddings that pictures are compared by: all of it."""
        return embedding

    def scores(self, embedding: Tensor) -> Tensor:
        """Outputs [batch, outputs] from embeddings."""
        return self.fc7(self.drop(embedding))

    def forward(self, statistics: Tensor) -> Tensor:
        return self.scores(self.embedding(statistics))


class Readout(nn.Module):  # type: ignore[misc]
    """Two linear layers: fc6 is a lens for a teacher's sight, fc7 weighs each place by it.

    Both are found in closed form. `prior` [places] are the probabilities of places before looking.
    """

    def __init__(self, mean: Tensor, std: Tensor, sight: int, prior: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.register_buffer("prior", prior)
        self.fc6 = nn.Linear(len(mean), sight)
        self.fc7 = nn.Linear(sight, len(prior), bias=False)

    def embedding(self, statistics: Tensor) -> Tensor:
        """What the teacher is thought to see: [batch, sight], each of mean 0 and spread 1."""
        return self.fc6((statistics - self.mean) / self.std)

    def sight(self, embedding: Tensor) -> Tensor:
        """The part of embeddings that pictures are compared by: all of it."""
        return embedding

    def scores(self, embedding: Tensor) -> Tensor:
        """Logarithms of how likely each place is, up to a constant: [batch, places]."""
        # A product and no Gemm, with nothing added before the maximum: it stays float32 in an int8 file.
        times = torch.clamp(embedding @ self.fc7.weight.T, min=LEAST - 1) + 1
        return torch.log(times * self.prior)

    def forward(self, statistics: Tensor) -> Tensor:
        return self.scores(self.embedding(statistics))


class Recall(Readout):
    """A lens and a memory: a radial basis network (Broomhead and Lowe 1988) behind fc6.

    A layer between says how alike the sight is to that of each photograph known; fc7 weighs places by that.
    `known` [n, sight] are embeddings of photographs, `spread` [sight] says how much each number counts.
    """

    def __init__(self, mean: Tensor, std: Tensor, known: Tensor, spread: Tensor, prior: Tensor) -> None:
        super().__init__(mean, std, known.shape[1], prior)
        self.register_buffer("spread", spread)
        self.register_buffer("known", known * spread)
        self.register_buffer("usual", self._apart(known).median().clamp(min=1e-6))
        self.fc7 = nn.Linear(len(known), len(prior), bias=False)

    def _apart(self, embedding: Tensor) -> Tensor:
        """Squared distances [batch, n] from the photographs known."""
        inputs = embedding * self.spread
        lengths = (inputs * inputs).sum(dim=1, keepdim=True) + (self.known * self.known).sum(dim=1)
        return lengths - 2 * inputs @ self.known.T

    def alike(self, embedding: Tensor) -> Tensor:
        """How alike each photograph known is, [batch, n]: 1 to itself, 1/e over the usual distance."""
        return torch.exp(-self._apart(embedding) / self.usual)

    def scores(self, embedding: Tensor) -> Tensor:
        return super().scores(self.alike(embedding))


class Ensemble(nn.Module):  # type: ignore[misc]
    """Heads over the same places, side by side: a wider network whose scores are the mean of theirs.

    As scores are logarithms of probabilities, opinions are pooled geometrically (Genest and Zidek 1986): a
    place must be likely to all.
    """

    def __init__(self, members: Sequence[Head | Readout]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def embedding(self, statistics: Tensor) -> Tensor:
        """What the members' fc6 say, one after another: [batch, sum of theirs]."""
        return torch.cat([member.embedding(statistics) for member in self.members], dim=1)

    def sight(self, embedding: Tensor) -> Tensor:
        """The part of embeddings that pictures are compared by: the first member's."""
        return embedding[:, : self.members[0].fc6.out_features]

    def scores(self, embedding: Tensor) -> Tensor:
        """Logarithms of how likely each place is, up to a constant: [batch, places]."""
        parts = embedding.split([member.fc6.out_features for member in self.members], dim=1)
        said = [member.scores(part) for member, part in zip(self.members, parts, strict=True)]
        return torch.stack(said).mean(dim=0)

    def forward(self, statistics: Tensor) -> Tensor:
        return self.scores(self.embedding(statistics))


def joined(heads: list[Head]) -> Head:
    """One head whose outputs are the mean of the outputs of several: an ensemble as one wider network."""
    first = heads[0]
    hidden = sum(head.fc6.out_features for head in heads)
    one = Head(first.mean, first.std, hidden, first.fc7.out_features)
    with torch.no_grad():
        one.fc6.weight.copy_(torch.cat([head.fc6.weight for head in heads]))
        one.fc6.bias.copy_(torch.cat([head.fc6.bias for head in heads]))
        one.fc7.weight.copy_(torch.cat([head.fc7.weight for head in heads], dim=1) / len(heads))
        one.fc7.bias.copy_(torch.stack([head.fc7.bias for head in heads]).mean(dim=0))
    one.eval()
    return one


Network = Head | Readout | Ensemble
"""What stands behind the eyes."""
