"""A Qwen2 of 2 layers with a tokenizer made of the exported texts, which it has seen for some seconds: python make_tiny.py EXPORTED.jsonl OUT.

From random weights no answer is ever right, every advantage is 0, and a step of reinforcement learning shows nothing.
"""

import json
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

rows, out = sys.argv[1:]
with open(rows, encoding="utf-8") as file:
    chats = [json.loads(line)["messages"] for line in file]
texts = [message["content"] for chat in chats for message in chat]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
tokenizer.train_from_iterator(
    texts, trainers.BpeTrainer(vocab_size=600, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
)
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=4096)
fast.chat_template = TEMPLATE
fast.save_pretrained(out)
torch.set_num_threads(1)
torch.manual_seed(1)
config = Qwen2Config(
    vocab_size=len(fast), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=4096, bos_token_id=None, eos_token_id=fast.eos_token_id, pad_token_id=fast.pad_token_id, tie_word_embeddings=True,
)
model = Qwen2ForCausalLM(config)
rows = [fast.apply_chat_template(chat, tokenize=True, return_dict=False)[:96] for chat in chats]
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(150):
    batch = [rows[(step * 16 + k) % len(rows)] for k in range(16)]
    longest = max(map(len, batch))
    ids = torch.tensor([row + [fast.pad_token_id] * (longest - len(row)) for row in batch])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch])
    loss = model(input_ids=ids, attention_mask=mask, labels=ids.masked_fill(mask == 0, -100)).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.save_pretrained(out)
print(f"loss {loss.item():.2f} after {step + 1} steps")
print(f"{sum(each.numel() for each in model.parameters())} parameters, vocabulary {len(fast)}")
