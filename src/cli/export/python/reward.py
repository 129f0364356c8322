"""The reward of a response: 1 where `decision-sampling calibrate` calls it Correct, else 0.

The rule is calibrate's own, compiled to Python (decision_sampling_grading.py): attempts and decisions are read off the text, the last answer counts,
separators, boxes, units and LaTeX are understood. What training rewards is what calibrate measures. Plain Python 3.10 or later.

`compute_score` is what verl calls, `reward` what TRL calls, `grade` what you may call. None of them raises: a text that cannot be graded is worth 0,
with the outcome "Error" and the reason, so that no response ends a run.

By hand: python3 reward.py FILE.jsonl prints, for rows of prompt, response and answer, what each is worth.
"""

import json
import logging
import math
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from decision_sampling_grading import grade_text  # noqa: E402


# Its time limit works by a signal, which only the main thread may set: what may take it long is not given to it.
_LONG = re.compile(r"\^\s*(?:\{[^{}]*\^|[^\s{}]\^)|\^\s*\{?-?\d{4}|!.*!|\d{3,}\s*!|\d{40}")


def _math_verify(reference, answer):
    """Math-Verify's verdict; None where it is not installed, cannot tell, or might take long."""
    if any(len(text) > 200 or _LONG.search(text) for text in (reference, answer)):
        return None
    try:
        import math_verify

        # It says with every call that there is no time limit.
        logging.getLogger("math_verify").setLevel(logging.ERROR)
    except Exception:  # noqa: BLE001
        return None
    try:
        parse = lambda text: math_verify.parse("\\boxed{" + text + "}", parsing_timeout=None)  # noqa: E731
        gold, target = parse(reference), parse(answer)
        return bool(math_verify.verify(gold, target, timeout_seconds=None)) if gold and target else None
    except Exception:  # noqa: BLE001
        return None


def _text(value):
    """A reference answer as text: 1284.0 of a table is 1284."""
    if isinstance(value, bool) or value is None:
        return None if value is None else str(value).lower()
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def _content(value):
    """The text of a message or of a list of them."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return "\n".join(_content(each) for each in value)
    if isinstance(value, dict):
        return _content(value.get("content") or value.get("text") or "")
    return "" if value is None else str(value)


def grade(prompt, response, answer=None, truncated=False, level=None):
    """Grades a response: {"score", "outcome", "attempts", "level", "kind", "reference", "math_verify"?, "problem"?}.

    For mathematics Math-Verify is asked too, where it is installed. Its verdict decides where calibrate's grammar has none (sums, limits, integrals, which
    calibrate leaves to a compute engine); elsewhere calibrate's decides and "math_verify" says what the other would have said. The documentation of
    decision-sampling counts where the two differ (docs/benchmarks/mathematics.md): in units, percent, equations and lists above all.
    """
    try:
        graded = grade_text(_content(prompt), _content(response), _text(answer), bool(truncated), level)
        if graded["kind"] in ("mathematics", "none") and answer is not None and graded["attempts"]:
            told = _math_verify(_text(answer), graded["attempts"][-1]["answer"])
            if told is not None:
                graded["math_verify"] = told
                if graded["kind"] == "none":
                    graded["outcome"] = "Truncated" if truncated else "Correct" if told else "Wrong"
        graded["score"] = 1.0 if graded["outcome"] == "Correct" else 0.0
        return graded
    except Exception as problem:  # noqa: BLE001
        print(f"reward.py: not graded, worth 0: {problem!r}", file=sys.stderr)
        return {"score": 0.0, "outcome": "Error", "attempts": [], "level": level, "kind": "none", "reference": None, "problem": repr(problem)}


def verdicts(attempts):
    """Attempts in short: "×R ✓S" is a wrong one that was taken back and a right one that stood; "?" a decision that was not seen."""
    sign = {"RESAMPLE": "R", "STOP": "S", None: "?"}
    return " ".join(("✓" if each["correct"] else "×") + sign[each["decision"]] for each in attempts)


def compute_score(data_source=None, solution_str="", ground_truth=None, extra_info=None, **_):
    """verl's reward function. Beside "score" come scalars alone: verl averages them, and passes texts on."""
    extra = extra_info if isinstance(extra_info, dict) else {}
    graded = grade(extra.get("problem"), solution_str, ground_truth, extra.get("truncated"), extra.get("level"))
    return {
        "score": graded["score"],
        "truncated": 1.0 if graded["outcome"] == "Truncated" else 0.0,
        "attempt_count": float(len(graded["attempts"])),
        "outcome": graded["outcome"],
        "verdicts": verdicts(graded["attempts"]),
        "level": _text(graded["level"]) or "all",
    }


def reward(completions, prompts=None, answer=None, level=None, completion_ids=None, log_extra=None, max_completion_length=None, eos=(), **_):
    """TRL's reward function. Columns answer, level, truncated, outcome and verdicts go into its table of completions, which calibrate reads."""
    count = len(completions)
    of = lambda values, k: values[k] if isinstance(values, (list, tuple)) and len(values) == count else None  # noqa: E731
    # A response that reached the limit without a token that ends it was cut off.
    ids = [of(completion_ids, k) or [] for k in range(count)]
    cut = [max_completion_length is not None and len(each) >= max_completion_length and each[-1] not in eos for each in ids]
    graded = [grade(of(prompts, k), completions[k], of(answer, k), cut[k], of(level, k)) for k in range(count)]
    if log_extra is not None:
        log_extra("answer", [_text(of(answer, k)) for k in range(count)])
        log_extra("level", [_text(each["level"]) for each in graded])
        log_extra("truncated", cut)
        log_extra("outcome", [each["outcome"] for each in graded])
        log_extra("verdicts", [verdicts(each["attempts"]) for each in graded])
    return [each["score"] for each in graded]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 reward.py FILE.jsonl   (rows of prompt, response, answer, truncated?)")
    with open(sys.argv[1], encoding="utf-8") as rows:
        for number, line in enumerate(rows, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                sys.exit(f"{sys.argv[1]}:{number}: not JSON: {error}")
            if not isinstance(row, dict):
                sys.exit(f"{sys.argv[1]}:{number}: no JSON object")
            print(json.dumps(grade(row.get("prompt"), row.get("response"), row.get("answer"), row.get("truncated"), row.get("level"))))
