"""Math-Verify's verdict on pairs of a reference and an answer: one JSON object a line in, one out.

    pip install 'math-verify[antlr4_13_2]'
    python3 math_verify_peer.py < pairs.jsonl

The reference and the answer are both put into a box, as its documentation advises for LaTeX, and parsed as it does by default. An answer that it finds
nothing in is wrong. The last line has the versions and the milliseconds that all pairs took.
"""
import json
import sys
import time
from importlib.metadata import version

from math_verify import parse, verify

start = None
count = 0
for line in sys.stdin:
    pair = json.loads(line)
    try:
        gold = parse("$\\boxed{" + pair["gold"] + "}$")
        answer = parse("$\\boxed{" + pair["answer"] + "}$")
        right = bool(verify(gold, answer))
        problem = None
    except Exception as error:  # a pair that it fails on is a result, not the end of the run
        right, problem = False, type(error).__name__
    # The first pair pays for loading the grammar.
    if start is None:
        start = time.perf_counter()
    else:
        count += 1
    print(json.dumps({"right": right, "problem": problem, "read": [str(part) for part in gold[:1]]}), flush=True)
milliseconds = (time.perf_counter() - start) * 1000 / max(1, count) if start is not None else 0
print(json.dumps({"version": version("math-verify"), "sympy": version("sympy"), "python": sys.version.split()[0], "milliseconds": milliseconds}))
