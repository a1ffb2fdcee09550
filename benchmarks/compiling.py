"""Seconds to compile 60 formulas of a catalogue: parse each, and read its units.

    python -m benchmarks.compiling

Run in a process of its own; modules are loaded and the catalogue is built before the clock starts.
"""

from __future__ import annotations

import time
from itertools import cycle, islice

from engine import load
from engine.catalogue.meaning import describe_with
from engine.language.grammar import parse_formula
from engine.language.readings.units import read_units
from engine.problems import Position

FORMULAS = 60


def compile_formulas() -> float:
    """Compile as many formulas as the measure asks for, once; seconds."""
    catalogue, _problems = load("definitions/berezniki")
    assert catalogue is not None
    written = [
        (formula.text, indicator.unit)
        for indicator in catalogue.indicators.values()
        for _since, formula in indicator.formulas
    ]
    describe = describe_with(catalogue.symbols, catalogue.places)
    chosen = list(islice(cycle(written), FORMULAS))
    begun = time.perf_counter()
    for text, unit in chosen:
        formula, problems = parse_formula(text, Position("indicators.yaml", 1, 1))
        assert formula is not None, problems
        read_units(formula, describe, unit)
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(compile_formulas())
