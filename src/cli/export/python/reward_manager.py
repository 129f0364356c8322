"""verl's reward manager that says how each response ended, and keeps every graded rollout.

verl 0.9.1's trainer dumps a training step's texts and scores without what the reward function says of them, and without special tokens, so that nobody
sees whether a response was cut off. This manager knows the response's tokens: it tells the reward function, and appends one row a rollout to
graded/train/STEP.jsonl and graded/test/STEP.jsonl beside trainer.rollout_data_dir (the variable GRADED_DIR names another folder), in the fields of verl's
own dump (input, output, gts, score, step, uid) with truncated, outcome, verdicts and level. `decision-sampling calibrate` reads both.

Configured by reward.reward_manager.source=importlib, .module.path=…/reward_manager.py, .name=DecisionSamplingRewardManager.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from reward import compute_score as default_compute_score  # noqa: E402
from verl.experimental.reward_loop.reward_manager.base import RewardManagerBase  # noqa: E402


def _plain(value):
    """A scalar of numpy as Python's."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


class DecisionSamplingRewardManager(RewardManagerBase):
    def __init__(self, config, tokenizer, compute_score, reward_router_address=None, reward_model_tokenizer=None):
        super().__init__(config, tokenizer, compute_score)
        self.longest = int(config.actor_rollout_ref.rollout.response_length)
        # Workers on other machines have the configuration, and not the shell's variables.
        beside = config.trainer.get("rollout_data_dir") or config.trainer.get("default_local_dir") or "."
        self.folder = os.environ.get("GRADED_DIR") or os.path.join(os.path.dirname(os.path.abspath(str(beside))), "graded")
        ends = {tokenizer.eos_token_id}
        try:
            from transformers import GenerationConfig

            named = GenerationConfig.from_pretrained(tokenizer.name_or_path).eos_token_id
            ends |= set(named) if isinstance(named, (list, tuple)) else {named}
        except Exception:  # noqa: BLE001
            pass  # A model without generation_config.json ends with its tokenizer's token.
        self.ends = ends - {None}

    async def run_single(self, data):
        item = data[-1:][0]
        fields = item.non_tensor_batch
        ids = item.batch["responses"]
        length = int(item.batch["attention_mask"][-ids.shape[-1] :].sum())
        ids = ids[:length].tolist()
        truncated = length >= self.longest and (length == 0 or ids[-1] not in self.ends)
        output = await self.loop.run_in_executor(None, lambda: self.tokenizer.decode(ids, skip_special_tokens=True))
        extra = dict(fields.get("extra_info") or {})
        truth = fields["reward_model"]["ground_truth"]
        extra["truncated"] = truncated
        score = await self.loop.run_in_executor(
            None, lambda: default_compute_score(fields.get("data_source"), output, truth, extra)
        )
        self.keep(extra, fields, truth, output, truncated, score)
        return {"reward_score": score["score"], "reward_extra_info": score}

    def keep(self, extra, fields, truth, output, truncated, score):
        step = _plain(fields.get("global_steps", 0))
        uid = _plain(fields.get("uid"))
        row = {
            "input": extra.get("problem"),
            "output": output,
            "gts": truth,
            "score": score["score"],
            "step": step,
            "uid": None if uid is None else f"{uid}_{_plain(fields.get('session_id', 0))}",
            "truncated": truncated,
            "outcome": score["outcome"],
            "verdicts": score["verdicts"],
            "level": score["level"],
        }
        row = {key: value for key, value in row.items() if value is not None}
        try:
            folder = os.path.join(self.folder, "train" if extra.get("split") == "train" else "test")
            os.makedirs(folder, exist_ok=True)
            line = (json.dumps(row, ensure_ascii=False, default=str) + "\n").encode("utf-8", "surrogatepass")
            # One write a line: several workers append to one file.
            file = os.open(os.path.join(folder, f"{step}.jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(file, line)
            finally:
                os.close(file)
        except OSError as problem:
            print(f"reward_manager.py: a graded rollout was not kept: {problem}", file=sys.stderr)
