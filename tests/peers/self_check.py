"""Checks of the reference itself: finite differences, scalar loops, closed forms, identities of the paper.

Run as `python reference.py --self-check`. Faults that finite differences cannot see (they only show that the
gradient fits the value) are covered by the values: scalar loops with s' written out, the true Jacobian for CAE,
Eq. 10 for mDAE, and trainings worked out by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import grad
from torch.autograd.functional import hessian, jacobian

from reference import ACTIVATIONS, Constraint, Model, Parameters, Regularizer, Training, kl_penalty, measure, train

CASES: list[tuple[str, dict[str, float | str]]] = [
    ("none", {}),
    ("dae", {}),
    ("edae", {}),
    ("cae", {}),
    ("mdae", {}),
    ("kl_sae", {}),
    ("kl_sae", {"rho": 0.05}),
    ("kl_sae", {"rho": 0.2, "rho_max": 0.3, "rho_min": 0.15}),  # narrow, so that both tangents are in use
    ("l1", {}),
    ("corollary1", {"f": "square"}),
    ("corollary1", {"f": "exp"}),
    ("corollary2", {"q": 3, "p": 1}),
    ("corollary2", {"q": 1, "p": 0}),
]

SLOPES: dict[str, Callable[[float], float]] = {
    "relu": lambda a: 1.0 if a > 0 else 0.0,
    "sigmoid": lambda a: math.exp(-a) / (1 + math.exp(-a)) ** 2,
    "softplus": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": lambda a: 1 / math.cosh(a) ** 2,
    "identity": lambda a: 1.0,
    "elu": lambda a: 1.0 if a > 0 else math.exp(a),
    "leaky_relu": lambda a: 1.0 if a > 0 else 0.01,
    "gelu": lambda a: math.erfc(-a / math.sqrt(2)) / 2 + a * math.exp(-a * a / 2) / math.sqrt(2 * math.pi),
    "silu": lambda a: (1 + math.exp(-a) * (1 + a)) / (1 + math.exp(-a)) ** 2,
}
VALUES: dict[str, Callable[[float], float]] = {
    "relu": lambda a: max(a, 0.0),
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "softplus": lambda a: math.log(1 + math.exp(a)),
    "tanh": math.tanh,
    "identity": lambda a: a,
    "elu": lambda a: a if a > 0 else math.exp(a) - 1,
    "leaky_relu": lambda a: a if a > 0 else 0.01 * a,
    "gelu": lambda a: a * math.erfc(-a / math.sqrt(2)) / 2,
    "silu": lambda a: a / (1 + math.exp(-a)),
}


def random(seed: int, *shape: int) -> Tensor:
    """Standard normals in double precision."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def f64(values: list) -> Tensor:
    """An array in double precision; torch.tensor alone would round to single."""
    return torch.tensor(values, dtype=torch.float64)


def small_case() -> tuple[Parameters, Tensor, Tensor]:
    """Parameters with 4 units, 3 inputs and a decoder bias; 5 samples; their noise."""
    return Parameters(0.6 * random(1, 4, 3), 0.3 * random(2, 4), 0.2 * random(3, 3)), random(4, 5, 3), random(5, 5, 3)


def models() -> list[Model]:
    """Every activation with every regularizer, at sigma squared 0.7."""
    return [Model(s, Regularizer.new(kind, 0.7, **given)) for s in ACTIVATIONS for kind, given in CASES]


def close(found: float | Tensor, expected: float | list | Tensor, relative: float = 1e-10) -> bool:
    """Whether two numbers or arrays agree, relative to the larger of the expected length and 1."""
    found, expected = (torch.as_tensor(value, dtype=torch.float64) for value in (found, expected))
    return bool((found - expected).norm() <= relative * max(float(expected.norm()), 1.0))


def gradients(model: Model, parameters: Parameters, x: Tensor, noise: Tensor) -> list[Tensor]:
    """The gradient of J with respect to W, b and b_d."""
    tensors = [t.clone().requires_grad_() for t in parameters.tensors()]
    return list(grad(model.objective(Parameters(*tensors), x, noise), tensors, materialize_grads=True))


def value(model: Model, tensors: list[Tensor], x: Tensor, noise: Tensor) -> float:
    """J, of parameters that s'(a) can be differentiated through."""
    return model.objective(Parameters(*(t.clone().requires_grad_() for t in tensors)), x, noise).item()


def finite_differences() -> bool:
    """Every gradient entry against the central difference of the value."""
    parameters, x, noise = small_case()
    h, good = 1e-5, True
    for model in models():
        for at, gradient in enumerate(gradients(model, parameters, x, noise)):
            tensors = [t.clone() for t in parameters.tensors()]
            flat, numeric = tensors[at].view(-1), []
            for entry in range(len(flat)):
                centre = flat[entry].item()
                ends = []
                for end in (centre + h, centre - h):
                    flat[entry] = end
                    ends.append(value(model, tensors, x, noise))
                flat[entry] = centre
                numeric.append((ends[0] - ends[1]) / (2 * h))
            if not close(gradient.flatten(), f64(numeric), 1e-7):
                print(f"  gradient {at} of {model} differs from finite differences")
                good = False
    return good


def scalar_objective(model: Model, parameters: Parameters, data: Tensor, noise: Tensor) -> float:
    """J by loops over numbers, with s' written out."""
    W, b, b_d = (t.tolist() for t in parameters.tensors())
    settings, c = model.regularizer.parameters, model.regularizer.sigma_squared
    kind, s, slope = model.regularizer.kind, VALUES[model.activation], SLOPES[model.activation]
    units, inputs, samples = range(len(W)), range(len(W[0])), range(len(data))

    def pre(x: list[float]) -> list[float]:
        return [sum(W[j][i] * x[i] for i in inputs) + b[j] for j in units]

    def residual(target: list[float], x: list[float]) -> list[float]:
        h = [s(a) for a in pre(x)]
        return [b_d[i] + sum(W[j][i] * h[j] for j in units) - target[i] for i in inputs]

    loss = penalty = 0.0
    mean = [0.0 for _ in units]
    for k in samples:
        x = data[k].tolist()
        d = [c**0.5 * e for e in noise[k].tolist()]
        fed = [x[i] + d[i] for i in inputs] if kind == "dae" else x
        r, a = residual(x, fed), pre(x)
        loss += sum(e * e for e in r) / len(data)
        lengths = [math.sqrt(sum(w * w for w in W[j])) for j in units]
        if kind == "edae":  # (x~ - x) . grad l = 2 r . (dy along d)
            u = [slope(a[j]) * sum(W[j][i] * d[i] for i in inputs) for j in units]
            loss += sum(2 * r[i] * W[j][i] * u[j] for i in inputs for j in units) / len(data)
        for j in units:
            mean[j] += s(a[j]) / len(data)
            terms = {
                "l1": abs(s(a[j])),
                "cae": slope(a[j]) ** 2 * lengths[j] ** 2,
                "mdae": slope(a[j]) ** 2 * lengths[j] ** 4,
                "corollary2": slope(a[j]) ** settings.get("q", 0) * lengths[j] ** settings.get("p", 0),
            }
            penalty += terms.get(kind, 0.0) / len(data)
    if kind == "corollary1":
        functions = {"identity": lambda t: t, "square": lambda t: t * t, "exp": math.exp}
        penalty = sum(functions[settings["f"]](p) for p in mean)
    if kind == "kl_sae":
        penalty = sum(scalar_kl(p, settings["rho"], settings["rho_max"], settings["rho_min"]) for p in mean)
    return loss + c * penalty


def scalar_kl(p: float, rho: float, rho_max: float, rho_min: float) -> float:
    """KL(rho || p) with its tangents, slope written out."""

    def kl(t: float) -> float:
        return (rho * math.log(rho / t) if rho > 0 else 0.0) + (1 - rho) * math.log((1 - rho) / (1 - t))

    at = min(p, rho_max) if rho == 0 else max(min(p, rho_max), rho_min)
    slope = (1 - rho) / (1 - at) - (rho / at if rho > 0 else 0.0)
    return kl(at) + slope * (p - at)


def scalar_loops() -> bool:
    """Every objective against loops over numbers."""
    parameters, x, noise = small_case()
    good = True
    for model in models():
        if not close(value(model, parameters.tensors(), x, noise), scalar_objective(model, parameters, x, noise)):
            print(f"  the value of {model} differs from scalar loops")
            good = False
    return good


def cae_is_the_frobenius_norm_of_the_jacobian() -> bool:
    """Eq. 8 with the Jacobian dh/dx by autograd against Eq. 9."""
    parameters, data, _ = small_case()
    parameters = Parameters(parameters.W.clone().requires_grad_(), parameters.b)
    good = True
    for s in ACTIVATIONS:
        model = Model(s, Regularizer.new("cae", 1.0))
        norms = [jacobian(lambda x: model.encode(parameters, x)[1], x).square().sum().item() for x in data]
        good &= close(model.penalty(parameters, data).item(), sum(norms) / len(data))
    return good


def mdae_is_equation_10() -> bool:
    """Half the sum over i, j of d2l/dh_j2 (dh_j/dx_i)^2, with both derivatives by autograd, against Eq. 11."""
    parameters, data, _ = small_case()
    parameters = Parameters(parameters.W.clone().requires_grad_(), parameters.b)
    good = True
    for s in ACTIVATIONS:
        model, total = Model(s, Regularizer.new("mdae", 1.0)), 0.0
        for x in data:
            hidden = model.encode(parameters, x)[1].detach()
            curvature = hessian(lambda h: (x - model.decode(parameters, h)).square().sum(), hidden).diagonal()
            slopes = jacobian(lambda t: model.encode(parameters, t)[1], x)
            total += 0.5 * (curvature[:, None] * slopes.square()).sum().item()
        good &= close(model.penalty(parameters, data).item(), total / len(data))
    return good


def equal_at_zero() -> bool:
    """All models are the plain auto-encoder at sigma squared 0."""
    parameters, x, noise = small_case()
    good = True
    for s in ACTIVATIONS:
        plain = gradients(Model(s, Regularizer.new("none")), parameters, x, noise)
        for kind, given in CASES:
            model = Model(s, Regularizer.new(kind, 0.0, **given))
            good &= all(map(close, gradients(model, parameters, x, noise), plain))
    return good


def antithetic_edae() -> bool:
    """eDAE with the noise and its negative average to the plain auto-encoder, and differ."""
    parameters, x, noise = small_case()
    good = True
    for s in ACTIVATIONS:
        model = Model(s, Regularizer.new("edae", 0.7))
        plus, minus = (value(model, parameters.tensors(), x, sign * noise) for sign in (1, -1))
        plain = value(Model(s, Regularizer.new("none")), parameters.tensors(), x, noise)
        good &= close((plus + minus) / 2, plain) and abs(plus - minus) > 1e-3
    return good


def bias_gradients() -> bool:
    """Of Corollary 2: exactly zero under ReLU, positive under softplus (section 2.1.2)."""
    parameters, x, noise = small_case()

    def difference(s: str) -> Tensor:
        with_penalty, without = (Model(s, Regularizer.new("cae", c)) for c in (1.0, 0.0))
        return gradients(with_penalty, parameters, x, noise)[1] - gradients(without, parameters, x, noise)[1]

    return bool((difference("relu").abs() < 1e-14).all()) and bool((difference("softplus") > 1e-6).all())


def kl_closed_forms() -> bool:
    """Eq. 13, the zero at rho_j = rho, and tangents that continue value and slope."""
    p = f64([-0.5, 0.0, 0.3, 0.9])
    good = close(kl_penalty(p, 0.0, 0.99, 1e-3), -torch.log(1 - p))
    good &= close(kl_penalty(f64([0.05]), 0.05, 0.99, 1e-3), 0.0)
    # At rho = 0 the slope beyond 0.99 is 1 / (1 - 0.99) = 100; at rho = 0.05 below 0.001 it is 0.95/0.999 - 50.
    beyond = kl_penalty(f64([0.99, 2.99, 1e6]), 0.0, 0.99, 1e-3)
    good &= close(beyond[1] - beyond[0], 200.0) and bool(beyond[2].isfinite())
    below = kl_penalty(f64([1e-3, 0.0, -1.0]), 0.05, 0.99, 1e-3)
    good &= close(below[1] - below[0], -1e-3 * (0.95 / 0.999 - 50)) and close(below[2] - below[1], 50 - 0.95 / 0.999)
    at = torch.tensor([0.99, 1e-3, 5.0, -5.0], dtype=torch.float64, requires_grad=True)
    (slopes,) = grad(kl_penalty(at, 0.05, 0.99, 1e-3).sum(), at)
    return good and close(slopes[:2], slopes[2:])


def conventions_at_zero() -> bool:
    """relu'(0) = 0, sign(0) = 0, and no NaN from a zero row of W."""
    one = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    good = grad(torch.relu(one), one)[0].item() == 0.0 and grad(one.abs(), one)[0].item() == 0.0
    start, x, noise = small_case()
    start.W[1] = 0.0
    for model in models():
        good &= all(bool(g.isfinite().all()) for g in gradients(model, start, x, noise))
    return good


def projections() -> bool:
    """Rows of length 5, 0 and 0.5 under each constraint."""
    rows = f64([[3.0, 4.0], [0.0, 0.0], [0.3, 0.4]])
    unit = f64([[0.6, 0.8], [0.0, 0.0], [0.6, 0.8]])
    ball = f64([[1.2, 1.6], [0.0, 0.0], [0.3, 0.4]])
    return (
        close(Constraint().project(rows), rows)
        and close(Constraint("unit_norm").project(rows), unit)
        and close(Constraint("max_norm", 2.0).project(rows), ball)
    )


def training_by_hand() -> bool:
    """One input, one unit, y = w (w x + b): two epochs over three samples in batches of two, in plain numbers."""
    samples, rate, momentum, w, b, v, u = [1.0, -0.5, 2.0], 0.01, 0.9, 0.7, 0.1, 0.0, 0.0
    model = Model("identity", Regularizer.new("none"))
    start = Parameters(f64([[w]]), f64([b]))
    found = train(model, start, f64(samples)[:, None], Training(2, 2, rate, momentum)).final
    w, b = start.W.item(), start.b.item()
    for batch in 2 * [samples[:2], samples[2:]]:
        residuals = [w * (w * x + b) - x for x in batch]
        dw = sum(2 * r * (2 * w * x + b) for r, x in zip(residuals, batch)) / len(batch)
        db = sum(2 * r * w for r in residuals) / len(batch)
        v, u = momentum * v - rate * dw, momentum * u - rate * db
        w, b = w + v, b + u
    return close(found.W, [[w]], 1e-14) and close(found.b, [b], 1e-14)


def projected_training_by_hand() -> bool:
    """Unit norm, two inputs, one unit, one sample: W is projected after each update, the velocity is not."""
    x, rate, w, b, v, u = (1.0, 0.5), 0.05, [0.6, 0.8], 0.0, [0.0, 0.0], 0.0
    model = Model("identity", Regularizer.new("none"), Constraint("unit_norm"))
    start = Parameters(f64([[6.0, 8.0]]), f64([0.0]))
    found = train(model, start, f64([x]), Training(3, 50, rate, 0.9)).final
    for _ in range(3):
        h = w[0] * x[0] + w[1] * x[1] + b
        r = [w[i] * h - x[i] for i in range(2)]
        along = r[0] * w[0] + r[1] * w[1]
        v = [0.9 * v[i] - rate * 2 * (r[i] * h + along * x[i]) for i in range(2)]
        u = 0.9 * u - rate * 2 * along
        w, b = [w[i] + v[i] for i in range(2)], b + u
        length = math.hypot(*w)
        w = [w[i] / length for i in range(2)]
    return close(found.W, [w], 1e-14) and close(found.b, [b], 1e-14)


def tangent_training_by_hand() -> bool:
    """As `projected_training_by_hand`, but the velocity loses its part along W; and a zero row, which stays."""
    x, rate, w, b, v, u = (1.0, 0.5), 0.05, [0.6, 0.8], 0.0, [0.0, 0.0], 0.0
    model = Model("identity", Regularizer.new("none"), Constraint("unit_norm", update="tangent"))
    start = Parameters(f64([[6.0, 8.0], [0.0, 0.0]]), f64([0.0, 0.0]))
    found = train(model, start, f64([x]), Training(3, 50, rate, 0.9)).final
    for _ in range(3):
        h = w[0] * x[0] + w[1] * x[1] + b
        r = [w[i] * h - x[i] for i in range(2)]
        along = r[0] * w[0] + r[1] * w[1]
        v = [0.9 * v[i] - rate * 2 * (r[i] * h + along * x[i]) for i in range(2)]
        u = 0.9 * u - rate * 2 * along
        radial = v[0] * w[0] + v[1] * w[1]
        v = [v[i] - radial * w[i] for i in range(2)]
        w, b = [w[i] + v[i] for i in range(2)], b + u
        length = math.hypot(*w)
        w = [w[i] / length for i in range(2)]
    return close(found.W, [w, [0.0, 0.0]], 1e-14) and close(found.b, [b, 0.0], 1e-14)


def measurements() -> bool:
    """Three samples through three units of which one is dead and one has a zero row, counted by hand."""
    parameters = Parameters(f64([[2.0], [0.0], [-1.0]]), f64([0.0, -1.0, 0.5]))
    data = f64([[1.0], [-2.0], [3.0]])
    found = measure(Model("relu", Regularizer.new("l1", 0.5)), parameters, data, 0.0)
    # a = (2, -1, -0.5), (-4, -1, 2.5), (6, -1, -2.5); y = 4, -2.5, 12
    return (
        (found.dead_units, found.zero_rows) == (1, 1)
        and close(found.avg_activation_fraction, 3 / 9)
        and close(found.alive_activation_fraction or 0.0, 3 / 6)
        and close(found.mean_pre_activation, 0.5 / 9)
        and close(found.variance_pre_activation, (4 * 38 / 9 + 0 + 38 / 9) / 3)
        and close(found.mean_weight_norm, 1.0)
        and close(found.reconstruction, (9 + 0.25 + 81) / 3)
        and close(found.penalty or 0.0, 0.5 * (2 + 2.5 + 6) / 3)
        and close(found.fraction_variance_unexplained or 0.0, (9 + 0.25 + 81) / 3 / (38 / 9))
    )


CHECKS: list[Callable[[], bool]] = [
    finite_differences,
    scalar_loops,
    cae_is_the_frobenius_norm_of_the_jacobian,
    mdae_is_equation_10,
    equal_at_zero,
    antithetic_edae,
    bias_gradients,
    kl_closed_forms,
    conventions_at_zero,
    projections,
    training_by_hand,
    projected_training_by_hand,
    tangent_training_by_hand,
    measurements,
]


def run() -> int:
    """Runs every check, one line each; 1 if any fails."""
    failed = 0
    for check in CHECKS:
        good = check()
        failed += not good
        print(f"{'ok    ' if good else 'FAILED'} {check.__name__.replace('_', ' ')}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0
