"""What verl 0.9.1 makes of an export, without a GPU: python verl_check.py EXPORT MODEL OUT.

Composes and validates its configuration from the overrides of run.sh, reads the data by RLHFDataset, grades responses by the reward manager that the
configuration names, and dumps them by the trainer's own function.
"""

import asyncio
import os
import sys

export, model, out = (os.path.abspath(each) for each in sys.argv[1:])

from verl_compose import compose_export  # noqa: E402

config, count = compose_export(export, [f"actor_rollout_ref.model.path='{model}'"])
print(f"configuration: {count} overrides composed")

from verl.trainer.ppo.utils import need_critic, need_reference_policy  # noqa: E402
from verl.utils.config import validate_config  # noqa: E402

validate_config(config, need_reference_policy(config), need_critic(config))
print("configuration: validate_config passes")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from tensordict import TensorDict  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402
from verl import DataProto  # noqa: E402
from verl.trainer.ppo.reward import load_reward_manager  # noqa: E402
from verl.utils.dataset.rl_dataset import RLHFDataset  # noqa: E402

tokenizer = AutoTokenizer.from_pretrained(model)
dataset = RLHFDataset(data_files=config.data.train_files, tokenizer=tokenizer, config=config.data)
print(f"data: RLHFDataset reads {len(dataset)} rows")

manager = load_reward_manager(config, tokenizer)
print(f"reward: {type(manager).__name__}")
longest = config.actor_rollout_ref.rollout.response_length
texts = [
    "The answer is {answer}.",
    "The answer is 1. Wait, I made a mistake. Let me recompute. The answer is {answer}.",
    "So it is \\boxed{{{answer}}}.",
    "The answer is {answer}. Wait, I made a mistake. Let me recompute. The answer is 3.",
    "I do not know.",
    "CUT",
]


async def grade(row, k, text, step):
    truth = row["reward_model"]["ground_truth"]
    ids = tokenizer.encode("7" * (2 * longest))[:longest] if text == "CUT" else tokenizer.encode(text.format(answer=truth)) + [tokenizer.eos_token_id]
    prompt = torch.tensor([tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True, tokenize=True, return_dict=False)])
    responses = torch.tensor([ids])
    mask = torch.ones(1, prompt.shape[1] + len(ids), dtype=torch.int64)
    data = DataProto(
        batch=TensorDict({"prompts": prompt, "responses": responses, "attention_mask": mask}, batch_size=1),
        non_tensor_batch={
            "data_source": np.array(["decision-sampling"]),
            "reward_model": np.array([row["reward_model"]], dtype=object),
            "extra_info": np.array([row["extra_info"]], dtype=object),
            "uid": np.array([f"u{row['extra_info']['index']}"]),
            "session_id": np.array([k]),
            "global_steps": np.array([step]),
        },
    )
    result = await manager.run_single(data)
    return tokenizer.decode(prompt[0], skip_special_tokens=True), tokenizer.decode(ids, skip_special_tokens=True), truth, result


async def main():
    import pandas

    rows = pandas.read_json(config.data.train_files, lines=True).to_dict("records")[:8]
    for step in (1, 2):
        graded = [await grade(row, k, text, step) for row in rows for k, text in enumerate(texts)]
        scores = [result["reward_score"] for *_, result in graded]
        # The trainer's own dump: version 1 hands it no field of the reward, its validation all of them.
        from verl.trainer.ppo.v1.trainer_base import PPOTrainer as Trainer

        columns = {"uid": [f"u{k // len(texts)}_{k % len(texts)}_0" for k in range(len(graded))]}
        extra = {key: [result["reward_extra_info"][key] for *_, result in graded] for key in graded[0][3]["reward_extra_info"]}
        dump = lambda folder, more: Trainer._write_generations(  # noqa: E731
            [each[0] for each in graded], [each[1] for each in graded], [each[2] for each in graded], scores, more, os.path.join(out, folder), step
        )
        dump("rollouts", columns)
        dump("validation", {**columns, **extra})
    print(f"reward: {len(graded)} rollouts a step, {sum(scores):.0f} worth 1, {sum(extra['truncated']):.0f} cut off")


try:
    manager.loop.run_until_complete(main())
except RuntimeError:
    asyncio.run(main())
