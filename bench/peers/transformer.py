"""The project's transformer in PyTorch, as a Hugging Face model with a key-value cache, with weights that our side wrote.

Pre-norm blocks of attention and a GELU (tanh form) network of four times the width, RMS norm with epsilon 1e-6, no biases, learned
position ids, one segment, an unembedding of its own. Only transposed: nn.Linear keeps [out, in], our matrices are [in, out].
"""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from transformers import DynamicCache, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.masking_utils import create_causal_mask
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast

EPSILON = 1e-6


class PeerConfig(PretrainedConfig):
    model_type = "decision_sampling_peer"

    def __init__(self, width=64, layers=2, heads=4, positions=64, vocabulary=16, **kwargs):
        self.hidden_size = width
        self.num_hidden_layers = layers
        self.num_attention_heads = heads
        self.max_position_embeddings = positions
        self.vocab_size = vocabulary
        super().__init__(**kwargs)


class Block(nn.Module):
    def __init__(self, width, heads, index):
        super().__init__()
        self.heads, self.index = heads, index
        self.attention_norm = nn.RMSNorm(width, eps=EPSILON)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.projection = nn.Linear(width, width, bias=False)
        self.mlp_norm = nn.RMSNorm(width, eps=EPSILON)
        self.expand = nn.Linear(width, 4 * width, bias=False)
        self.contract = nn.Linear(4 * width, width, bias=False)

    def forward(self, x, mask, cache):
        rows, length, width = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        if cache is not None:
            k, v = cache.update(k, v, self.index)
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None and length > 1)
        x = x + self.projection(attended.transpose(1, 2).reshape(rows, length, width))
        return x + self.contract(F.gelu(self.expand(self.mlp_norm(x)), approximate="tanh"))


class Backbone(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config.hidden_size
        self.config = config
        self.token = nn.Embedding(config.vocab_size, width)
        self.position = nn.Embedding(config.max_position_embeddings, width)
        self.segment = nn.Embedding(1, width)
        self.blocks = nn.ModuleList([Block(width, config.num_attention_heads, i) for i in range(config.num_hidden_layers)])
        self.norm = nn.RMSNorm(width, eps=EPSILON)

    def forward(self, input_ids, attention_mask=None, cache=None, position_ids=None, use_cache=False, **_):
        if use_cache and cache is None:
            cache = DynamicCache(config=self.config)
        seen = 0 if cache is None else cache.get_seq_length()
        if position_ids is None:
            position_ids = (torch.arange(input_ids.shape[1], device=input_ids.device) + seen).unsqueeze(0)
        x = self.token(input_ids) + self.position(position_ids) + self.segment.weight
        mask = create_causal_mask(config=self.config, inputs_embeds=x, attention_mask=attention_mask, cache=cache, position_ids=position_ids)
        for block in self.blocks:
            x = block(x, mask, cache)
        return BaseModelOutputWithPast(last_hidden_state=self.norm(x), cache=cache if use_cache else None)


class PeerModel(PreTrainedModel, GenerationMixin):
    config_class = PeerConfig
    base_model_prefix = "model"
    _supports_sdpa = True

    def __init__(self, config):
        super().__init__(config)
        self.model = Backbone(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self):
        return self.model.token

    def get_output_embeddings(self):
        return self.lm_head

    def forward(self, input_ids, attention_mask=None, cache=None, position_ids=None, use_cache=None, logits_to_keep=0, **kwargs):
        out = self.model(input_ids, attention_mask, cache, position_ids, use_cache)
        hidden = out.last_hidden_state[:, -logits_to_keep:] if logits_to_keep else out.last_hidden_state
        return CausalLMOutputWithPast(logits=self.lm_head(hidden), cache=out.cache)


NAMES = {
    "embedding.token": "model.token.weight",
    "embedding.position": "model.position.weight",
    "embedding.segment": "model.segment.weight",
    "finalGain": "model.norm.weight",
    "unembedding": "lm_head.weight",
}
PARTS = {
    "attentionGain": "attention_norm",
    "qkv": "qkv",
    "projection": "projection",
    "mlpGain": "mlp_norm",
    "expand": "expand",
    "contract": "contract",
}


def peer_name(name):
    if name in NAMES:
        return NAMES[name]
    block, part = name.split(".")
    return f"model.blocks.{block.removeprefix('block')}.{PARTS[part]}.weight"


def load(folder):
    """The model of FOLDER/shape.json with the weights of FOLDER/parameters.f32, and the shape."""
    folder = Path(folder)
    shape = json.loads((folder / "shape.json").read_text())
    config = PeerConfig(**shape["sizes"], attn_implementation="sdpa", pad_token_id=shape["sizes"]["vocabulary"], eos_token_id=None)
    model = PeerModel(config)
    flat = np.fromfile(folder / "parameters.f32", dtype=np.float32)
    state = {}
    for entry in shape["entries"]:
        values = torch.from_numpy(flat[entry["offset"] : entry["offset"] + entry["size"]].copy()).view(*entry["shape"])
        is_matrix = len(entry["shape"]) == 2 and not entry["name"].startswith("embedding.")
        state[peer_name(entry["name"])] = values.T.contiguous() if is_matrix else values
    model.load_state_dict(state)
    return model, shape


def loss_of(model, tokens):
    """Mean negative log-probability of each next token of TOKENS [B, T + 1]."""
    logits = model(input_ids=tokens[:, :-1]).logits
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), tokens[:, 1:].reshape(-1))


def check(model, shape, folder):
    """Fails unless loss, log-probabilities and gradient agree with FOLDER's to 1e-4 of their largest entry."""
    folder = Path(folder)
    tokens = torch.from_numpy(np.fromfile(folder / "tokens.i32", dtype=np.int32).astype(np.int64)).view(shape["rows"], -1).to(model.device)
    model.zero_grad()
    loss_of(model, tokens).backward()
    gradient = np.fromfile(folder / "gradient.f32", dtype=np.float32)
    parameters = dict(model.named_parameters())
    worst = 0.0
    for entry in shape["entries"]:
        ours = gradient[entry["offset"] : entry["offset"] + entry["size"]].reshape(entry["shape"])
        theirs = parameters[peer_name(entry["name"])].grad.cpu().numpy()
        if ours.shape != theirs.shape or (len(ours.shape) == 2 and not entry["name"].startswith("embedding.")):
            theirs = theirs.T
        worst = max(worst, float(np.abs(ours - theirs).max() / max(1e-12, np.abs(ours).max())))
    with torch.no_grad():
        logits = model(input_ids=tokens[:, :-1]).logits
        theirs = torch.log_softmax(logits, -1).gather(-1, tokens[:, 1:].unsqueeze(-1)).squeeze(-1).cpu().numpy()
    ours = np.fromfile(folder / "logProbs.f32", dtype=np.float32).reshape(theirs.shape)
    # Log-probabilities of large models at these weights reach −100 nats, where float32 has 1e-5: relative above 1.
    difference = float((np.abs(ours - theirs) / np.maximum(1, np.abs(ours))).max())
    model.zero_grad(set_to_none=True)
    if not (worst < 1e-4 and difference < 1e-4):
        raise SystemExit(f"not the same model: log-probabilities differ by {difference}, gradients by {worst} of their largest entry")
    return {"logProbs": difference, "gradient": worst}, tokens
