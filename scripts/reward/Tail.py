# ---- What is used from outside. ----

# Expressions remember their place, so one text is read at a time.
_LOCK = threading.Lock()


def grade_text(prompt, response, answer=None, truncated=False, level=None, choices=None, numbers=None):
    """Grades a response as `calibrate` does: a dict of outcome, attempts, level, kind and reference.

    outcome is "Correct", "Wrong", "Unparsable" (no answer was found, or it cannot be read), "Truncated" or "GoldInvalid" (no usable reference).
    Each attempt is {"answer", "correct", "decision"}; decision is "RESAMPLE", "STOP", or None where the text was cut off before it could be seen.
    """
    row = {"id": "", "prompt": _units(prompt), "response": _units(response)}
    if answer is not None:
        row["answer"] = _units(answer)
    if truncated:
        row["truncated"] = True
    if level is not None:
        row["level"] = _units(level)
    if choices is not None:
        row["choices"] = [_units(each) for each in choices]
    if numbers is not None:
        row["numbers"] = list(numbers)
    with _LOCK:
        graded = readTranscript(_O(row))
    rollout = graded["rollout"]
    reference = graded["reference"]
    return {
        "outcome": rollout["outcome"],
        "attempts": [
            {"answer": _characters(each["answer"]), "correct": each["correct"], "decision": each["decision"]} for each in rollout["attempts"]
        ],
        "level": _characters(rollout["level"]),
        "kind": graded["counts"]["kind"],
        "reference": None if reference is None else _characters(reference),
    }
