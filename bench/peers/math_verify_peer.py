"""Math-Verify's verdict on pairs of a reference and an answer: one JSON object a line in, one out.

    pip install 'math-verify[antlr4_13_2]'
    python3 math_verify_peer.py < pairs.jsonl

Two verdicts a pair. "right": as it does by default, reference and answer in a box, as its documentation advises. "lenient": right in a box or as a bare
text, with sets and relations compared too; whatever it can make of the answer. An answer that it finds nothing in is wrong. The last line has the versions
and the milliseconds that a pair took by default.
"""
import json
import sys
import time
from importlib.metadata import version

from math_verify import parse, verify


def decide(pair, boxed, **options):
    try:
        gold = parse("$\\boxed{" + pair["gold"] + "}$")
        answer = parse("$\\boxed{" + pair["answer"] + "}$" if boxed else pair["answer"])
        return bool(verify(gold, answer, **options))
    except Exception:  # a pair that it fails on is a result, not the end of the run
        return False


pairs = [json.loads(line) for line in sys.stdin]
# The first pair pays for loading the grammar.
decide(pairs[0], True)
start = time.perf_counter()
rights = [decide(pair, True) for pair in pairs]
milliseconds = (time.perf_counter() - start) * 1000 / len(pairs)
for pair, right in zip(pairs, rights):
    lenient = right or any(decide(pair, boxed, allow_set_relation_comp=True, strict=False) for boxed in (True, False))
    print(json.dumps({"right": right, "lenient": lenient}))
print(json.dumps({"version": version("math-verify"), "sympy": version("sympy"), "python": sys.version.split()[0], "milliseconds": milliseconds}))
