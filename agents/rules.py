"""The decorator of rules, and the mathematics that give the same bits in both engines.

A *rule* is a pure function of scalars. In Python it is an ordinary function: call it, print it, step through it in a
debugger. Inside a compiled kernel the same function is compiled and inlined. Both see IEEE double precision and the
same sequence of operations, so both give the same bits.
"""

import math
from collections.abc import Callable

import numba.extending


def rule[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Mark ``function`` as a rule: plain Python here, compiled wherever a kernel calls it."""
    register = numba.extending.register_jitable(error_model="numpy")
    return register(function)


def inlined[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Mark ``function`` as a rule that is written out where it is called, so that loops over it can use vector units.

    For what innermost loops compute: larger functions would be called there, one number at a time.
    """
    register = numba.extending.register_jitable(error_model="numpy", forceinline=True)
    return register(function)


EXP_LIMIT = 60.0  # beyond it a logistic is 0 or 1 to double precision
EXP_HALVINGS = 8  # exp(x) = exp(x / 2**8) ** (2**8)
EXP_SCALE = 1.0 / 2**EXP_HALVINGS


@inlined
def exp(x: float) -> float:
    """Exponential e**x for x clipped to [-60, 60], relative error below 1e-10.

    A Taylor polynomial of degree 9 at x / 256, squared eight times: no table, no branch, no library whose last bit
    differs between machines.
    """
    r = min(max(x, -EXP_LIMIT), EXP_LIMIT) * EXP_SCALE
    y = 1.0 + r * (
        1.0
        + r
        * (
            1.0 / 2.0
            + r
            * (
                1.0 / 6.0
                + r
                * (
                    1.0 / 24.0
                    + r
                    * (
                        1.0 / 120.0
                        + r * (1.0 / 720.0 + r * (1.0 / 5040.0 + r * (1.0 / 40320.0 + r * (1.0 / 362880.0))))
                    )
                )
            )
        )
    )
    y = y * y
    y = y * y
    y = y * y
    y = y * y
    y = y * y
    y = y * y
    y = y * y
    return y * y


LN2 = 0.6931471805599453


@rule
def log(x: float) -> float:
    """Natural logarithm of x > 0, relative error below 1e-14: exponent and mantissa, then the atanh series."""
    mantissa, exponent = math.frexp(x)
    if mantissa < 0.7071067811865476:
        mantissa = mantissa * 2.0
        exponent = exponent - 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    series = 1.0 / 19.0
    for k in range(17, 0, -2):
        series = series * z + 1.0 / k
    return exponent * LN2 + 2.0 * s * series


@inlined
def logistic(x: float) -> float:
    """Logistic L(x) = 1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exp(-x))


@inlined
def clip01(x: float) -> float:
    """Return x bounded to [0, 1], where attitudes live."""
    return min(max(x, 0.0), 1.0)


@inlined
def probability(hazard: float) -> float:
    """Probability that an event of constant ``hazard`` (per week) happens within a week: p = 1 - e**-h [T0.2]."""
    return 1.0 - exp(-hazard)


@inlined
def happens(u: float, hazard: float) -> bool:
    """Whether draw u lets an event of ``hazard`` h a week happen: u < 1 - e**-h [T0.2]; the bound h is tried first."""
    return u < hazard and u < probability(hazard)


@rule
def power(base: float, exponent: float) -> float:
    """Return base ** exponent for base > 0, as e**(exponent * ln base)."""
    return exp(exponent * log(base))


# Coefficients of AS 241, highest power first: the middle, the near tail, the far tail.
_MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457),
    (13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867),
    (5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)
_NEAR = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258),
    (3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459),
    (0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093),
    (0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4),
    (0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)


@inlined
def followed(now: float, rest: float, share: float) -> float:
    """Value by which an effect goes on: share now + (1 - share) rest; share 1 follows what is, 0 stays at rest."""
    return share * now + (1.0 - share) * rest


@rule
def normal_quantile(u: float) -> float:
    """Standard normal quantile of u in (0, 1): Wichura's algorithm AS 241 (PPND16), relative error about 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(0.180625 - q * q, _MIDDLE)
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    tail = _ratio(r - 1.6, _NEAR) if r <= 5.0 else _ratio(r - 5.0, _FAR)
    return -tail if q < 0.0 else tail


@rule
def _ratio(x: float, coefficients: tuple[tuple[float, ...], ...]) -> float:
    """Ratio of two polynomials of degree 7 in x, coefficients from the highest power down."""
    upper = 0.0
    lower = 0.0
    for k in range(8):
        upper = upper * x + coefficients[k // 4][k % 4]
        lower = lower * x + coefficients[2 + k // 4][k % 4]
    return upper / lower
