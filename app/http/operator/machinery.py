"""What the machinery does and what it asks a person: alarms, calls, the inbox, keys, audit."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from app.http.errors import NothingHere, known_id
from app.http.operator import asked
from app.http.operator.guard import actor, needs
from app.http.operator.needs import DeskWiring
from app.wiring.key_rings import list_key_rings
from creator_tools.insights import queries, service
from creator_tools.kernel import inbox as kept

_GROUPS = ("waiting", "failed", "done")


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add alarms, outside calls, inbox, keys and audit to the desk."""
    _hang_alarms(blueprint, wiring)
    _hang_effects(blueprint, wiring)
    _hang_inbox(blueprint, wiring)

    @blueprint.get("/audit")
    @needs("audit.read")
    def audit() -> str:
        object_id, action = asked.optional_id("object"), asked.optional_key("action")
        with wiring.units.reading() as session:
            page = queries.list_audit(
                session, object_id=object_id, action=action, cursor=asked.cursor()
            )
        return render_template("operator/audit.html", page=page, object_id=object_id, action=action)

    @blueprint.get("/keys")
    @needs("operations.read")
    def keys() -> str:
        now = wiring.units.clock.now()
        with wiring.units.reading() as session:
            rings = list_key_rings(session, wiring.units.sealer, now)
        return render_template("operator/keys.html", rings=rings, now=now)


def _hang_alarms(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/alarms")
    @needs("alarms.read")
    def alarms() -> str:
        state = asked.one_of("state", ("open", "resolved"), "open")
        with wiring.units.reading() as session:
            page = queries.list_alarms(session, resolved=state == "resolved", cursor=asked.cursor())
        return render_template("operator/alarms.html", page=page, state=state)

    @blueprint.post("/alarms/<alarm_id>")
    @needs("alarms.resolve")
    def resolve(alarm_id: str) -> Response:
        known, sentence = known_id(alarm_id), request.form.get("resolution", "")
        wiring.units.run(
            "operators.act",
            lambda uow: service.resolve_alarm(uow, alarm_id=known, resolution=sentence),
            actor(),
        )
        return redirect("/operator/alarms?done=resolved", 303)


def _hang_effects(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/effects")
    @needs("operations.read")
    def effects() -> str:
        group = asked.one_of("group", _GROUPS, "waiting")
        with wiring.units.reading() as session:
            page = queries.list_effects(session, group=group, cursor=asked.cursor())
        return render_template("operator/effects.html", page=page, group=group)

    @blueprint.post("/effects/<effect_id>/retry")
    @needs("operations.retry")
    def retry(effect_id: str) -> Response:
        known = known_id(effect_id)
        wiring.units.run(
            "operators.act", lambda uow: service.retry_effect(uow, effect_id=known), actor()
        )
        return redirect("/operator/effects?group=failed&done=retried", 303)


def _hang_inbox(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/inbox")
    @needs("operations.read")
    def inbox() -> str:
        group = asked.one_of("group", _GROUPS, "waiting")
        with wiring.units.reading() as session:
            page = queries.list_inbox(session, group=group, cursor=asked.cursor())
        return render_template("operator/inbox.html", page=page, group=group)

    @blueprint.post("/inbox/<fact_id>/replay")
    @needs("operations.retry")
    def replay(fact_id: str) -> Response:
        known = known_id(fact_id)
        if not wiring.units.run("operators.act", lambda uow: kept.replay(uow, known), actor()):
            raise NothingHere
        return redirect("/operator/inbox?group=failed&done=replayed", 303)
