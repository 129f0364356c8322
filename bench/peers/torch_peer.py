"""PyTorch and Hugging Face on our transformer, for bench/peers.bench.ts.

    python torch_peer.py FOLDER

Works: `eager` and `compile`: a training step (forward, backward, Adam); `dynamic` and `static`: `generate` with that cache;
`peak`: the speed of a large product. Two threads, float32.
"""
import sys

import numpy as np
import torch
import transformers

import serve
import transformer

torch.set_num_threads(2)
torch.manual_seed(1)
folder = sys.argv[1]
model, shape = transformer.load(folder)
differences, tokens = transformer.check(model, shape, folder)
generated, prompt = shape["generate"]["newTokens"], torch.from_numpy(np.fromfile(f"{folder}/prompts.i32", dtype=np.int32).astype(np.int64))
prompt = prompt.view(shape["generate"]["rows"], -1)


def stepper(compiled):
    """A model of its own, fused Adam; compiled: the loss with its backward pass, by the default backend."""
    own, _ = transformer.load(folder)
    optimizer = torch.optim.Adam(own.parameters(), lr=1e-3, fused=True)
    loss_of = torch.compile(lambda: transformer.loss_of(own, tokens), dynamic=False) if compiled else lambda: transformer.loss_of(own, tokens)

    def step():
        loss = loss_of()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return {"loss": loss.item()}

    return step


def generator(cache):
    model.eval()
    options = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "max_new_tokens": generated, "use_cache": True}
    options["eos_token_id"], options["pad_token_id"] = None, shape["sizes"]["vocabulary"]
    options |= {"cache_implementation": "static", "disable_compile": True} if cache == "static" else {}

    def generate():
        with torch.inference_mode():
            out = model.generate(prompt, attention_mask=torch.ones_like(prompt), **options)
        assert out.shape == (prompt.shape[0], prompt.shape[1] + generated), out.shape

    return generate


def peak():
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    best = min(serve.timed(lambda: (torch.mm(a, b), None)[1])["ms"] for _ in range(12))
    return {"gigaflops": 2 * 2048**3 / best / 1e6}


makers = {
    "eager": lambda: stepper(False),
    "compile": lambda: stepper(True),
    "dynamic": lambda: generator("dynamic"),
    "static": lambda: generator("static"),
    "peak": lambda: peak,
}
works = {}
serve.answer({"version": f"PyTorch {torch.__version__}, transformers {transformers.__version__}", **differences})
while True:
    name = serve.request()
    if name not in works:
        works[name] = makers[name]()
    serve.answer(serve.timed(works[name]))
