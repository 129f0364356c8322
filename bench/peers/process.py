"""The linear part of a stationary process in numpy, for bench/process.bench.ts: values (I - A) x = b and visitation y (I - A) = e_0.

    python process.py FOLDER ROUNDS

FOLDER has matrix.f64 (I - A, row by row), right.f64 (b) and values.f64 (x as computed by the library), all float64. Prints times in ms as JSON.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np

folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
right = np.fromfile(folder / "right.f64", dtype=np.float64)
n = right.size
matrix = np.fromfile(folder / "matrix.f64", dtype=np.float64).reshape(n, n)
expected = np.fromfile(folder / "values.f64", dtype=np.float64)
start = np.zeros(n)
start[0] = 1.0

times = []
for _ in range(rounds + 1):
    begin = time.perf_counter()
    values = np.linalg.solve(matrix, right)
    visits = np.linalg.solve(matrix.T, start)
    times.append((time.perf_counter() - begin) * 1000)
times = sorted(times[1:])

difference = float(np.max(np.abs(values - expected) / np.maximum(1.0, np.abs(expected))))
print(json.dumps({"version": np.__version__, "best": times[0], "median": times[len(times) // 2], "difference": difference}))
