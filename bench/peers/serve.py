"""Lets bench/peers.bench.ts time Python work in turns with its own: a line NAME on standard input runs it once and answers in JSON."""
import json
import sys
import time

answers = sys.stdout
sys.stdout = sys.stderr


def answer(value):
    print(json.dumps(value), file=answers, flush=True)


def request():
    """The next name asked for; ends the process when there is no more."""
    line = sys.stdin.readline()
    if not line:
        raise SystemExit(0)
    return line.strip()


def timed(run):
    start, used = time.perf_counter(), time.process_time()
    result = run()
    return {"ms": (time.perf_counter() - start) * 1e3, "processor": (time.process_time() - used) * 1e3, **(result or {})}
