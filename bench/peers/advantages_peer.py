"""Advantages, corrections, masks and controllers of verl and TRL on batches that are given: one JSON object a line in, one out, then the versions.

    pip install verl==0.9.1 trl==1.16.0 torch transformers tensordict
    python3 advantages_peer.py < batches.jsonl

verl's functions are called as they are. Of TRL, what is a function is called; what stands in the middle of a method (advantages, importance sampling, the
entropy controller) is taken out of its source by its syntax tree and run as it is, with a namespace in place of the trainer. All in double precision where the
functions allow it.
"""
import ast
import inspect
import json
import sys
import textwrap
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

from trl.rewards import get_soft_overlong_punishment  # noqa: E402
from trl.trainer import grpo_trainer, rloo_trainer  # noqa: E402
from verl import DataProto  # noqa: E402
from verl.trainer.ppo import core_algos, rollout_corr_helper  # noqa: E402
from verl.utils.torch_functional import masked_mean  # noqa: E402


PPO = Path(core_algos.__file__).parent


def defined(path, name, **space):
    """A function or class of a file, without what the file imports (data loaders, image libraries)."""
    tree = ast.parse(Path(path).read_text())
    node = next(node for node in tree.body if getattr(node, "name", None) == name)
    node.decorator_list = []
    exec(compile(ast.Module(body=[node], type_ignores=[]), name, "exec"), space)
    return space[name]


apply_kl_penalty = defined(PPO / "ray_trainer.py", "apply_kl_penalty", core_algos=core_algos, DataProto=DataProto, torch=torch, masked_mean=masked_mean)
DAPORewardManager = defined(
    PPO.parents[1] / "workers/reward_manager/dapo.py", "DAPORewardManager", torch=torch, defaultdict=defaultdict, DataProto=DataProto,
    # Its only use here: there are no scores of a reward model.
    AbstractRewardManager=type("NoScores", (), {"_extract_reward_from_rm_scores": lambda *_, **__: None}), default_compute_score=None,
)


class Config(dict):
    __getattr__ = dict.__getitem__


def fragment(function, test):
    """The first `if` (of the whole method) whose condition is written so, compiled; and those directly after it are not part of it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == test:
            return compile(ast.Module(body=[node], type_ignores=[]), test, "exec")
    raise LookupError(test)


def statements(function, first, last):
    """The statements of a method from the first that begins so to the last that does, compiled."""
    body = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].body
    texts = [ast.unparse(node) for node in body]
    begin = next(i for i, text in enumerate(texts) if text.startswith(first))
    end = max(i for i, text in enumerate(texts) if text.startswith(last))
    return compile(ast.Module(body=body[begin : end + 1], type_ignores=[]), first, "exec")


GRPO = grpo_trainer.GRPOTrainer
TRL_ADVANTAGES = fragment(GRPO._generate_and_score_completions, "self.multi_objective_aggregation == 'sum_then_normalize'")
TRL_SAMPLING = [
    node
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(GRPO._generate_and_score_completions))))
    if isinstance(node, ast.If) and ast.unparse(node.test) == "self.use_vllm and self.vllm_importance_sampling_correction"
]
TRL_SAMPLING = compile(
    ast.Module(body=[next(n for n in TRL_SAMPLING if "vllm_importance_sampling_ratio = torch.exp" in ast.unparse(n))], type_ignores=[]), "sampling", "exec"
)
TRL_ENTROPY = fragment(GRPO._compute_loss, "self.use_adaptive_entropy and mode == 'train'")
TRL_ENTROPY_IN_FORCE = fragment(GRPO._compute_loss, "self.use_adaptive_entropy")
TRL_RLOO = statements(rloo_trainer.RLOOTrainer._generate_and_score_completions, "grouped_rewards = ", "advantages = torch.nan_to_num")
TRL_RLOO_KL = fragment(rloo_trainer.RLOOTrainer._generate_and_score_completions, "self.beta != 0.0")
for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(rloo_trainer.RLOOTrainer._generate_and_score_completions)))):
    if isinstance(node, ast.If) and ast.unparse(node.test) == "self.beta != 0.0" and "rewards = rewards - self.beta * kl" in ast.unparse(node):
        TRL_RLOO_KL = compile(ast.Module(body=[node], type_ignores=[]), "rloo kl", "exec")


def numbers(values):
    return torch.tensor(values, dtype=torch.float64)


def matrix(batch, name):
    return numbers(batch[name]).reshape(batch["rows"], batch["columns"])


def of_verl(batch, out):
    mask, logp, ref, old = (matrix(batch, name) for name in ("mask", "logProbs", "referenceLogProbs", "samplerLogProbs"))
    index = np.array(batch["uid"])
    rewards, values, squares = matrix(batch, "tokenRewards"), matrix(batch, "values"), matrix(batch, "sumSquares")
    outcome = matrix(batch, "outcomeRewards")

    def run(name, key=None, config=None, rewards=outcome, **more):
        estimator = core_algos.get_adv_estimator_fn(name)
        config = Config(config or {"norm_adv_by_std_in_grpo": True, "gamma": 1.0})
        result = estimator(token_level_rewards=rewards.clone(), response_mask=mask, index=index, config=config, **more)
        out["verl " + (key or name)] = (result[0] * mask).flatten().tolist()

    for gamma, lam in ((1.0, 1.0), (0.9, 0.8)):
        advantages, returns = core_algos.compute_gae_advantage_return(rewards, values, mask, gamma, lam)
        out[f"verl gae γ={gamma} λ={lam}"] = (advantages * mask).flatten().tolist()
        out[f"verl gae returns γ={gamma} λ={lam}"] = (returns * mask).flatten().tolist()
    run("grpo")
    run("grpo", "grpo without std", norm_adv_by_std_in_grpo=False)
    run("grpo_vectorized")
    run("rloo")
    run("rloo_vectorized")
    run("opo")
    run("reinforce_plus_plus_baseline")
    run("gpg")
    run("gdpo", "gdpo of one reward")
    run("remax", reward_baselines=numbers(batch["greedyByRow"]))
    for gamma in (1.0, 0.9):
        run("reinforce_plus_plus", f"reinforce_plus_plus γ={gamma}", {"gamma": gamma}, rewards)
    lengths = mask.sum(-1).long()
    several = {
        "config": {"gdpo_reward_keys": ["a", "b"], "gdpo_reward_weights": [2.0, 0.5]},
        "non_tensor_batch": {"a": np.array(batch["componentA"]), "b": np.array(batch["componentB"])},
        # Where the reward is put does not matter, only that it is there.
        "batch": {"prompts": torch.zeros(batch["rows"], 1), "attention_mask": torch.cat([torch.ones(batch["rows"], 1), mask], dim=1).long()},
    }
    run("gdpo", "gdpo of two rewards", **several)
    if min(np.unique(index, return_counts=True)[1]) > 1:
        run("grpo_passk")
        run("grpo_passk", "grpo_passk without std", {"norm_adv_by_std_in_grpo": False})
    for weights in (None, matrix(batch, "importance")):
        tail = "" if weights is None else ", weighted"
        more = {"old_log_probs": logp, "sum_pi_squared": squares, "rollout_is_weights": weights}
        if batch["isPrefix"]:
            run("optimal_token_baseline", "optimal_token_baseline" + tail, rewards=rewards, **more)
        run("tir_optimal_token_baseline", "tir_optimal_token_baseline" + tail, rewards=rewards, **more)
    # KL in the reward, then the estimator.
    controller = core_algos.FixedKLController(0.3)
    for kind, name in (("kl", "k1"), ("mse", "k2"), ("low_var_kl", "k3")):
        data = DataProto.from_dict(tensors={"response_mask": mask, "token_level_scores": outcome, "old_log_probs": logp, "ref_log_prob": ref})
        data, _ = apply_kl_penalty(data, controller, kind)
        run("grpo", f"grpo after {name} in the reward", rewards=data.batch["token_level_rewards"])
        run("reinforce_plus_plus", f"reinforce_plus_plus after {name} in the reward", rewards=data.batch["token_level_rewards"])
    controller = core_algos.AdaptiveKLController(0.001, 0.1, 10000)
    data = DataProto.from_dict(tensors={"response_mask": mask, "token_level_scores": outcome, "old_log_probs": logp, "ref_log_prob": ref})
    apply_kl_penalty(data, controller, "kl")
    out["verl AdaptiveKLController after a batch"] = [controller.value]
    controller = core_algos.AdaptiveKLController(0.001, 0.1, 10000)
    path = []
    for kl in batch["klPath"]:
        controller.update(kl, 256)
        path.append(float(controller.value))
    out["verl AdaptiveKLController"] = path
    for level in ("token", "sequence"):
        for threshold, kind in ((2.0, "TIS"), ("0.5_2.0", "IcePop")):
            for normalize in (False, True):
                weights, _ = rollout_corr_helper.compute_rollout_correction_weights(logp - old, mask, level, threshold, normalize)
                out[f"verl rollout_is {level} {kind}{' normalised' if normalize else ''}"] = (weights * mask).flatten().tolist()
    for option in sorted(rollout_corr_helper.SUPPORTED_ROLLOUT_RS_OPTIONS):
        threshold = "0.6_1.5" if option.endswith("k1") else "0.1"
        kept, _ = rollout_corr_helper.compute_rollout_rejection_mask(logp - old, mask, option, threshold)
        out[f"verl rollout_rs {option}"] = kept.flatten().tolist()
    # DAPO's punishment, by its reward manager: the response's score is 0, so what is left is the punishment.
    tokenizer = SimpleNamespace(decode=lambda ids, skip_special_tokens=True: "", eos_token="")
    buffer = Config({"enable": True, "len": batch["buffer"], "penalty_factor": 0.7, "log": False})
    manager = DAPORewardManager(
        tokenizer, 0, compute_score=lambda **_: 0.0, max_resp_len=batch["columns"], overlong_buffer_cfg=buffer
    )
    rows = batch["rows"]
    prefix = (torch.arange(batch["columns"]) < lengths.clamp(min=1).unsqueeze(-1)).long()
    data = DataProto.from_dict(
        tensors={
            "prompts": torch.ones(rows, 1, dtype=torch.long),
            "responses": torch.ones(rows, batch["columns"], dtype=torch.long),
            "attention_mask": torch.cat([torch.ones(rows, 1, dtype=torch.long), prefix], dim=1),
        },
        non_tensors={
            "reward_model": np.array([{"ground_truth": ""}] * rows, dtype=object),
            "data_source": np.array(["x"] * rows, dtype=object),
            "extra_info": np.array([{}] * rows, dtype=object),
        },
    )
    out["verl DAPO overlong"] = manager(data).sum(-1).double().tolist()


def of_trl(batch, out):
    mask, logp, ref, old = (matrix(batch, name) for name in ("mask", "logProbs", "referenceLogProbs", "samplerLogProbs"))
    group = batch["groupSize"]
    rewards = numbers(batch["outcomes"])
    # Groups of one size alone have a TRL; the trainer refuses size 1.
    if group > 1:
        for scale in ("group", "batch", "none"):
            trainer = SimpleNamespace(
                multi_objective_aggregation="sum_then_normalize", scale_rewards=scale, reward_weights=torch.ones(1), reward_funcs=[None]
            )
            space = dict(
                vars(grpo_trainer), self=trainer, device="cpu", rewards_per_func=rewards.unsqueeze(1), num_generations=group,
                unscorable_mask=torch.zeros(len(rewards), dtype=torch.bool),
            )
            exec(TRL_ADVANTAGES, space)
            out[f"TRL GRPO scale_rewards={scale}"] = space["advantages"].tolist()
        trainer = SimpleNamespace(
            multi_objective_aggregation="normalize_then_sum", scale_rewards="group", reward_weights=torch.tensor([2.0, 0.5]), reward_funcs=[None, None]
        )
        both = numbers([batch["componentA"], batch["componentB"]]).T
        space = dict(vars(grpo_trainer), self=trainer, device="cpu", rewards_per_func=both, num_generations=group,
                     unscorable_mask=torch.zeros(len(rewards), dtype=torch.bool))
        exec(TRL_ADVANTAGES, space)
        out["TRL GRPO normalize_then_sum"] = space["advantages"].tolist()
        trainer = SimpleNamespace(normalize_advantages=False, beta=0.05)
        space = dict(vars(rloo_trainer), self=trainer, rewards=rewards.clone(), num_generations=group)
        exec(TRL_RLOO, space)
        out["TRL RLOO"] = space["advantages"].tolist()
        space = dict(vars(rloo_trainer), self=trainer, rewards=rewards.clone(), num_generations=group,
                     old_per_token_logps=logp, ref_per_token_logps=ref, completion_mask=mask, gather=lambda x: x)
        exec(TRL_RLOO_KL, space)
        exec(TRL_RLOO, space)
        out["TRL RLOO with KL"] = space["advantages"].tolist()
    for mode in ("token_truncate", "token_mask", "sequence_truncate", "sequence_mask"):
        for low in (None, 0.5):
            trainer = SimpleNamespace(
                use_vllm=True, vllm_importance_sampling_correction=True, vllm_importance_sampling_mode=mode,
                vllm_importance_sampling_clip_max=3.0, vllm_importance_sampling_clip_min=low,
            )
            space = dict(vars(grpo_trainer), self=trainer, completion_mask=mask, tool_mask=None, old_per_token_logps=logp,
                         sampling_per_token_logps=old)
            exec(TRL_SAMPLING, space)
            ratio = space["vllm_importance_sampling_ratio"].expand_as(mask) * mask
            out[f"TRL importance sampling {mode}{'' if low is None else ', clip_min 0.5'}"] = ratio.flatten().tolist()
    advantages = numbers(batch["outcomes"]).unsqueeze(1) - 0.5
    kept = GRPO.get_off_policy_mask(advantages, logp, old, mask, 0.05)
    out["TRL off_policy_mask"] = kept.flatten().tolist()
    accelerator = SimpleNamespace(pad_across_processes=lambda x, dim, pad_index: x, gather=lambda x: x)
    for share in (0.2, 0.5):
        found = GRPO.get_high_entropy_mask(SimpleNamespace(accelerator=accelerator), matrix(batch, "entropies"), mask, 1 - share)
        out[f"TRL top_entropy_quantile={share}"] = found.double().flatten().tolist()
    lengths = [int(length) for length in mask.sum(-1).clamp(min=1)]
    punish = get_soft_overlong_punishment(batch["columns"], batch["buffer"])
    out["TRL soft overlong punishment"] = punish(completion_ids=[[1] * length for length in lengths])
    args = SimpleNamespace(entropy_target=0.2, entropy_coef_delta=0.005, entropy_coef_max=0.02, entropy_coef_min=0.0)
    trainer = SimpleNamespace(
        use_adaptive_entropy=True, args=args, entropy_coef=0.01, _last_world_entropy=float("inf"), _entropy_window_stats=None,
        accelerator=SimpleNamespace(sync_gradients=True, reduce=lambda x, reduction: x),
    )
    path = []
    for entropy in batch["entropyPath"]:
        space = dict(vars(grpo_trainer), self=trainer, mode="train", entropies=torch.full((2, 2), entropy), effective_mask=torch.ones(2, 2))
        exec(TRL_ENTROPY_IN_FORCE, space)
        path.append(space["apply_coef"])
        exec(TRL_ENTROPY, space)
        path.append(trainer.entropy_coef)
    out["TRL adaptive entropy"] = path


for line in sys.stdin:
    given, found = json.loads(line), {}
    of_verl(given, found)
    of_trl(given, found)
    print(json.dumps(found), flush=True)
print(json.dumps({
    "registered": sorted(core_algos.ADV_ESTIMATOR_REGISTRY),
    "versions": {name: version(name) for name in ("verl", "trl", "torch", "transformers")} | {"python": sys.version.split()[0]},
}))
