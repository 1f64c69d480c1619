"""A table of figures at 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks import results
from tests.benchmarks.figures import Figure


def show(benchmark: str, figures: Sequence[Figure]) -> None:
    """Print figures and add them to the results file."""
    for figure in figures:
        ratio = f"{figure.ratio:.2f} x" if figure.ratio else ""
        print(f"{figure.name:44} {_value(figure.value)} {figure.unit:12} {ratio:>9}")
        if figure.against:
            print(f"  {figure.against:42} {_value(figure.other)} {figure.unit}")
        if figure.goal:
            print(f"  goal: {figure.goal}")
    results.append(benchmark, figures)
    known = results.machine()
    print(f"({known['processor']}, {known['cores']} cores, Python {known['python']}; added to {_file()})")


def _value(value: float | None) -> str:
    if value is None:
        return f"{'':10}"
    return f"{value:10,.0f}" if abs(value) >= 1000 else f"{value:10.3g}"


def _file() -> str:
    return str(results.FILE.relative_to(results.ROOT))
