"""Composes verl's configuration from the overrides of an export's run.sh, and sees that mistakes are refused: python verl_compose.py EXPORT

Needs verl without its dependencies, and hydra-core.
"""

import importlib.util
import os
import subprocess
import sys

from hydra import compose, initialize_config_dir
from hydra.errors import ConfigCompositionException


def compose_export(export, more=()):
    """The configuration, and of how many overrides."""
    with open(os.path.join(export, "run.sh"), encoding="utf-8") as file:
        script = file.read().replace("exec python3 -m verl.trainer.main_ppo", "printf '%s\\n'")
    # The shell itself reads what the shell will read.
    printed = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=export)
    overrides = [*(line for line in printed.stdout.splitlines() if line), *more]
    # Found, not imported: that would need verl's dependencies.
    place = os.path.dirname(importlib.util.find_spec("verl").origin)
    with initialize_config_dir(os.path.join(place, "trainer", "config"), version_base=None):
        return compose("ppo_trainer", overrides), len(overrides)


if __name__ == "__main__":
    export = os.path.abspath(sys.argv[1])
    config, count = compose_export(export)
    for path in (config.data.train_files, config.data.val_files, config.reward.custom_reward_function.path, config.reward.reward_manager.module.path):
        assert os.path.exists(path), path
    try:
        compose_export(export, ["actor_rollout_ref.actor.kl_loss_typ=kl"])
    except ConfigCompositionException:
        print(f"{count} overrides composed, all files there, a misspelt one refused")
    else:
        sys.exit("a misspelt override was taken")
