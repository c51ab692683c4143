"""The reload loop, with real files and a real compiler; Envoy, the token service and the supervisor are played."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from tidegate.adapters.issuers import Issuers
from tidegate.adapters.token_service import Proofs, TokenServiceClient
from tidegate.adapters.unix_http import Answer, ServiceUnreachable
from tidegate.clock import ManualClock
from tidegate.envoy.snapshot import LISTENER
from tidegate.runtime.channel import Channel
from tidegate.runtime.compiler import Compiler, settings_of
from tidegate.runtime.issuer_watch import IssuerWatch
from tidegate.runtime.operations import operations
from tidegate.runtime.operator_protocol import OperationRefused
from tidegate.runtime.options import UpOptions
from tidegate.runtime.port_plan import PortPlan
from tidegate.runtime.process_plan import ProcessPlan
from tidegate.runtime.processes import ProcessReport, ProcessSpec
from tidegate.runtime.proofs import ProofKeeper
from tidegate.runtime.readiness import PATIENCE_S, SLOW_S, Readiness
from tidegate.runtime.reconciler import Parts, Reconciler
from tidegate.runtime.replicas import ReplicaPlanner
from tidegate.runtime.reporter import Reporter
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.workloads import Surroundings
from tidegate.xds import Refused, Settled, SnapshotCache
from tidegate.xds.messages import ResourceName

SHOP = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:9"}}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
"""

WORKLOAD = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata:
      labels: {app: cart}
      annotations: {tidegate.dev/run: "cart --port $PORT"}
    spec: {containers: [{name: cart, image: cart}]}
"""


class FakeChannel:
    """Keeps what control tells the supervisor."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["type"] == kind]

    def said(self) -> str:
        return "\n".join(message["text"] for message in self.of("event"))


class FakeTokenService:
    """Answers at once; `away` makes it silent."""

    away = False

    async def proofs(self, audiences: Sequence[str]) -> Proofs:
        self._answer()
        return Proofs(dict.fromkeys(audiences, "proof"), 600.0)

    async def reload(self) -> None:
        self._answer()

    async def health(self) -> bool:
        return not self.away

    async def rotate_keys(self) -> Any:
        self._answer()
        return {"purpose": "tenants", "keys": {"current": ["k"]}}

    async def token(self, wish: dict[str, Any]) -> tuple[int, Any]:
        self._answer()
        if wish.get("user") == "ada":
            return 200, {"access_token": "secret-token"}
        return 400, {"error": "invalid_grant", "error_description": "AADSTS50034: unknown\r\nTrace ID: x"}

    async def get(self, target: str) -> Answer:
        self._answer()
        return Answer(404, target.encode())

    def _answer(self) -> None:
        if self.away:
            raise ServiceUnreachable("identity.sock: away")


class Stage:
    """Everything around one Reconciler."""

    def __init__(self, folder: Path, *, listening: socket.socket, **options: Any) -> None:
        self.file = folder / "shop.yaml"
        self.channel = FakeChannel()
        self.service = FakeTokenService()
        self.cache = SnapshotCache()
        self.clock = ManualClock()
        self.state = StateDirectory(folder / "state")
        self.state.path.mkdir(exist_ok=True)
        # The listener's port 80 is reached where the test listens, in Envoy's place.
        offset = listening.getsockname()[1] - 80
        self.options = UpOptions(
            paths=(str(self.file),),
            state=str(self.state.path),
            working_directory=str(folder),
            port_offset=offset,
            **options,
        )
        self.envoy = ProcessSpec(name="envoy", command=("envoy",), environment={}, directory="/", phase="envoy")

    @asynccontextmanager
    async def running(self, *, serving: bool = True) -> AsyncIterator[Reconciler]:
        channel, service = cast("Channel", self.channel), cast("TokenServiceClient", self.service)
        around = Surroundings({}, "/bin", None, "https://localhost", "ca.pem", str(self.state.path / "w"), 0)
        parts = Parts(
            options=self.options,
            state=self.state,
            clock=self.clock,
            channel=channel,
            reporter=Reporter(channel, color=False, clock=self.clock, began=0.0),
            cache=self.cache,
            compiler=Compiler(self.options, clock=self.clock),
            token_service=service,
            processes=ProcessPlan(
                channel,
                envoy=self.envoy,
                planner=ReplicaPlanner(PortPlan(self.state.ports, seed=0), around),
                run=self.options.run,
            ),
        )
        reconciler = Reconciler(parts, serving=serving)
        async with asyncio.TaskGroup() as tasks:
            keeper = ProofKeeper(service, changed=reconciler.wake)
            issuers = Issuers(local=service, authority=self.options.authority, use_entra=False)
            reconciler.connect(
                issuers=IssuerWatch(issuers, tasks=tasks, changed=reconciler.wake, failed=reconciler.issuer_failed),
                proofs=keeper,
                readiness=Readiness(tasks, reconciler.wake, silent=reconciler.replica_is_silent),
            )
            running = [
                tasks.create_task(work)
                for work in (reconciler.run(), keeper.run(), reconciler.keep_identity_informed())
            ]
            yield reconciler
            for task in running:
                task.cancel()
            reconciler.close()

    def settle(self, reconciler: Reconciler) -> None:
        """Envoy takes the current snapshot."""
        assert self.cache.current is not None
        reconciler.settled("local", Settled(self.cache.current.digest, ()))


@pytest.fixture
def listening() -> Any:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        yield bound


MakeStage = Callable[..., Stage]


@pytest.fixture
def stage(tmp_path: Path, listening: socket.socket) -> MakeStage:
    def make(text: str, **options: Any) -> Stage:
        made = Stage(tmp_path, listening=listening, **options)
        made.file.write_text(text)
        return made

    return make


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_first_compilation_is_published_with_its_proofs_and_ready_when_envoy_has_it(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running() as reconciler:
        await until(lambda: made.cache.current)
        assert made.channel.of("processes")[-1]["processes"] == [made.envoy.to_json()]
        assert made.state.directory_file.is_file()
        assert not made.channel.of("ready")
        made.settle(reconciler)
        await until(lambda: made.channel.of("ready"))
        ready = made.channel.of("ready")[0]["ready"]
        assert ready["gateways"]["shop/edge"]["listeners"]["http"]["port"] == made.options.port_offset + 80
        assert await reconciler.until_programmed(deadline_s=5)


async def test_nothing_is_published_before_the_token_service_answers(stage: MakeStage) -> None:
    made = stage(SHOP)
    made.service.away = True
    async with made.running():
        await until(lambda: made.channel.of("processes"))
        assert made.cache.current is None
        made.service.away = False
        await until(lambda: made.cache.current)


async def test_a_change_is_compiled_published_and_told(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running() as reconciler:
        await until(lambda: made.cache.current)
        before = made.cache.current
        made.file.write_text(SHOP.replace("127.0.0.1:9", "127.0.0.1:10"))
        reconciler.files_changed([made.file])
        await until(lambda: made.cache.current is not before)
        made.clock.advance(0.04)
        made.settle(reconciler)
        assert "shop.yaml changed" in made.channel.said()
        assert "live after 40 ms" in made.channel.said()


async def test_a_broken_change_keeps_the_last_good_one_and_says_so_once(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running() as reconciler:
        await until(lambda: made.cache.current)
        before = made.cache.current
        made.file.write_text(SHOP.replace("backendRefs", "backendRef"))
        reconciler.files_changed([made.file])
        await until(lambda: "did you mean" in made.channel.said())
        assert "keeps its last good version" in made.channel.said()
        reconciler.files_changed([made.file])
        await until(lambda: made.channel.said().count("compiled in") == 2)
        assert made.channel.said().count("did you mean") == 1
        assert made.cache.current is before
        made.file.write_text(SHOP)
        reconciler.files_changed([made.file])
        await until(lambda: "no errors or warnings any more" in made.channel.said())


async def test_strict_ends_a_start_with_errors(stage: MakeStage) -> None:
    made = stage(SHOP.replace("backendRefs", "backendRef"), strict=True)
    async with made.running(serving=False):
        await until(lambda: made.channel.of("fatal"))
    assert made.channel.of("fatal")[0]["exit_code"] == 1
    assert "did you mean" in made.channel.said()
    assert made.cache.current is None


async def test_a_path_that_is_not_there_ends_a_start(stage: MakeStage) -> None:
    made = stage(SHOP)
    made.file.unlink()
    async with made.running(serving=False):
        await until(lambda: made.channel.of("fatal"))
    assert made.channel.of("fatal")[0] == {
        "type": "fatal",
        "exit_code": 1,
        "text": "not started: shop.yaml does not exist",
    }


async def test_a_listeners_port_in_use_ends_a_start_at_the_users_line(stage: MakeStage) -> None:
    made = stage(SHOP)  # The fixture listens where the listener should.
    async with made.running(serving=False):
        await until(lambda: made.channel.of("fatal"))
    (fatal,) = made.channel.of("fatal")
    assert fatal["exit_code"] == 3
    assert "TG9101" in fatal["text"]
    assert "shop.yaml:6:" in fatal["text"]
    assert "--port-offset" in fatal["text"]


async def test_a_refusal_by_envoy_is_shown_once_on_the_users_line(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running() as reconciler:
        await until(lambda: made.cache.current)
        assert made.cache.current is not None
        (name,) = made.cache.current.resources[LISTENER]
        refused = Refused(LISTENER, (name,), f"Error adding/updating listener(s) {name}: cannot bind", "v1")
        for _ in range(2):
            reconciler.refused("local", refused)
        assert made.channel.said().count("TG5101") == 1
        assert "shop.yaml:6:" in made.channel.said()


async def test_a_change_that_envoy_refused_in_part_is_not_called_live(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running() as reconciler:
        await until(lambda: made.cache.current)
        before = made.cache.current
        made.file.write_text(SHOP.replace("127.0.0.1:9", "127.0.0.1:10"))
        reconciler.files_changed([made.file])
        await until(lambda: made.cache.current is not before)
        assert made.cache.current is not None
        (name,) = made.cache.current.resources[LISTENER]
        reconciler.settled("local", Settled(made.cache.current.digest, (ResourceName(LISTENER, name),)))
        assert "what Envoy did not refuse of the change is live after" in made.channel.said()


async def test_an_envoy_that_could_not_be_started_is_not_said_to_run(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running(serving=False) as reconciler:
        reconciler.process_reported(ProcessReport("envoy", "running", None, 0, None))
        assert "Envoy runs" not in made.channel.said()
        reconciler.process_reported(ProcessReport("envoy", "running", 7, 0, None))
        assert "Envoy runs (pid 7)" in made.channel.said()


async def test_replicas_are_planned_only_when_asked_for(stage: MakeStage) -> None:
    for run, expected in ((False, ["envoy"]), (True, ["envoy", "shop_cart-0", "shop_cart-1"])):
        made = stage(SHOP + WORKLOAD, run=run)
        async with made.running():
            await until(lambda made=made: made.channel.of("processes"))
            logs = [one["log_name"] or one["name"] for one in made.channel.of("processes")[-1]["processes"]]
            assert [log.replace("/", "_") for log in logs] == expected


async def test_a_replica_that_keeps_ending_is_shown_at_its_deployment(stage: MakeStage) -> None:
    made = stage(SHOP + WORKLOAD, run=True)
    async with made.running() as reconciler:
        await until(lambda: made.channel.of("processes"))
        name = made.channel.of("processes")[-1]["processes"][1]["name"]
        for restarts in range(4):
            report = ProcessReport(name, "backing-off", None, restarts, "exit code 1", ("password=hunter2",))
            reconciler.process_reported(report)
    assert made.channel.said().count("TG9103") == 1
    assert "hunter2" not in made.channel.said()


async def test_a_silent_replica_is_waited_for_aloud_and_then_shown_at_its_deployment(
    stage: MakeStage, listening: socket.socket
) -> None:
    made = stage(SHOP + WORKLOAD, run=True)
    listening.close()
    async with made.running(serving=False) as reconciler:
        await until(lambda: made.channel.of("processes"))
        name = made.channel.of("processes")[-1]["processes"][1]["name"]
        replica = reconciler.readiness.replica(name)
        assert replica is not None
        for after_s in (SLOW_S, SLOW_S, PATIENCE_S):
            reconciler.replica_is_silent(replica, 18000, after_s)
    said = made.channel.said()
    assert said.count("waiting for shop/cart to accept connections on 127.0.0.1:18000") == 1
    assert said.count("TG9104") == 1
    assert "accepts no connection on 127.0.0.1:18000 after 30 s" in said


async def test_operations_answer_from_what_runs(stage: MakeStage) -> None:
    made = stage(SHOP)
    async with made.running() as reconciler:
        service = cast("TokenServiceClient", made.service)
        commands = operations(
            reconciler,
            options=made.options,
            settings=settings_of(made.options),
            token_service=service,
            traces=Path("traces"),
            ca_file="ca.pem",
        )
        with pytest.raises(OperationRefused, match="still starting"):
            await commands["status"]({})
        await until(lambda: made.cache.current)
        listed = await commands["status"]({})
        gateway = next(item for item in listed["items"] if item["kind"] == "Gateway")
        assert programmed(gateway) == ("False", "Pending")
        made.settle(reconciler)
        listed = await commands["status"]({})
        gateway = next(item for item in listed["items"] if item["kind"] == "Gateway")
        assert programmed(gateway)[0] == "True"
        url = f"http://127.0.0.1:{made.options.port_offset + 80}/x"
        explained = await commands["explain"]({"method": "GET", "url": url})
        assert "shop/cart" in explained["text"]
        assert (await commands["token"]({"user": "ada", "scope": "s"}))["access_token"] == "secret-token"
        with pytest.raises(OperationRefused, match=r"^AADSTS50034: unknown$"):
            await commands["token"]({"user": "bob", "scope": "s"})
        assert (await commands["rotate-keys"]({}))["gateway_knows"] is True
        made.service.away = True
        with pytest.raises(OperationRefused, match="does not answer") as caught:
            await commands["token"]({"user": "ada", "scope": "s"})
        assert caught.value.exit_code == 3


def programmed(item: dict[str, Any]) -> tuple[str, str]:
    (condition,) = [one for one in item["status"]["conditions"] if one["type"] == "Programmed"]
    return condition["status"], condition["reason"]


async def test_options_cross_the_channel_and_hide_their_values(stage: MakeStage) -> None:
    options = replace(stage(SHOP).options, sets={"SECRET": "hunter2"})
    assert UpOptions.from_json(options.to_json()) == options
    assert "hunter2" not in repr(options)
