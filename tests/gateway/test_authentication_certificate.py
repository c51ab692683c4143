"""authentication-certificate through the whole pipeline: who is shown the certificate, and that nobody else is.

Source: the page "authentication-certificate-policy" of API Management's reference.
"""

from __future__ import annotations

import json

import pytest

from apim_files import api, document, named_value
from client_certificates import pfx_of
from gateway_certificates import authority
from gateway_lab import Lab
from real_envoy import with_test_secrets
from recording_backends import Backend, running
from tidegate.compilers.world import SYSTEM_ROOTS
from tidegate.envoy import Snapshot
from tidegate.envoy.resources import SECRET

pytestmark = pytest.mark.e2e

GLOBAL = document("", backend="<forward-request />")
BY_ID = '<authentication-certificate certificate-id="orders" />'
OPEN = {"subscriptionRequired": False}


def pfx(common_name: str, password: str) -> str:
    """A client's certificate of the authority `clients`, in PKCS#12 and base64."""
    leaf = authority("clients").leaf("client.test", common_name=common_name)
    chain = leaf.cert_chain_pems[0].bytes().decode()
    return pfx_of(chain, leaf.private_key_pem.bytes().decode(), password)


def secure(lab: Lab) -> tuple[Backend, str]:
    """A backend that nobody talks to without a certificate of `clients`, and its URL."""
    tls = authority("outside").server("127.0.0.1", clients=authority("clients"))
    backend = lab.stack.enter_context(running(lab.plane.background, Backend("secure"), tls=tls))
    return backend, f"https://{backend.endpoint}"


def apply(lab: Lab, files: dict[str, str]) -> Snapshot:
    """With the authority of hosts outside in the place of the system's."""
    entity = {"data": pfx("orders", "of-the-pfx"), "password": "of-the-pfx"}
    files = {
        "policy.xml": GLOBAL,
        "certificates/orders/certificateInformation.json": json.dumps({"properties": entity}),
        **files,
    }
    compilation = lab.apply("", artifacts=files)
    roots = lab.plane.folder / "outside.pem"
    roots.write_text(authority("outside").pem)
    resources = with_test_secrets(compilation.snapshot).resources
    text = json.dumps({url: dict(each) for url, each in resources.items()})
    snapshot = Snapshot.of(json.loads(text.replace(SYSTEM_ROOTS, str(roots))))
    assert not lab.plane.background.run(lab.plane.publish(snapshot))
    return snapshot


def test_the_backend_of_the_api(lab: Lab) -> None:
    """With a path of its own, under the API's own policy only."""
    backend, url = secure(lab)
    apply(
        lab,
        {
            **api("shown", policy=document(f"<base />{BY_ID}"), serviceUrl=f"{url}/base", **OPEN),
            **api("hidden", policy=document(), serviceUrl=f"{url}/base", **OPEN),
        },
    )
    answer = lab.get("/shown?x=1", port=81)
    assert (answer.status, answer.path, answer.got("host")) == (200, "/base?x=1", backend.endpoint)
    assert backend.last.peer.certificate == "orders"
    assert lab.get("/hidden", port=81).status == 500
    assert len(backend.received) == 1


def test_a_backend_that_is_chosen(lab: Lab) -> None:
    """Before or behind set-backend-service; the certificate in the text, from named values."""
    backend, url = secure(lab)
    chosen = f'<set-backend-service base-url="{url}/there" />'
    own = '<authentication-certificate body="{{pfx}}" password="{{pfx-password}}" />'
    elsewhere = {"serviceUrl": "http://nobody.invalid", **OPEN}
    apply(
        lab,
        {
            **named_value("pfx", value=pfx("text", "other"), secret=True),
            **named_value("pfx-password", value="other", secret=True),
            **api("before", policy=document(f"<base />{own}{chosen}"), **elsewhere),
            **api("behind", policy=document(f"<base />{chosen}{own}"), **elsewhere),
        },
    )
    for path in ("/before", "/behind"):
        answer = lab.get(path, port=81)
        assert (answer.status, answer.path, backend.last.peer.certificate) == (200, "/there", "text")


def test_a_call_of_the_backend(lab: Lab) -> None:
    """forward-request in a retry is a call of the program's own."""
    backend, url = secure(lab)
    again = (
        '<retry condition="@(context.Response.StatusCode == 200)" count="1" interval="0"><forward-request /></retry>'
    )
    policy = document(f"<base />{BY_ID}", backend=f'{again}<set-variable name="a" value="b" />')
    apply(lab, api("again", policy=policy, serviceUrl=url, **OPEN))
    assert lab.get("/again", port=81).status == 200
    assert [each.peer.certificate for each in backend.received] == ["orders", "orders"]


def test_send_request(lab: Lab) -> None:
    """Only the call that says so, by the certificate's thumbprint or its id."""
    backend, url = secure(lab)

    def send(child: str) -> str:
        return (
            f'<base /><send-request response-variable-name="a"><set-url>{url}/called</set-url>{child}</send-request>'
            '<return-response response-variable-name="a" />'
        )

    apply(
        lab,
        {
            **api("shown", policy=document(send(BY_ID)), serviceUrl="http://nobody.invalid", **OPEN),
            **api("hidden", policy=document(send("")), serviceUrl="http://nobody.invalid", **OPEN),
        },
    )
    answer = lab.get("/shown", port=81)
    assert (answer.status, answer.path, backend.last.peer.certificate) == (200, "/called", "orders")
    assert lab.get("/hidden", port=81).status == 500
    assert len(backend.received) == 1


def test_an_entity_that_is_named_late(lab: Lab) -> None:
    """One over TLS is shown the certificate; one in the clear gets no request."""
    backend, url = secure(lab)
    clear = lab.stack.enter_context(running(lab.plane.background, Backend("clear")))
    entities = {"tls": url, "clear": f"http://{clear.endpoint}"}
    chosen = "@(context.Request.Headers.GetValueOrDefault(&quot;x-to&quot;, &quot;&quot;))"
    late = f'<set-backend-service backend-id="{chosen}" />'
    files = {
        f"backends/{name}/backendInformation.json": json.dumps({"properties": {"url": to, "protocol": "http"}})
        for name, to in entities.items()
    }
    policy = document(f"<base />{BY_ID}{late}")
    again = document(f"<base />{BY_ID}{late}", backend='<forward-request /><set-variable name="a" value="b" />')
    apply(
        lab,
        {
            **files,
            **api("late", policy=policy, serviceUrl=url, **OPEN),
            **api("called", policy=again, serviceUrl=url, **OPEN),
        },
    )
    for path in ("/late", "/called"):
        assert lab.get(path, ("x-to", "tls"), port=81).status == 200
        assert backend.last.peer.certificate == "orders"
        assert lab.get(path, ("x-to", "clear"), port=81).status == 500
    assert (len(backend.received), clear.received) == (2, [])


def test_services_are_shown_none(lab: Lab) -> None:
    """It is said where the policy stands."""
    lab.http("echo")
    entity = {"data": pfx("orders", "x"), "password": "x"}
    files = {
        "policy.xml": GLOBAL,
        "certificates/orders/certificateInformation.json": json.dumps({"properties": entity}),
        **api("orders", policy=document(f"<base />{BY_ID}"), serviceUrl="http://echo.default.svc", **OPEN),
    }
    lab.apply("", artifacts=files, errors=True)
    assert lab.found("TG2804") == ["apis/orders/policy.xml:2"]


def test_the_key_is_in_the_secret_only(lab: Lab) -> None:
    _, url = secure(lab)
    snapshot = apply(lab, api("shown", policy=document(f"<base />{BY_ID}"), serviceUrl=url, **OPEN))
    for kind, named in snapshot.resources.items():
        assert ("PRIVATE KEY" in json.dumps(dict(named))) == (kind == SECRET)
    assert lab.compilation is not None
    said = f"{lab.compilation.diagnostics}{lab.compilation.world}"
    assert "PRIVATE KEY" not in said
    assert "of-the-pfx" not in said
