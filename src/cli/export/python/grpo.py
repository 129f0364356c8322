"""GRPO by TRL with the settings of grpo.json, the data beside it, and calibrate's own grading as the reward.

    accelerate launch grpo.py [--set NAME=VALUE …]

--set replaces a setting of grpo.json for this run, e.g. --set learning_rate=2e-6; a name that GRPOConfig does not have is an error.
"""

import argparse
import functools
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def settings():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    with open(os.path.join(HERE, "grpo.json"), encoding="utf-8") as file:
        given = json.load(file)
    for each in parser.parse_args().set:
        name, is_there, value = each.partition("=")
        if not is_there:
            parser.error(f"--set {each}: expected NAME=VALUE")
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            pass
        (given if name in ("model", "updates_of", "step_of") else given["config"])[name] = value
    return given


def main():
    given = settings()

    from datasets import load_dataset
    from transformers import AutoTokenizer, GenerationConfig
    from trl import GRPOConfig, GRPOTrainer

    from reward import reward

    config = dict(given["config"])
    # An update is of so many completions, whatever the number of processes.
    world = int(os.environ.get("WORLD_SIZE", "1"))
    share = config["per_device_train_batch_size"] * world
    if given["updates_of"] % share != 0:
        raise SystemExit(f"updates of {given['updates_of']} completions do not divide among {world} processes of {config['per_device_train_batch_size']}")
    config["gradient_accumulation_steps"] = given["updates_of"] // share
    if given["step_of"] % share != 0:
        raise SystemExit(f"steps of {given['step_of']} completions do not divide among {world} processes of {config['per_device_train_batch_size']}")
    config["steps_per_generation"] = given["step_of"] // share
    if given["step_of"] % given["updates_of"] != 0:
        raise SystemExit(f"steps of {given['step_of']} completions are no whole number of updates of {given['updates_of']}")
    # With every log TRL writes the last step's completions: a log an update would write each of them as often as it is learnt from.
    config["logging_steps"] = given["step_of"] // given["updates_of"] * config.get("num_iterations", 1)

    tokenizer = AutoTokenizer.from_pretrained(given["model"])
    try:
        named = GenerationConfig.from_pretrained(given["model"]).eos_token_id
    except OSError:
        named = None
    ends = {tokenizer.eos_token_id} | (set(named) if isinstance(named, list) else {named})
    graded = functools.partial(reward, max_completion_length=config["max_completion_length"], eos=ends)
    graded.__name__ = "calibrate"

    peft_config = None
    if given.get("lora") is not None:
        from peft import LoraConfig

        peft_config = LoraConfig(task_type="CAUSAL_LM", **given["lora"])

    trainer = GRPOTrainer(
        model=given["model"],
        reward_funcs=graded,
        args=GRPOConfig(**config),
        train_dataset=load_dataset("json", data_files=os.path.join(HERE, "data", "train.jsonl"), split="train"),
        processing_class=tokenizer,
        peft_config=peft_config,
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
