"""Bodies through real Envoy: read, consumed, kept, replaced; in both directions, and of answers in the making.

Programs are written here as the compiler writes them, so that each test is about the runtime.
"""

from __future__ import annotations

import http.client
import threading

import pytest

from policy_envoy import Lab, Route

READ = 'R.body_as(R.not_null(R.message_body(q, "{}")), "string", {})'


def chunk(inbound: str = "", outbound: str = "", *, ends: str = "return false") -> str:
    """A program of two functions."""
    late = f"outbound = function(q) q.step = 2 {outbound} end," if outbound else ""
    return (
        'local R = ... return {abi = 1, keeps = true, steps = {{source = "a", section = "inbound"}, '
        '{source = "b", section = "outbound"}}, '
        f"inbound = function(q) q.step = 1 q.variables = {{}} {inbound} {ends} end, {late}}}"
    )


def read(which: str, keep: bool) -> str:
    """Lua of `As<string>(keep)`."""
    return READ.format(which, str(keep).lower())


def shows(which: str, keep: bool) -> str:
    """Lua that writes a message's body into a header of it."""
    return f'local text = {read(which, keep)} q.{which}:replace("x-body", text)'


@pytest.fixture(scope="module")
def preserving(lab: Lab) -> Route:
    """A route that reads the request's body and keeps it."""
    return lab.serve_lua(chunk(shows("request", True)))


def test_read_and_kept(preserving: Route) -> None:
    """As<T>(preserveContent: true) leaves what is forwarded; headers are renewed behind the pause."""
    answer = preserving.get(method="POST", body="hällo")
    assert answer.json["body"] == "hällo"
    assert [value.encode("latin-1").decode() for value in answer.got("x-body")] == ["hällo"]
    assert preserving.get().status == 500  # null without a body
    assert preserving.get(method="POST", body="").status == 500


def test_consumed(lab: Lab) -> None:
    """What has been read is gone: not forwarded, not read again; set-body gives a new one."""
    once = lab.serve_lua(chunk(shows("request", False)))
    answer = once.get(method="POST", body="gone")
    assert (answer.got("x-body"), "body" in answer.json, answer.got("content-length")) == (["gone"], False, ["0"])
    twice = lab.serve_lua(chunk(f"local a = {read('request', False)} local b = {read('request', True)}"))
    assert twice.get(method="POST", body="gone").status == 500
    kept = lab.serve_lua(chunk(f"local a = {read('request', True)} local b = {read('request', False)}"))
    assert kept.get(method="POST", body="gone").status == 200
    again = lab.serve_lua(chunk(f"R.set_body(q, 'request', {read('request', False)} .. '!')"))
    answer = again.get(method="POST", body="more")
    assert (answer.json["body"], answer.got("content-length")) == ("more!", ["5"])


def test_set_body_of_the_request(lab: Lab) -> None:
    """Also where there was none, in chunks, and empty."""
    route = lab.serve_lua(chunk("R.set_body(q, 'request', 'new')"))
    assert route.get().json["body"] == "new"
    assert route.get(method="POST", body="a" * 50_000).json["body"] == "new"
    connection = http.client.HTTPConnection("127.0.0.1", route.port, timeout=60)
    connection.request("POST", route.path, body=iter([b"in ", b"chunks"]), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert b'"body": "new"' in connection.getresponse().read()
    connection.close()
    empty = lab.serve_lua(chunk("R.set_body(q, 'request', '')")).get(method="POST", body="old")
    assert ("body" in empty.json, empty.got("content-length")) == (False, ["0"])


def test_response_is_read(lab: Lab) -> None:
    """Kept, consumed and replaced; the headers of the response can be changed behind the pause."""
    kept = lab.serve_lua(chunk(outbound=shows("response", True)))
    answer = kept.get(path="/?body=four")
    assert (answer.body, answer.header("x-body")) == ("four", "four")
    gone = lab.serve_lua(chunk(outbound=shows("response", False))).get(path="/?body=b")
    assert (gone.body, gone.header("x-body"), gone.header("content-length")) == ("", "b", "0")
    new = lab.serve_lua(chunk(outbound="R.set_body(q, 'response', 'new body')"))
    assert (new.get().body, new.get(path="/?status=404&body=old").body) == ("new body", "new body")
    head = new.get(method="HEAD")
    assert (head.status, head.body) == (200, "")


def test_request_in_outbound(lab: Lab) -> None:
    """Its body is gone; its headers are still there."""
    route = lab.serve_lua(
        chunk(
            outbound="""local b = R.message_body(q, 'request')
        q.response:replace('x-body', tostring(b)) q.response:replace('x-method', q.request:get(':method'))"""
        )
    )
    answer = route.get(method="POST", body="sent")
    assert (answer.header("x-body"), answer.header("x-method")) == ("nil", "POST")


def test_made_answers(lab: Lab) -> None:
    """Outbound reads and replaces the body of an answer that no backend gave."""
    made = "q.made = R.new_answer(q, 200) q.response = q.made.headers q.made.body = 'made'"
    reads = shows("response", True)
    answer = lab.serve_lua(chunk(made, reads, ends="")).get()
    assert (answer.body, answer.header("x-body"), answer.header("content-length")) == ("made", "made", "4")
    consumed = lab.serve_lua(chunk(made, reads.replace("true", "false"), ends="")).get()
    assert (consumed.body, consumed.header("x-body")) == ("", "made")
    answer = lab.serve_lua(chunk(made, "R.set_body(q, 'response', 'other')", ends="")).get()
    assert answer.body == "other"
    head = lab.serve_lua(chunk(made, ends="")).get(method="HEAD")
    assert (head.status, head.body) == (200, "")


def test_body_above_the_buffer(lab: Lab) -> None:
    """A policy that reads a body that Envoy does not hold gets nothing; the client is told, and no backend is asked."""
    route = lab.serve_lua(chunk(f"local a = {read('request', True)}"))
    assert route.get(method="POST", body="a" * 3_000_000).status == 413
    streamed = lab.serve_lua(chunk("q.request:replace('x-a', '1')"))
    assert len(streamed.get(method="POST", body="a" * 3_000_000).json["body"]) == 3_000_000


def test_many_at_once(preserving: Route) -> None:
    """Scripts that wait do not get into each other's way."""
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = preserving.get(method="POST", body=f"body {number}").got("x-body")[0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"body {number}" for number in range(40)}
