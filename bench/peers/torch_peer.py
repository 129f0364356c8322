"""PyTorch and Hugging Face on our transformer, for bench/peers.bench.ts.

    python torch_peer.py FOLDER [cuda]

Works: `eager` and `compile`: a training step (forward, backward, Adam), `eager512`: of a batch of 512 rows; `dynamic` and `static`: `generate`
with that cache; `peak`: the speed of a large product. Float32; two threads, or the GPU (on which a work ends when the GPU has done it).
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
place = sys.argv[2] if len(sys.argv) > 2 else "cpu"
is_gpu = place != "cpu"
model, shape = transformer.load(folder)
model.to(place)
differences, tokens = transformer.check(model, shape, folder)
generated, prompt = shape["generate"]["newTokens"], torch.from_numpy(np.fromfile(f"{folder}/prompts.i32", dtype=np.int32).astype(np.int64))
prompt = prompt.view(shape["generate"]["rows"], -1).to(place)


def stepper(compiled, batch):
    """A model of its own, fused Adam; compiled: the loss with its backward pass, by the default backend."""
    own, _ = transformer.load(folder)
    own.to(place)
    optimizer = torch.optim.Adam(own.parameters(), lr=1e-3, fused=True)
    loss_of = torch.compile(lambda: transformer.loss_of(own, batch), dynamic=False) if compiled else lambda: transformer.loss_of(own, batch)

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
    size = 8192 if is_gpu else 2048
    a, b = (torch.randn(size, size, device=place) for _ in range(2))
    best = min(serve.timed(finished(lambda: (torch.mm(a, b), None)[1]))["ms"] for _ in range(12))
    return {"gigaflops": 2 * size**3 / best / 1e6}


def finished(work):
    """The work until the device has done it."""

    def run():
        result = work()
        if is_gpu:
            torch.cuda.synchronize()
        return result

    return run


makers = {
    "eager": lambda: stepper(False, tokens),
    "eager512": lambda: stepper(False, tokens.repeat(512 // tokens.shape[0], 1)),
    "compile": lambda: stepper(True, tokens),
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
    serve.answer(serve.timed(finished(works[name])))
