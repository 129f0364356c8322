/**
 * The script for Ray Data that serves a batch's request files on many GPUs and writes answers in the same shape as vLLM's run-batch.
 *
 * Ray's vLLM stage tells tokens and text of a response but not why it ended, so the script counts: as many tokens as were allowed, or as the model's
 * context holds, is cut off. Rows that failed go past the last stage, with the reason in `__inference_error__`; the reader takes them so. A response that ends by itself with exactly the last allowed token counts as cut off too.
 *
 * @module
 */

/** The script's name in a batch's folder. */
export const RAY_FILE = "ray_batch.py"

/** The script. */
export const RAY_SCRIPT =
  `"""Answers the request files of a batch with Ray Data: python ray_batch.py MODEL OUT_FOLDER [REPLICAS] [CONTEXT_TOKENS] [FILE...]"""
import glob, os, sys
import ray
from ray.data.llm import build_processor, vLLMEngineProcessorConfig

model, out = sys.argv[1], os.path.abspath(sys.argv[2])
replicas, context = (int(sys.argv[i]) if len(sys.argv) > i else usual for i, usual in ((3, 1), (4, 8192)))
files = sys.argv[5:] or sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "requests-*.jsonl")))

def ask(row):
    body = row["body"]
    limit = int(body.get("max_completion_tokens") or body.get("max_tokens"))
    sampling = {"temperature": float(body["temperature"]), "seed": int(body["seed"]), "max_tokens": limit}
    return {"custom_id": row["custom_id"], "limit": limit, "messages": list(body["messages"]), "sampling_params": sampling}

def answer(row):
    used, made = row["num_input_tokens"], row["num_generated_tokens"]
    finish = "length" if made >= row["limit"] or used + made >= context else "stop"
    choice = {"index": 0, "message": {"role": "assistant", "content": row["generated_text"]}, "finish_reason": finish}
    body = {"object": "chat.completion", "model": model, "choices": [choice]}
    return {"custom_id": row["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}

config = vLLMEngineProcessorConfig(model_source=model, concurrency=replicas, should_continue_on_error=True,
                                   engine_kwargs={"max_model_len": context})
build_processor(config, preprocess=ask, postprocess=answer)(ray.data.read_json(files, lines=True)).write_json(out)
`
