"""Q of a batch in numpy, for bench/recursion.bench.ts: reads its arrays, checks the results against its Q, prints times as JSON.

    python recursion.py FOLDER ROUNDS

FOLDER has terms.f64, q.f64 (float64), owner.u8 and shape.json. Sequences have one length, so they form a rectangle [B, T]; gamma applies
after a decision token that is not a sequence's last.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np

folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
shape = json.loads((folder / "shape.json").read_text())
B, T, gamma = shape["sequences"], shape["length"], shape["gamma"]
terms = np.fromfile(folder / "terms.f64", dtype=np.float64)
expected = np.fromfile(folder / "q.f64", dtype=np.float64)
decision = np.fromfile(folder / "owner.u8", dtype=np.uint8) == 1

out = np.empty_like(terms)
time_major = np.empty((T, B))


def copy():
    np.copyto(out, terms)


def over_time():
    """One vector operation a time step over all sequences, on a time-major copy: adjacent numbers belong to one step."""
    rows = np.ascontiguousarray(terms.reshape(B, T).T)
    factors = np.where(decision.reshape(B, T).T, gamma, 1.0)
    factors[-1] = 0.0
    future = np.zeros(B)
    for step in range(T - 1, -1, -1):
        np.multiply(future, factors[step], out=future)
        np.add(future, rows[step], out=future)
        time_major[step] = future
    np.copyto(out.reshape(B, T), time_major.T)


def over_cycles():
    """Sums to the end of each cycle by one cumulative sum, then a short recursion over the cycles of all sequences."""
    ends = np.flatnonzero(decision)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    running = np.cumsum(terms)
    before = np.where(starts > 0, running[starts - 1], 0.0)
    totals = running[ends] - before
    future = np.zeros(len(ends))
    last = (ends + 1) % T == 0
    position = np.arange(len(ends)) - np.repeat(np.flatnonzero(np.concatenate(([True], last[:-1]))), np.diff(np.flatnonzero(np.concatenate(([True], last)))))
    for index in range(position.max() - 1, -1, -1):
        cycles = np.flatnonzero((position == index) & ~last)
        future[cycles] = gamma * (totals[cycles + 1] + future[cycles + 1])
    np.subtract(terms, running, out=out)
    np.add(out, np.repeat(running[ends] + future, lengths), out=out)


results = []
for name, run in [("numpy copy of the terms", copy), ("numpy, a vector step over all sequences", over_time), ("numpy, cumulative sums by cycle", over_cycles)]:
    times = []
    for _ in range(rounds + 2):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    times = sorted(times[2:])
    difference = None if run is copy else float(np.max(np.abs(out - expected) / np.maximum(1, np.abs(expected))))
    results.append({"name": name, "best": times[0], "median": times[len(times) // 2], "repetitions": rounds, "difference": difference})
print(json.dumps({"version": np.__version__, "results": results}))
