"""What has not been paid for is in nothing that reaches anybody."""

import json
from dataclasses import dataclass, field

from tests.year.deeds import Deeds
from tests.year.town import MARK, Fan, Town, Work, sign_in
from tests.year.universe import Universe


@dataclass
class Leaks:
    """Looks at works as strangers and as people who bought something else."""

    universe: Universe
    town: Town
    deeds: Deeds
    found: list[str] = field(default_factory=list)
    looks_count: int = 0
    read_count: int = 0

    def look(self) -> None:
        """One work as a stranger on each door, and as a fan who never ordered it."""
        chance = self.universe.chance
        work = chance.choice(self.town.works)
        for path in (f"/api/v1/works/{work.work_id}", f"/h5/works/{work.work_id}"):
            self._shown(work, path, {})
        if not self.deeds.bought:
            return
        one = chance.choice(self.deeds.bought)
        token = next(iter(one.fan.tokens.values()))
        owned = {
            work_id
            for other in self.deeds.bought
            if other.fan.id == one.fan.id
            for work_id in other.ware.work_ids
        }
        # A sheet that was left open may have been paid meanwhile.
        if work.work_id not in owned and not self._left_open(one.fan.id):
            headers = {"Authorization": f"Bearer {token}"}
            self._shown(work, f"/api/v1/works/{work.work_id}", headers)

    def visit(self, fan: Fan) -> None:
        """Somebody new signs in and reads a work without paying."""
        surface = self.universe.chance.choice(("oa", "mini"))
        token = sign_in(self.universe, fan, surface)
        work = self.universe.chance.choice(self.town.works)
        headers = {"Authorization": f"Bearer {token}"}
        self._shown(work, f"/api/v1/works/{work.work_id}", headers)
        self.deeds.did["visits"] += 1

    def _left_open(self, fan_id: str) -> bool:
        return any(one.fan.id == fan_id for one in (*self.deeds.later, *self.deeds.late))

    def read(self, token: str, work: Work) -> bool:
        """Whether somebody who paid gets the words; the proof that there is something to leak."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.universe.ask("GET", f"/api/v1/works/{work.work_id}", **headers)
        self.read_count += work.secret.encode() in answer.body
        return work.secret.encode() in answer.body

    def search_letters(self) -> None:
        """Nothing that WeChat ever carried to anybody holds a locked word."""
        for person_id, messages in self.universe.world.things.inbox.items():
            for one in messages:
                self.looks_count += 1
                if MARK in json.dumps(one.fields, ensure_ascii=False, default=str):
                    self.found.append(f"a letter to {person_id}")

    def _shown(self, work: Work, path: str, headers: dict[str, str]) -> None:
        answer = self.universe.ask("GET", path, **headers)
        self.looks_count += 1
        if answer.status not in {200, 401}:
            self.found.append(f"{path} answered {answer.status}")
        if MARK.encode() in answer.body:
            self.found.append(f"{path} shows {work.secret}")
