"""What must be refused: clearly, as problem details, with nothing lost and nothing told."""

import json
import select
import socket
from contextlib import suppress
from typing import Any

import pytest
from httpx import Client
from starlette.applications import Starlette
from starlette.routing import Mount

from mousegate.web.api.application import PREFIX, create_api
from mousegate.web.api.tokens import Rate, Scope
from tests.web.api.conftest import Api, served
from tests.web.api.hands import clicked, recorded

PATH = "/users/anna/verify"
ROW = [0.0, 10, 10, 0]


def sent(api: Api, text: str | bytes, path: str = PATH, **headers: str) -> Any:
    """Send a raw body with a token that may do everything."""
    token = api.token()
    known = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
    return api.client.post(f"/api/v1{path}", content=text, headers=known)


def check_problem(response: Any, status: int, kind: str) -> None:
    """Check that an answer is a problem of this kind, which gives nothing away."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    facts = response.json()
    assert facts["type"] == f"urn:mousegate:problem:{kind}" and facts["status"] == status
    assert facts["title"] and facts["detail"] and len(response.content) < 600
    assert "Traceback" not in response.text and "sqlite" not in response.text.lower()


def recording(*rows: Any, **more: Any) -> str:
    """Return the body of a verification with these rows."""
    return json.dumps({"recording": {"version": 1, "events": list(rows), **more}})


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (([5.0, 1, 1, 0], [4.0, 1, 1, 0]), "earlier"),
        (([-1.0, 1, 1, 0],), "negative"),
        (([9e6, 1, 1, 0],), "too large"),
        (([0.0, 40_000, 1, 0],), "beyond every screen"),
        (([0.0, 1, 1, 64],), "impossible buttons"),
        (([0.0, 1, 1, 0.5],), "impossible buttons"),
        (([0.0, 1, 1, 1],), "what was hit"),
        (([0.0, 1, 1, 0, 3],), "what was hit"),
        (([0.0, 1, 1, 1, 9],), "none of 0 to 3"),
    ],
)
def test_a_recording_that_is_none_is_refused(api: Api, rows: tuple[Any, ...], word: str) -> None:
    """The answer names the first row that is wrong, and why."""
    response = sent(api, recording(*rows))
    check_problem(response, 422, "bad-input")
    assert word in response.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        b"\xff\xfe",
        "[" * 100_000,
        '{"recording": {"version": 1, "events": [[NaN, 1, 1, 0]]}}',
        '{"recording": {"version": 1, "events": [[Infinity, 1, 1, 0]]}}',
        '{"recording": {"version": 1, "events": [[1e400, 1, 1, 0]]}}',
        '{"recording": {"version": 1, "events": [[' + "9" * 5000 + ", 1, 1, 0]]}}",
        recording([True, 1, 1, 0]),
        recording(["0", 1, 1, 0]),
        recording([0.0, 1, 1]),
        recording([0.0, 1, 1, 0, 0, 0]),
        recording(ROW, pointer="<script>alert(1)</script>"),
        recording(ROW, version=2),
        recording(ROW, **{"<script>" * 1000: 1}),
        json.dumps({"recording": {"version": 1, "events": [ROW] * 60_001}}),
        json.dumps({"recording": clicked(), "policy": "none"}),
        json.dumps({"recording": clicked(), "operating_point": "fmr100"}),
    ],
    ids=range(20),
)
def test_malformed_json_is_refused(api: Api, text: str) -> None:
    """Whatever is not of the described form, without repeating it."""
    response = sent(api, text)
    check_problem(response, 400, "malformed")
    assert "alert(1)" not in response.text


def test_gigantic_and_endless_bodies_are_cut_off(api: Api) -> None:
    """Whether the length is told or not, no more than the limit is read."""
    check_problem(sent(api, b" " * (4 << 20) + b" "), 413, "body-too-large")
    token = api.token()
    host, port = str(api.client.base_url).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as endless:
        head = f"POST /api/v1{PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        endless.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        answer = b""
        for _ in range(1000):
            if select.select([endless], [], [], 0)[0]:
                answer = endless.recv(4096)
                break
            with suppress(ConnectionError):
                endless.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
    assert b"413" in answer.split(b"\r\n")[0]


def test_a_slow_sender_is_given_up(api: Api) -> None:
    """A body that does not arrive ends with 408, and others are served meanwhile."""
    token = api.token()
    host, port = str(api.client.base_url).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as slow:
        head = f"POST /api/v1{PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        slow.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        assert api.call("GET", "/users", token).status_code == 200
        assert b" 408 " in slow.recv(4096)


def test_without_a_token_nothing_is_served(api: Api) -> None:
    """Missing, wrong, of another kind, expired, revoked: 401, and the body is not even read."""
    expired = api.token(expires_s=1.0)
    revoked = api.token()
    api.service.tokens.revoke(revoked.split("_")[1], 2.0)
    wrong = ["", "Bearer", "Bearer x", f"Basic {api.token()}", f"Bearer {expired}", f"Bearer {revoked}"]
    for header in wrong:
        headers = {"Authorization": header} if header else {}
        response = api.client.post(f"/api/v1{PATH}", content="{", headers=headers)
        kind = "token-missing" if header in ("", "Bearer") else "token-invalid"
        check_problem(response, 401, kind)
        assert response.headers["www-authenticate"].startswith('Bearer realm="mousegate"')


def test_a_scope_is_needed(api: Api) -> None:
    """A token that may verify can do nothing else."""
    token = api.token(scopes=[Scope.VERIFY])
    for method, path, body in (
        ("GET", "/users", None),
        ("GET", "/users/anna", None),
        ("DELETE", "/users/anna", None),
        ("GET", "/metrics", None),
        ("PUT", "/users/anna/rhythm", {"repetitions": [clicked()] * 5}),
        ("PUT", "/users/anna/movement", {"recordings": [clicked()]}),
    ):
        check_problem(api.call(method, path, token, body), 403, "scope-missing")
    check_problem(api.call("POST", PATH, token, {"recording": clicked()}), 404, "not-enrolled")


def test_too_many_requests_are_refused(api: Api) -> None:
    """The answer tells when to come back; another token is not held up."""
    token = api.token(rate=Rate(per_minute=1, burst=2))
    assert [api.call("GET", "/users", token).status_code for _ in range(2)] == [200, 200]
    refused = api.call("GET", "/users", token)
    check_problem(refused, 429, "rate-limit")
    assert 50 < int(refused.headers["retry-after"]) <= 60
    assert api.call("GET", "/users", api.token()).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["..", "../x", "..%2f..%2fetc", "%2e%2e", "a%00b", "<script>", "a%0d%0ab", "a'--", "-x", "x" * 129, "é"],
)
def test_names_that_are_paths_or_markup_are_refused(api: Api, name: str) -> None:
    """A user's name is letters, digits and a few signs."""
    token = api.token()
    response = api.call("PUT", f"/users/{name}/rhythm", token, {"repetitions": [clicked()] * 5})
    assert response.status_code in (400, 404) and response.json()["title"]
    assert name not in response.text
    assert api.call("GET", "/users", api.token("shop")).status_code == 200


def test_what_cannot_be_enrolled_says_why(api: Api) -> None:
    """Too little movement, a program's movement, and clicks that differ."""
    token, user = api.token(), api.user()
    path = f"/users/{user}/movement"
    little = api.call("PUT", path, token, {"recordings": [recorded(1, 1, 5.0)]})
    check_problem(little, 422, "failure-to-enrol")
    line: list[Any] = [[8.0 * n, 3 * n, 2 * n, 0] for n in range(4000)]
    robot = {"version": 1, "events": line}
    check_problem(api.call("PUT", path, token, {"recordings": [robot]}), 422, "failure-to-enrol")
    touch = recorded(1, 1, 60.0) | {"pointer": "touch"}
    check_problem(api.call("PUT", path, token, {"recordings": [touch]}), 422, "failure-to-enrol")
    uneven = {"repetitions": [clicked(jitter_ms=100 * n) for n in range(5)]}
    response = api.call("PUT", f"/users/{user}/rhythm", token, uneven)
    check_problem(response, 422, "failure-to-enrol")
    assert "Click 1" in response.json()["detail"]
    check_problem(api.call("GET", f"/users/{user}", token), 404, "not-enrolled")


def test_a_policy_needs_what_is_enrolled(api: Api) -> None:
    """With a rhythm alone, "all" is refused rather than granted."""
    token, user = api.token(), api.user()
    assert api.call("PUT", f"/users/{user}/rhythm", token, {"repetitions": [clicked()] * 5}).is_success
    for policy in ("all", "fused", "motion"):
        body = {"recording": clicked(), "policy": policy}
        check_problem(api.call("POST", f"/users/{user}/verify", token, body), 409, "factor-missing")


def test_what_is_not_there_is_a_problem_too(api: Api) -> None:
    """Unknown paths and methods."""
    token = api.token()
    check_problem(api.call("GET", "/nothing", token), 404, "not-found")
    response = api.call("PATCH", "/users/anna", token)
    check_problem(response, 405, "method")
    assert response.headers["allow"] == "DELETE, GET"


def test_other_origins_are_not_let_in(api: Api) -> None:
    """No CORS header unless an origin is listed; every answer forbids framing and sniffing."""
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    response = api.client.options(f"/api/v1{PATH}", headers=headers)
    assert response.status_code == 401
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


def test_a_listed_origin_is_let_in_and_no_other(api: Api) -> None:
    """A page that was listed may call; its browser is told so, also where the answer is a refusal."""
    listed = create_api(api.service, ["https://shop.example"])
    with served(Starlette(routes=[Mount(PREFIX, listed)])) as address, Client(base_url=address) as client:
        for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            preflight = client.options(f"{PREFIX}{PATH}", headers=asked)
            assert preflight.is_success is allowed
            refused = client.post(f"{PREFIX}{PATH}", headers={"Origin": origin})
            check_problem(refused, 401, "token-missing")
            assert ("access-control-allow-origin" in refused.headers) is allowed
