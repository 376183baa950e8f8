"""Many worlds one after the other in one home: it is put back as it was before the first of them."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db import connections

from forbear.sim.story import story, whose
from forbear.sim.world import Progress, Setting, World, evidence_flaws


class WorldRunner:
    """The home as it is before anything was lived in it; Django has been started for it."""

    def __init__(self) -> None:
        self.folder = Path(settings.HOME.folder)
        self.kept = self.folder.with_name("before")
        connections.close_all()
        shutil.copytree(self.folder, self.kept)

    def live(
        self,
        setting: Setting,
        days: int,
        strategy: Path | None = None,
        progress: Progress = lambda step, done, of: None,
    ) -> dict[str, object]:
        """Live one world from nothing; what it came to, and where an invariant broke the story of whom it broke for."""
        outcome = self._once(setting, days, strategy, progress)
        if outcome["broken"] or outcome["evidence_flaws"]:
            alone = whose(cast(dict[str, list[str]], outcome["broken"]))  # as Summary has it
            if alone and not setting.only:
                outcome["alone"] = self._once(_alone(setting, alone), days, strategy)["broken"]
            outcome["story"] = story(alone)
            outcome["whose"] = list(alone)
        return outcome

    def _once(
        self,
        setting: Setting,
        days: int,
        strategy: Path | None,
        progress: Progress = lambda step, done, of: None,
    ) -> dict[str, object]:
        connections.close_all()
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder)
        if strategy is not None:
            shutil.copyfile(strategy, settings.HOME.strategy)
        world = World(setting)
        run = world.run(days, progress)
        return {**run.plain(), "evidence_flaws": evidence_flaws(world)}


def _alone(setting: Setting, borrowers: Sequence[str]) -> Setting:
    names = {name: getattr(setting, name) for name in Setting.__slots__}
    return Setting(**{**names, "only": frozenset(borrowers)})
