"""A million odd inputs against a real service: `make fuzz`, or `python -m tests.fuzz --inputs 1000000 --seed 7`.

`world` makes an input of what `updates`, `forms`, `pages` (what is right) and `mutation`, `rough` (what is wrong with it)
offer; `driver` sends them, `judge` says whether the answer was right, `sheet` what came of it all.
"""
