"""torch, transformers and peft on the pretrained model of bench/llm.bench.ts: the same weights, batch and adapter.

    python llm_peer.py FOLDER [cuda]

Works: `score`, `step`, `sample`, `compare` (with our numbers in FOLDER). Float32, two threads, or the GPU (on which a work ends when the GPU has done it). A GGUF file needs the
package gguf.
"""
import json
import resource
import sys
import time
from pathlib import Path

begin, used = time.perf_counter(), time.process_time()
import numpy as np
import torch
import peft
import transformers

import serve

torch.set_num_threads(2)
torch.manual_seed(1)
folder = Path(sys.argv[1])
device = sys.argv[2] if len(sys.argv) > 2 else "cpu"
work = json.loads((folder / "work.json").read_text())
shape, path = work["shape"], Path(work["path"])
imported = time.perf_counter() - begin
transformers.utils.logging.set_verbosity_error()
place = {"pretrained_model_name_or_path": path.parent, "gguf_file": path.name} if path.suffix == ".gguf" else {"pretrained_model_name_or_path": path}
loading = time.perf_counter()
base = transformers.AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32).to(device)
loaded = time.perf_counter() - loading
names = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "projection": "o_proj", "gate": "gate_proj", "up": "up_proj", "down": "down_proj"}
config = peft.LoraConfig(r=work["adapter"]["rank"], lora_alpha=work["adapter"]["alpha"], target_modules=list(names.values()), lora_dropout=0.0)
model = peft.get_peft_model(base, config).to(device)
flat = np.fromfile(folder / "parameters.f32", dtype=np.float32)
parts = {}
modules = dict(model.named_modules())
for entry in work["entries"]:
    block, matrix, factor = entry["name"].split(".")
    layer = f"layers.{block.removeprefix('block')}."
    name = next(name for name in modules if layer in name and name.endswith(names[matrix]))
    weight = getattr(modules[name], "lora_A" if factor == "a" else "lora_B")["default"].weight
    values = flat[entry["offset"] : entry["offset"] + entry["size"]].reshape(entry["shape"])
    with torch.no_grad():
        weight.copy_(torch.from_numpy(values.T.copy()))
    parts[entry["name"]] = weight
tokens = torch.tensor(work["tokens"], device=device)
prompts = torch.tensor(work["prompts"], device=device)
trained = [weight for weight in model.parameters() if weight.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-5, weight_decay=0.0, fused=True)
# Of the rows at once: four fit a processor's cache better than all; a GPU is busy only with all.
ROWS = 4 if device == "cpu" else shape["rows"]


def log_probs(rows):
    """log pi of each token but the first."""
    logits = model(input_ids=rows[:, :-1], use_cache=False).logits
    return -torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten(), reduction="none")


def score():
    model.eval()
    with torch.inference_mode():
        scores = [log_probs(rows) for rows in tokens.split(ROWS)]
    return {"tokens": sum(part.numel() for part in scores), "scores": torch.cat(scores)}


def gradient():
    model.train()
    optimizer.zero_grad(set_to_none=True)
    batch = tokens[: shape["stepRows"]]
    count = batch.shape[0] * (batch.shape[1] - 1)
    for rows in batch.split(ROWS):
        (-log_probs(rows).sum() / count).backward()
    return count


def step():
    count = gradient()
    optimizer.step()
    return {"tokens": count}


def sample():
    model.eval()
    with torch.inference_mode():
        out = model.generate(
            input_ids=prompts, attention_mask=torch.ones_like(prompts), do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
            min_new_tokens=shape["newTokens"], max_new_tokens=shape["newTokens"], use_cache=True, eos_token_id=None, pad_token_id=0,
        )
    return {"tokens": out.numel() - prompts.numel()}


def merged():
    """`sample` with the adapter merged into the weights, as it is written to files."""
    model.merge_adapter()
    try:
        return sample()
    finally:
        model.unmerge_adapter()


def compare():
    expected = np.fromfile(folder / "logProbs.f32", dtype=np.float32).reshape(shape["rows"], shape["length"])[:, 1:]
    got = score()["scores"].cpu().numpy().reshape(expected.shape)
    gradient()
    ours = np.fromfile(folder / "gradient.f32", dtype=np.float32)
    worst = 0.0
    for entry in work["entries"]:
        part = ours[entry["offset"] : entry["offset"] + entry["size"]]
        right = parts[entry["name"]].grad.cpu().numpy().T.flatten()
        worst = max(worst, float(np.linalg.norm(part - right) / np.linalg.norm(right)))
    return {"logProbs": float(np.abs(got - expected).max()), "gradient": worst}


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def finished(work):
    """A work until the GPU has done it."""
    def run():
        result = work()
        if device != "cpu":
            torch.cuda.synchronize()
        return result

    return run


versions = f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
serve.answer({"version": versions, "ms": loaded * 1e3, "imports": imported * 1e3, "processor": (time.process_time() - used) * 1e3, "peak": peak()})
works = {"score": lambda: {"tokens": score()["tokens"]}, "step": step, "sample": sample, "merged": merged, "compare": compare}
while True:
    answer = serve.timed(finished(works[serve.request()]))
    serve.answer({**answer, "peak": peak()})
