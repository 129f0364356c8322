"""Calibration of a JSON Lines file in plain Python, for bench/calibrate.bench.ts: one pass with json and re, counts printed as JSON.

    python calibrate.py FILE

It does what one would write in an afternoon: attempts are split at revision phrases, the last announced answer of each counts. No
bootstrap, no bad rows, no other formats.
"""
import json
import re
import resource
import sys
import time

MARKER = re.compile(
    r"(?:wait, )?i made a mistake|let me (?:recompute|recalculate|redo|re-?check|double-check|verify|try again)|i'll go back and check|\bwait[,.!]",
    re.IGNORECASE,
)
NUMBER = r"-?\d[\d,]*"
ANSWER = re.compile(r"\\boxed\{(?:[^{}=]*=)?\s*(%s)|answer(?: is|:)[\s*$]*(?:[^\n=]*=\s*)?(%s)|=\s*(%s)\s*\.?\s*(?:\n|$)" % (NUMBER, NUMBER, NUMBER), re.IGNORECASE)

start = time.perf_counter()
counts = {"correctStop": 0, "correctResample": 0, "wrongStop": 0, "wrongResample": 0}
queries = {}
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        row = json.loads(line)
        gold = int(row["answer"])
        answers = []
        for part in MARKER.split(row["response"]):
            found = [next(filter(None, groups)) for groups in ANSWER.findall(part)]
            if found:
                answers.append(int(found[-1].replace(",", "")))
        capped = row.get("ending") == "cap"
        for k, answer in enumerate(answers):
            right = "correct" if answer == gold else "wrong"
            counts[right + ("Resample" if k + 1 < len(answers) or capped else "Stop")] += 1
        key = (row["level"], row["prompt"])
        totals = queries.setdefault(key, [0, 0])
        totals[0] += 1
        totals[1] += bool(answers) and answers[-1] == gold and not capped
print(json.dumps({"counts": counts, "queries": len(queries), "seconds": time.perf_counter() - start,
                  "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
