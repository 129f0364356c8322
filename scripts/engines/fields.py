"""The settings that the pinned engines have, from their sources: python3 fields.py VERL_SITE LLAMAFACTORY_SITE TRL_SITE > test/fixtures/engines/fields.json

Each SITE is the site-packages of an environment; nothing of them is imported. verl's are the paths of its generated configuration, those of
LLaMA-Factory and TRL the fields of their dataclasses and of transformers' TrainingArguments.
"""

import ast
import glob
import json
import os
import re
import sys


def dataclass_fields(files):
    names = set()
    for file in files:
        with open(file, encoding="utf-8") as text:
            for node in ast.walk(ast.parse(text.read())):
                if isinstance(node, ast.ClassDef):
                    names |= {each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)}
    return sorted(name for name in names if not name.startswith("_"))


def yaml_paths(file):
    """The paths of a YAML file of maps, by its indentation."""
    paths, stack = [], []
    with open(file, encoding="utf-8") as text:
        for line in text:
            found = re.match(r"( *)'?([A-Za-z_]\w*)'?:", line)
            if found is None:
                continue
            depth = len(found[1])
            while stack and stack[-1][0] >= depth:
                stack.pop()
            stack.append((depth, found[2]))
            paths.append(".".join(name for _, name in stack))
    return sorted(set(paths))


def version(site, name):
    folder = glob.glob(os.path.join(site, f"{name}-*.dist-info"))[0]
    return os.path.basename(folder).removesuffix(".dist-info").split("-")[1]


verl, factory, trl = sys.argv[1:]
training = lambda site: os.path.join(site, "transformers", "training_args.py")  # noqa: E731
fields = {
    "verl": {"version": version(verl, "verl"), "fields": yaml_paths(os.path.join(verl, "verl", "trainer", "config", "_generated_ppo_trainer.yaml"))},
    "llamafactory": {
        "version": version(factory, "llamafactory"),
        "fields": dataclass_fields([*glob.glob(os.path.join(factory, "llamafactory", "hparams", "*.py")), training(factory)]),
    },
    "trl": {
        "version": version(trl, "trl"),
        "fields": dataclass_fields([*(os.path.join(trl, "trl", "trainer", name) for name in ("grpo_config.py", "base_config.py")), training(trl)]),
    },
}
json.dump(fields, sys.stdout, indent=0)
print()
