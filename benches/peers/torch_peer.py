"""A training step in PyTorch, in two variants."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from case import MOMENTUM, SIGMA, SIGMA_SQUARED, Case


class Autograd:
    """As a user of PyTorch would write it: autograd, torch.optim.SGD."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.data, weights, bias = map(torch.from_numpy, case.start())
        self.W, self.b = weights.requires_grad_(), bias.requires_grad_()
        self.optimizer = torch.optim.SGD([self.W, self.b], lr=case.learning_rate, momentum=MOMENTUM)

    def hidden(self, a: Tensor) -> tuple[Tensor, Tensor | None]:
        """h = s_e(a) and, for cae, s'(a) as an expression that autograd differentiates again."""
        cae = self.case.model == "cae"
        if self.case.activation == "relu":
            return torch.relu(a), (a > 0).to(a.dtype) if cae else None
        if self.case.activation == "sigmoid":
            h = torch.sigmoid(a)
            return h, h * (1 - h) if cae else None
        return softplus(a), torch.sigmoid(a) if cae else None

    def objective(self, x: Tensor, noise: Tensor) -> Tensor:
        """J of one batch; `noise` is standard normal, and empty if the model has none."""
        model, batch = self.case.model, len(x)
        fed = x
        if model == "dae":
            fed = x + SIGMA * noise
        elif model == "edae":
            fed = x.clone().requires_grad_()
        h, slope = self.hidden(torch.addmm(self.b, fed, self.W.t()))
        loss = (h @ self.W - x).square().sum()
        if slope is not None:
            loss = loss + SIGMA_SQUARED * (slope.square().sum(dim=0) @ self.W.square().sum(dim=1))
        elif model == "edae":
            (gradient,) = torch.autograd.grad(loss, fed, create_graph=True)
            loss = loss + SIGMA * (noise * gradient).sum()
        return loss / batch

    def step(self, indices: np.ndarray, noise: np.ndarray | None = None) -> float:
        """One step; returns the loss."""
        x = self.data[torch.from_numpy(indices)]
        self.optimizer.zero_grad(set_to_none=True)
        if noise is None:
            drawn = torch.randn_like(x) if self.case.noisy else torch.empty(0)
        else:
            drawn = torch.from_numpy(noise)
        loss = self.objective(x, drawn)
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            self.W.div_(torch.linalg.vector_norm(self.W, dim=1, keepdim=True))
        return loss.item()

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """W and b."""
        return self.W.detach().numpy(), self.b.detach().numpy()


class InPlace:
    """Written by hand: every buffer allocated once, products accumulated straight into the velocities."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.data, self.W, self.b = map(torch.from_numpy, case.start())
        self.V, self.v = torch.zeros_like(self.W), torch.zeros_like(self.b)
        dtype = self.W.dtype
        self.wide = torch.empty(5, case.batch, case.n, dtype=dtype)
        self.deep = torch.empty(7, case.batch, case.m, dtype=dtype)
        self.norm = torch.empty(case.m, 1, dtype=dtype)
        self.squares, self.total = torch.empty(2, case.m, dtype=dtype)
        self.fit(case.batch)

    def fit(self, size: int) -> None:
        """Views the buffers as those of a batch of `size` samples."""
        self.x, self.fed, self.residual, self.along, self.noise = self.wide[:, :size]
        self.a, self.h, self.slope, self.curve, self.adjoint, self.u, self.side = self.deep[:, :size]

    def activate(self) -> None:
        """h, s'(a) and, where the model needs it, s''(a)."""
        a, h, slope, curve = self.a, self.h, self.slope, self.curve
        second = self.case.model in ("cae", "edae")
        if self.case.activation == "relu":
            torch.clamp_min(a, 0, out=h)
            torch.gt(a, 0, out=slope)
            return
        if self.case.activation == "sigmoid":
            torch.sigmoid(a, out=h)
            torch.addcmul(h, h, h, value=-1, out=slope)
            if second:  # s'' = s' (1 - 2 h)
                torch.addcmul(slope, slope, h, value=-2, out=curve)
            return
        torch.ops.aten.softplus.out(a, out=h)
        torch.sigmoid(a, out=slope)
        if second:
            torch.addcmul(slope, slope, slope, value=-1, out=curve)

    def step(self, indices: np.ndarray, noise: np.ndarray | None = None) -> float:
        """One step; returns the loss."""
        model, rate, batch = self.case.model, self.case.learning_rate, len(indices)
        curved = self.case.activation != "relu"
        if batch != len(self.x):
            self.fit(batch)
        torch.index_select(self.data, 0, torch.from_numpy(indices), out=self.x)
        fed = self.x
        if noise is not None:
            self.noise.copy_(torch.from_numpy(noise))
        elif self.case.noisy:
            self.noise.normal_()
        if model == "dae":
            fed = torch.add(self.x, self.noise, alpha=SIGMA, out=self.fed)

        torch.addmm(self.b, fed, self.W.t(), out=self.a)
        self.activate()
        torch.mm(self.h, self.W, out=self.residual).sub_(self.x)
        loss = torch.dot(self.residual.view(-1), self.residual.view(-1))
        self.residual.mul_(2 / batch)  # dJ/dy
        self.V.mul_(MOMENTUM)
        self.v.mul_(MOMENTUM)
        if model == "edae":
            loss += self.first_order_term(batch)
        else:
            self.V.addmm_(self.h.t(), self.residual, alpha=-rate)
            torch.mm(self.residual, self.W.t(), out=self.adjoint)
            self.adjoint.mul_(self.slope)
        if model == "cae":
            loss += self.contraction(batch, curved)
        self.V.addmm_(self.adjoint.t(), fed, alpha=-rate)
        torch.sum(self.adjoint, dim=0, out=self.total)
        self.v.add_(self.total, alpha=-rate)

        self.W.add_(self.V)
        self.b.add_(self.v)
        torch.linalg.vector_norm(self.W, dim=1, keepdim=True, out=self.norm)
        self.W.div_(self.norm)
        return loss.item() / batch

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """W and b."""
        return self.W.detach().numpy(), self.b.detach().numpy()

    def contraction(self, batch: int, curved: bool) -> Tensor:
        """Adds the terms of CAE to the velocity and the adjoint of a; its value times the batch."""
        torch.linalg.vector_norm(self.W, dim=1, keepdim=True, out=self.norm)
        torch.square(self.norm.view(-1), out=self.squares)
        torch.square(self.slope, out=self.side)
        torch.sum(self.side, dim=0, out=self.total)
        value = SIGMA_SQUARED * torch.dot(self.total, self.squares)
        scale = -2 * SIGMA_SQUARED * self.case.learning_rate / batch
        self.V.addcmul_(self.total.view(-1, 1), self.W, value=scale)
        if curved:
            torch.mul(self.slope, self.curve, out=self.side).mul_(self.squares)
            self.adjoint.add_(self.side, alpha=2 * SIGMA_SQUARED / batch)
        return value

    def first_order_term(self, batch: int) -> Tensor:
        """eDAE: with d the noise, u = W d and y' = W^T (s' u), the term is 2 (y - x) . y'; its value times the batch.

        Adds every term of the velocity but the one of a, whose adjoint it leaves.
        """
        rate, curved = self.case.learning_rate, self.case.activation != "relu"
        self.noise.mul_(SIGMA)
        torch.mm(self.noise, self.W.t(), out=self.u)
        torch.mul(self.slope, self.u, out=self.side)
        torch.mm(self.side, self.W, out=self.along)
        value = batch * torch.dot(self.residual.view(-1), self.along.view(-1))
        self.V.addmm_(self.side.t(), self.residual, alpha=-rate)
        torch.mm(self.residual, self.W.t(), out=self.side)  # the adjoint of s' u
        self.along.mul_(2 / batch).add_(self.residual)  # the adjoint of y
        self.V.addmm_(self.h.t(), self.along, alpha=-rate)
        torch.mm(self.along, self.W.t(), out=self.adjoint)
        self.adjoint.mul_(self.slope)
        if curved:
            self.u.mul_(self.curve).mul_(self.side)
            self.adjoint.add_(self.u)
        self.side.mul_(self.slope)
        self.V.addmm_(self.side.t(), self.noise, alpha=-rate)
        return value
