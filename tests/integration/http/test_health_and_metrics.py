"""What machines ask the house."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from app.http.assembly import build_application
from app.http.factory import create_app
from app.wiring.container import Process, open_wiring
from tests.integration.http.conftest import House, settings_for
from wechat_simulator.simulator import Simulator


def beat(house: House, seconds_ago: int) -> None:
    at = house.wiring.clock.now() - timedelta(seconds=seconds_ago)
    with house.wiring.units("sweep.beat") as uow:
        uow.session.execute(text("DELETE FROM heartbeats"))
        uow.session.execute(text("INSERT INTO heartbeats VALUES ('sweep', :at)"), {"at": at})


def test_ready_is_ok_while_the_sweep_beats(house: House) -> None:
    beat(house, 5)
    answer = house.client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "checks": {"database": "ok", "schema": "ok", "sweep": "ok"},
    }


def test_a_sweep_that_is_late_is_listed_and_takes_nobody_out(house: House) -> None:
    beat(house, 31)
    answer = house.client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["sweep"] == "stale"


def test_asking_whether_it_is_ready_leaves_nothing_behind(house: House) -> None:
    house.client().get("/readyz")
    with house.wiring.reading() as session:
        assert session.execute(text("SELECT count(*) FROM heartbeats")).scalar_one() == 0


def test_without_its_database_the_house_lives_and_is_of_no_use(
    wechat: Simulator, tmp_path: Path
) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/none"
    settings = settings_for(wechat, tmp_path, nowhere, "redis://127.0.0.1:9/0")
    wiring = open_wiring(settings, Process("tests"))
    client = create_app(wiring).test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    work = client.get("/api/v1/works/01890000-0000-7000-8000-000000000000")
    assert (work.status_code, work.json["code"]) == (503, "database_unavailable")
    assert client.get("/metrics").status_code == 200
    wiring.close()


def test_metrics_count_routes_not_addresses(house: House) -> None:
    client = house.client()
    client.get("/api/v1/works/01890000-0000-7000-8000-000000000001")
    shown = client.get("/metrics").text
    assert 'route="/api/v1/works/<work_id>",status="404"' in shown
    assert "01890000-0000-7000-8000-000000000001" not in shown


def test_metrics_are_for_this_machine(house: House) -> None:
    strange = {"REMOTE_ADDR": "203.0.113.7"}
    assert house.client().get("/metrics", environ_base=strange).status_code == 404


def test_the_proof_of_our_domain_is_shown_for_known_names_only(
    wechat: Simulator, clean_database: str, valkey_url: str, tmp_path: Path
) -> None:
    settings = settings_for(wechat, tmp_path, clean_database, valkey_url)
    wiring = open_wiring(settings, Process("tests"))
    client = build_application(wiring).test_client()
    for name in wiring.domain_proofs:
        assert client.get(f"/MP_verify_{name}.txt").text == name
    assert client.get("/MP_verify_unknown.txt").status_code == 404
    wiring.close()


def test_no_metric_is_told_twice(house: House) -> None:
    shown = house.client().get("/metrics").text
    families = [line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE ")]
    assert len(families) == len(set(families))


def test_refused_pushes_are_counted_by_code(house: House) -> None:
    client = house.client()
    assert client.post("/wechat/official-account", data=b"<xml/>").status_code == 403
    shown = client.get("/metrics").text
    assert 'juanliu_callbacks_total{kind="oa",result=' in shown
