"""Payments over HTTP, settled durably before they are answered: ours, the naive way, and pgbench.

One run, rounds in turns, every tenth notification sent twice, 32 connections, commits that wait
for the disk. After every round of ours it is checked that each payment was settled exactly once;
at the end every entry must sum to zero and no answer may have been a fault of ours.
"""

import json
import re
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from app.launcher.binaries import postgres_programs
from app.launcher.cluster import OWNER
from app.launcher.ports import LOOPBACK
from benchmarks.contenders import Contender
from benchmarks.ground import DATABASE, Ground, PendingOrder, laid
from benchmarks.load import request_bytes
from benchmarks.machine import load_1m
from benchmarks.mass import lay_orders, number_of, tidy
from benchmarks.peers import naive_payments
from benchmarks.pushes import payment_request, payment_resource, signed_notification
from config.settings import process_environment
from creator_tools.kernel.business_day import BEIJING

ROUNDS = 4
OURS_PER_ROUND, NAIVE_PER_ROUND = 400, 120
REPEAT_EVERY = 10
CONNECTIONS = 32
PGBENCH_CLIENTS, PGBENCH_S = 8, 4
NAIVE_DATABASE, SHARED_DATABASE = "naive", "shared"
NAIVE_SALES = 200_000
SETTLE_SCRIPT = Path(__file__).with_name("peers") / "settle.sql"
SHARED = next(
    (
        one / "shared" / "bench" / "pg"
        for one in Path(__file__).resolve().parents[2:4]
        if (one / "shared" / "bench" / "pg").is_dir()
    ),
    None,
)
_FILL = """
INSERT INTO sales (id, out_trade_no, fan, work, amount_fen, state)
SELECT n, 'T' || lpad(n::text, 20, '0'), 'fan-' || n, n %% 1000, 990, 'pending'
FROM generate_series(0, %s) n
"""


@dataclass
class Race:
    """Everything that takes part, and where it stands."""

    ground: Ground
    ours: Contender
    naive: Contender
    orders: list[PendingOrder]
    pgbench: dict[str, list[float]] = field(default_factory=dict)
    naive_next: int = 0
    numbers: int = 0
    settled_wrongly: int = 0
    long_way: int = 0

    def now(self) -> int:
        """The present, in seconds since 1970."""
        return int(self.ground.wiring.clock.now().timestamp())

    def next_number(self) -> int:
        """A number that no payment has had."""
        self.numbers += 1
        return self.numbers


def measured(rounds: int = ROUNDS) -> dict[str, Any]:
    """The figures of one run."""
    began = load_1m()
    with laid(1, durable=True) as ground:
        orders = lay_orders(ground, OURS_PER_ROUND * (rounds + 1))
        sell_first(ground)
        _lay_naive(ground)
        race = Race(ground, _ours(ground), _naive(ground), orders)
        try:
            race.ours.start(ground.house.folder)
            race.naive.start(ground.house.folder)
            for turn in range(rounds + 1):
                _play_ours(race, counts=turn > 0)
                _play_naive(race, counts=turn > 0)
                if turn == 0:
                    # The planner learns of tables that were empty, as where people live.
                    tidy(ground)
                else:
                    _play_pgbench(race)
        finally:
            race.ours.stop()
            race.naive.stop()
        return _figures(race, began)


def sell_first(ground: Ground) -> None:
    """The pots of the ledger exist in every shop but the newest."""
    order, wiring = ground.orders[0], ground.wiring
    headers, body = payment_request(
        ground.house.secrets, order, number=0, at=int(wiring.clock.now().timestamp())
    )
    ground.wiring.payments.take_in("payment", list(headers.items()), body)
    wiring.sweep.inbox()


def _lay_naive(ground: Ground) -> None:
    ground.cluster.create_database(NAIVE_DATABASE)
    engine = create_engine(_url(ground, NAIVE_DATABASE))
    naive_payments.Base.metadata.create_all(engine)
    engine.dispose()
    with ground.cluster.connect(NAIVE_DATABASE) as connection:
        connection.execute(_FILL, (NAIVE_SALES - 1,))
        connection.execute("VACUUM ANALYZE")


def _url(ground: Ground, database: str) -> str:
    return ground.cluster.url(OWNER, database).replace("postgresql://", "postgresql+psycopg://")


def _ours(ground: Ground) -> Contender:
    return Contender("ours", "app.http.wsgi:application", ground.house.environment)


def _naive(ground: Ground) -> Contender:
    kept = ground.house.secrets
    told = {
        "url": _url(ground, NAIVE_DATABASE),
        "mchid": kept.mchid,
        "appid": kept.oa.appid,
        "apiv3_key": kept.apiv3_key,
        "public_key_id": kept.public_key_id,
        "public_key_pem": kept.platform_public_key_pem,
    }
    environment = {**process_environment(), naive_payments.VARIABLE: json.dumps(told)}
    application = "benchmarks.peers.naive_payments:application"
    return Contender("naive", application, environment, gthreads=4)


def _with_repeats(requests: Sequence[bytes]) -> list[bytes]:
    sent: list[bytes] = []
    for number, one in enumerate(requests):
        sent += [one, one] if number % REPEAT_EVERY == 0 else [one]
    return sent


def _post(path: str, signed: tuple[dict[str, str], bytes], port: int) -> bytes:
    headers, body = signed
    return request_bytes(
        "POST", path, {"Content-Type": "application/json", **headers}, body, port=port
    )


def _play_ours(race: Race, *, counts: bool) -> None:
    ground, turn = race.ground, len(race.ours.rounds) + int(counts)
    mine = race.orders[turn * OURS_PER_ROUND : (turn + 1) * OURS_PER_ROUND]
    kept, at = ground.house.secrets, race.now()
    signed = [payment_request(kept, one, number=race.next_number(), at=at) for one in mine]
    path = "/wechat-pay/notifications/payment"
    requests = _with_repeats([_post(path, one, race.ours.port) for one in signed])
    race.ours.play(requests, connections=CONNECTIONS, counts=counts)
    unsettled = len(mine) - _settled(ground, mine)
    race.long_way += unsettled if counts else 0
    while ground.wiring.sweep.inbox():
        pass
    race.settled_wrongly += len(mine) - _settled(ground, mine)


def _settled(ground: Ground, orders: Sequence[PendingOrder]) -> int:
    """How many of these orders are paid by exactly one payment with exactly one entry."""
    query = """
        SELECT count(*) FROM orders o WHERE o.id = ANY(%s) AND o.state = 'paid'
          AND 1 = (SELECT count(*) FROM payments p WHERE p.order_id = o.id)
          AND 1 = (SELECT count(*) FROM journal_entries e WHERE e.order_id = o.id)
    """
    with ground.cluster.connect(DATABASE) as connection:
        row = connection.execute(query, ([one.order_id for one in orders],)).fetchone()
    assert row is not None, "a count is a row"
    return int(row[0])


def _play_naive(race: Race, *, counts: bool) -> None:
    kept, at, first = race.ground.house.secrets, race.now(), race.naive_next
    race.naive_next += NAIVE_PER_ROUND
    signed = []
    for number in range(first, race.naive_next):
        resource = payment_resource(
            kept, race.orders[0], number=number, at=datetime.fromtimestamp(at, UTC)
        ) | {"out_trade_no": f"T{number:020d}"}
        signed.append(
            signed_notification(kept, "TRANSACTION.SUCCESS", resource, number=number, at=at)
        )
    requests = _with_repeats([_post("/pay/notify", one, race.naive.port) for one in signed])
    race.naive.play(requests, connections=CONNECTIONS, counts=counts)


# --- pgbench --------------------------------------------------------------------------------


def _play_pgbench(race: Race) -> None:
    """Hand-written SQL from a C program, with the naive shop's tables; and the shared one's."""
    program = shutil.which("pgbench") or str(postgres_programs().folder / "pgbench")
    if not Path(program).exists():
        return
    rate = _pgbench(race, program, NAIVE_DATABASE, SETTLE_SCRIPT, {"first": 50_000, "turn": 0})
    race.pgbench.setdefault("settle.sql of ours, 8 clients", []).append(rate)
    if SHARED is not None:
        rate = _shared_settle(race, program, SHARED)
        race.pgbench.setdefault("settle.sql of the shared bench, 8 clients", []).append(rate)


def _shared_settle(race: Race, program: str, folder: Path) -> float:
    if not race.ground.cluster.has_database(SHARED_DATABASE):
        race.ground.cluster.create_database(SHARED_DATABASE)
    schema = (folder / "settle_schema.sql").read_text().replace(":orders", "100000")
    lines = [line for line in schema.splitlines() if not line.startswith("--")]
    with race.ground.cluster.connect(SHARED_DATABASE) as connection:
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                connection.execute(statement.encode())
    return _pgbench(race, program, SHARED_DATABASE, folder / "settle.sql", {"base": 0, "i": 0})


def _pgbench(
    race: Race, program: str, database: str, script: Path, variables: Mapping[str, int]
) -> float:
    if database == NAIVE_DATABASE:
        # Each round begins where the last one ended.
        done = len(race.pgbench.get("settle.sql of ours, 8 clients", []))
        variables = {**variables, "first": variables["first"] + done * 35_000}
    given = {**variables, "nclients": PGBENCH_CLIENTS}
    command = [
        *(program, "--no-vacuum", "--protocol=prepared", f"--client={PGBENCH_CLIENTS}"),
        *("--jobs=1", f"--time={PGBENCH_S}", f"--file={script}"),
        *(f"--define={name}={value}" for name, value in given.items()),
        *(f"--host={LOOPBACK}", f"--port={race.ground.cluster.port}", f"--username={OWNER}"),
        database,
    ]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**process_environment(), "PGPASSWORD": race.ground.cluster.passwords.owner},
    )
    found = re.search(r"tps = ([\d.]+)", ended.stdout)
    assert found is not None, ended.stdout + ended.stderr
    return float(found[1])


def _figures(race: Race, load_before: float) -> dict[str, Any]:
    tidy(race.ground)
    with race.ground.cluster.connect(DATABASE) as connection:
        odd = number_of(
            connection,
            "SELECT count(*) FROM (SELECT entry_id FROM postings GROUP BY 1 "
            "HAVING sum(amount_fen) <> 0) x",
        )
    ours, naive = race.ours.figures(), race.naive.figures()
    pgbench = {name: round(statistics.median(rates)) for name, rates in race.pgbench.items()}
    faults = sum(count for status, count in ours["statuses"].items() if int(status) >= 500)
    return {
        "setting": f"{CONNECTIONS} connections, every {REPEAT_EVERY}th sent twice, fsync on",
        "day": datetime.now(BEIJING).date().isoformat(),
        "load_1m": [load_before, load_1m()],
        "contenders": [ours, naive],
        "pgbench_per_s": pgbench,
        "pgbench_rounds": {
            name: [round(one) for one in all_] for name, all_ in race.pgbench.items()
        },
        "ratios": {
            "rate over naive": round(ours["per_s"] / naive["per_s"], 2),
            "CPU of naive over ours": round(naive["cpu_us"] / ours["cpu_us"], 2),
            **{
                f"rate over {name}": round(ours["per_s"] / rate, 2)
                for name, rate in pgbench.items()
            },
        },
        "checks": {
            "not settled exactly once": race.settled_wrongly,
            "entries that do not sum to zero": odd,
            "answered 5xx by ours": faults,
            "answered 5xx by naive": sum(
                count for status, count in naive["statuses"].items() if int(status) >= 500
            ),
            "settled on the long way": race.long_way,
        },
    }
