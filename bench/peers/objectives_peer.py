"""The losses of verl and TRL themselves, in float64, for bench/objectives.bench.ts: a JSON object in, one JSON object a line out.

    python3 objectives_peer.py < request.json

The request has "batches" (rectangles of log-probabilities, advantages and masks) and "cases" (which of their functions, with which settings, on which
batch). A case answers with the loss and its gradient in the log-probabilities, by the library's own code and torch's autograd. The last line has the versions.

verl: the registered policy losses, `agg_loss` and `kl_penalty` of verl.trainer.ppo.core_algos. TRL: `_compute_loss` of GRPOTrainer, RLOOTrainer and the
experimental GMPOTrainer, called on an object that has the attributes that it reads and hands it the log-probabilities in place of a model's.
"""
import json
import sys
from collections import defaultdict
from importlib.metadata import version
from types import SimpleNamespace

import torch
from trl import GRPOConfig, GRPOTrainer, RLOOTrainer
from trl.experimental.gmpo import GMPOTrainer
from verl.trainer.ppo import core_algos
from verl.workers.config import ActorConfig, PolicyLossConfig

torch.set_default_dtype(torch.float64)


def tensors(batch):
    shape = (batch["rows"], batch["columns"])
    return {name: torch.tensor(batch[name], dtype=torch.float64).reshape(shape) for name in ("logProbs", "oldLogProbs", "referenceLogProbs", "advantages", "mask")}


def verl_config(case, batch):
    settings = dict(case.get("settings", {}))
    policy_loss = PolicyLossConfig(**settings.pop("policy_loss", {}))
    config = ActorConfig(strategy="fsdp", rollout_n=1, use_dynamic_bsz=True, policy_loss=policy_loss, **settings)
    if case.get("wholeBatch"):
        # What verl's own trainer hands to agg_loss (verl/workers/utils/losses.py).
        tokens = int(sum(batch["mask"]))
        config.global_batch_info.update(dp_size=1, batch_num_tokens=tokens, global_batch_size=batch["rows"], loss_scale_factor=None)
    return config


def verl_policy(case, batch, columns):
    loss, _ = core_algos.get_policy_loss_fn(case["name"])(
        old_log_prob=columns["oldLogProbs"],
        log_prob=columns["logProbs"],
        advantages=columns["advantages"],
        response_mask=columns["mask"],
        loss_agg_mode=case["aggregation"],
        config=verl_config(case, batch),
        rollout_is_weights=None,
    )
    return loss


def verl_kl(case, batch, columns):
    penalty = core_algos.kl_penalty(columns["logProbs"], columns["referenceLogProbs"], case["name"])
    return core_algos.agg_loss(penalty, columns["mask"], case["aggregation"])


def verl_aggregation(case, batch, columns):
    info = verl_config(case, batch).global_batch_info
    return core_algos.agg_loss(-columns["logProbs"], columns["mask"], case["aggregation"], **info)


class OneProcess:
    """An accelerator of one process: nothing to gather."""

    num_processes = 1
    sync_gradients = True

    def gather(self, x):
        return x

    def reduce(self, x, reduction="sum"):
        return x


def trl_trainer(case, batch, columns):
    settings = case.get("settings", {})
    args = {name: GRPOConfig.__dataclass_fields__[name].default for name in GRPOConfig.__dataclass_fields__}
    args.update({"steps_per_generation": 1}, **settings)
    epsilon_high = args["epsilon_high"] if args["epsilon_high"] is not None else args["epsilon"]
    return SimpleNamespace(
        args=SimpleNamespace(**args),
        beta=args["beta"],
        loss_type=args["loss_type"],
        importance_sampling_level=args["importance_sampling_level"],
        epsilon_low=args["epsilon"],
        epsilon_high=epsilon_high,
        max_completion_length=batch["columns"],
        top_entropy_quantile=1.0,
        off_policy_mask_threshold=None,
        use_vllm=False,
        vllm_importance_sampling_correction=False,
        aux_loss_enabled=False,
        _entropy_bonus_enabled=False,
        current_gradient_accumulation_steps=1,
        accelerator=OneProcess(),
        model=SimpleNamespace(training=True),
        _metrics={"train": defaultdict(list), "eval": defaultdict(list)},
        get_gamma_weights=GRPOTrainer.get_gamma_weights,
        _get_per_token_logps_and_entropies=lambda *_, **__: (columns["logProbs"], torch.zeros_like(columns["logProbs"]), None),
    )


def trl(case, batch, columns):
    mask = columns["mask"]
    prompt = torch.zeros((batch["rows"], 1), dtype=torch.long)
    inputs = {
        "prompt_ids": prompt,
        "prompt_mask": torch.ones_like(prompt),
        "completion_ids": torch.zeros(mask.shape, dtype=torch.long),
        "completion_mask": mask,
        "old_per_token_logps": columns["oldLogProbs"],
        "old_logps": (columns["oldLogProbs"] * mask).sum(1),
        "ref_per_token_logps": columns["referenceLogProbs"],
        # One advantage a sequence, but a column where it varies within one: GRPOTrainer takes both.
        "advantages": columns["advantages"] if case.get("tokenAdvantages") else columns["advantages"][:, 0],
        "num_items_in_batch": mask.sum(),
    }
    trainer = {"grpo": GRPOTrainer, "rloo": RLOOTrainer, "gmpo": GMPOTrainer}[case["name"]]
    return trainer._compute_loss(trl_trainer(case, batch, columns), None, inputs)


KINDS = {"verl": verl_policy, "verl-kl": verl_kl, "verl-aggregation": verl_aggregation, "trl": trl}

request = json.load(sys.stdin)
for case in request["cases"]:
    batch = request["batches"][case["batch"]]
    columns = tensors(batch)
    columns["logProbs"].requires_grad_(True)
    loss = KINDS[case["kind"]](case, batch, columns)
    (gradient,) = torch.autograd.grad(loss, columns["logProbs"])
    print(json.dumps({"loss": loss.item(), "gradient": gradient.reshape(-1).tolist()}))
print(json.dumps({name: version(name) for name in ("verl", "trl", "torch")} | {"python": sys.version.split()[0]}))
