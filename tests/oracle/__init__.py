"""The meaning of the language, said once more and as plainly as it can be.

`world.py` holds plain data, `asking.py` says what a formula asks and who answered, `meaning.py`
reads formulas with the operators of `operators.py`, `rows.py` makes the rows that the engine should
print; `drawing.py` draws random formulas and data. All numbers are exact fractions, everything is
computed school by school, and nothing is shared with the evaluation.
"""
