"""TRL's GRPOTrainer on our transformer, for bench/peers.bench.ts: one optimizer step for every line `step`.

    python grpo_peer.py FOLDER [cuda]

A step rolls out shape.grpo.queries prompts of promptLength tokens, group of groupSize, newTokens each, grades them by a plain Python function,
and makes one update. No reference model (beta 0), no gradient checkpointing, float32, two threads or the GPU.
"""
import os
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

import serve
import transformer

torch.set_num_threads(2)
folder = sys.argv[1]
is_gpu = "cuda" in sys.argv[2:]
model, shape = transformer.load(folder)
differences, _ = transformer.check(model, shape, folder)
grpo = shape["grpo"]

# Words are the token ids. EOS and padding lie outside the model's vocabulary, so every completion has the full length.
words = {str(i): i for i in range(shape["sizes"]["vocabulary"])} | {"<end>": shape["sizes"]["vocabulary"]}
raw = Tokenizer(models.WordLevel(words, unk_token="0"))
raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<end>", pad_token="<end>", padding_side="left")


def reward(completion_ids, **_):
    """The share of token 0 in each completion."""
    return [ids.count(0) / max(1, len(ids)) for ids in completion_ids]


class InTurns(TrainerCallback):
    """Waits for a line before each step, and answers with its times after it."""

    def on_step_begin(self, args, state, control, **_):
        serve.request()
        self.start, self.used = time.perf_counter(), time.process_time()
        phases["generate"] = 0.0

    def on_step_end(self, args, state, control, **_):
        if is_gpu:
            torch.cuda.synchronize()
        ms, processor = (time.perf_counter() - self.start) * 1e3, (time.process_time() - self.used) * 1e3
        serve.answer({"ms": ms, "processor": processor, "generate": phases["generate"], "step": state.global_step})


phases = {"generate": 0.0}
generate = model.generate


def timed_generate(*args, **kwargs):
    start = time.perf_counter()
    out = generate(*args, **kwargs)
    phases["generate"] += (time.perf_counter() - start) * 1e3
    return out


model.generate = timed_generate
prompts = [" ".join(str(token) for token in row) for row in grpo["prompts"]]
config = GRPOConfig(
    output_dir=tempfile.mkdtemp(),
    per_device_train_batch_size=grpo["queries"] * grpo["groupSize"],
    num_generations=grpo["groupSize"],
    max_completion_length=grpo["newTokens"],
    temperature=1.0,
    top_k=0,
    top_p=1.0,
    beta=0.0,
    loss_type="grpo",
    num_iterations=1,
    gradient_accumulation_steps=1,
    gradient_checkpointing=False,
    learning_rate=1e-4,
    lr_scheduler_type="constant",
    max_grad_norm=1.0,
    optim="adamw_torch_fused",
    bf16=False,
    use_cpu=not is_gpu,
    max_steps=100000,
    logging_strategy="no",
    save_strategy="no",
    report_to="none",
    disable_tqdm=True,
    torch_compile="compile" in sys.argv[2:],
)
trainer = GRPOTrainer(
    model=model,
    reward_funcs=reward,
    args=config,
    train_dataset=Dataset.from_dict({"prompt": prompts}),
    processing_class=tokenizer,
    callbacks=[InTurns()],
)
serve.answer({"version": f"TRL {trl.__version__}", **differences})
trainer.train()
