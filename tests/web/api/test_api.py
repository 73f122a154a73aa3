"""The API end to end in one process, with the shipped model: what a web application relies on."""

import pytest

from tests.web.api.conftest import Api
from tests.web.api.hands import OTHER_RHYTHM, OWNER, RHYTHM, STRANGER, clicked, recorded


@pytest.fixture(scope="module")
def enrolled(api: Api) -> tuple[str, str]:
    """A token, and a user with movement and rhythm."""
    token, user = api.token(), "anna@example.org"
    moved = {"recordings": [recorded(OWNER, seed, 60.0, ()) for seed in (1, 2)]}
    assert api.call("PUT", f"/users/{user}/movement", token, moved).status_code == 200
    repeated = {"repetitions": [clicked(jitter_ms=jitter) for jitter in (0, 10, 20, -10, 5)]}
    assert api.call("PUT", f"/users/{user}/rhythm", token, repeated).status_code == 200
    return token, user


def verify(api: Api, token: str, user: str, hand: int, seed: int, **more: object) -> dict[str, object]:
    """Return the verdict on a hand's attempt."""
    body = {"recording": recorded(hand, seed, 15.0, more.pop("rhythm", RHYTHM)), **more}  # type: ignore[arg-type]
    response = api.call("POST", f"/users/{user}/verify", token, body)
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


def test_what_is_enrolled_is_told(api: Api, enrolled: tuple[str, str]) -> None:
    """Facts, never the reference itself."""
    token, user = enrolled
    facts = api.call("GET", f"/users/{user}", token).json()
    assert facts["user"] == user and facts["rhythm"]["clicks"] == 4
    assert facts["movement"]["active_s"] > 20 and facts["rhythm"]["strength_bits"] > 5
    assert set(facts) == {"user", "rhythm", "movement", "created_s", "updated_s"}


def test_the_owner_matches(api: Api, enrolled: tuple[str, str]) -> None:
    """With both factors."""
    found = verify(api, *enrolled, OWNER, 3, operating_point="fnmr3")
    assert found["decision"] == "match" and found["rhythm"] is True, found


def test_another_rhythm_does_not_match(api: Api, enrolled: tuple[str, str]) -> None:
    """The owner's movement alone is not enough; the policy that asks for it alone takes it."""
    found = verify(api, *enrolled, OWNER, 4, rhythm=OTHER_RHYTHM)
    assert (found["decision"], found["rhythm"]) == ("non-match", False)
    found = verify(api, *enrolled, OWNER, 5, rhythm=(), policy="motion", operating_point="fnmr3")
    assert (found["decision"], found["rhythm"]) == ("match", None)


def test_another_hand_does_not_match(api: Api, enrolled: tuple[str, str]) -> None:
    """Who knows the rhythm still moves differently."""
    found = verify(api, *enrolled, STRANGER, 6)
    assert (found["decision"], found["rhythm"]) == ("non-match", True), found


def test_a_replay_is_an_attack(api: Api, enrolled: tuple[str, str]) -> None:
    """What was sent once, or enrolled, never matches again."""
    assert verify(api, *enrolled, OWNER, 7, operating_point="fnmr3")["attack"] == ""
    again = verify(api, *enrolled, OWNER, 7, operating_point="fnmr3")
    assert (again["decision"], again["attack"]) == ("non-match", "replayed")


def test_too_little_movement_is_inconclusive(api: Api, enrolled: tuple[str, str]) -> None:
    """Neither match nor non-match: ask for more."""
    token, user = enrolled
    found = api.call("POST", f"/users/{user}/verify", token, {"recording": clicked()}).json()
    assert (found["decision"], found["rhythm"]) == ("inconclusive", True), found
    assert found["movement"]["score"] is None


def test_the_rhythm_is_compared_alone(api: Api, enrolled: tuple[str, str]) -> None:
    """Its own path looks at clicks only."""
    token, user = enrolled
    path = f"/users/{user}/rhythm/compare"
    assert api.call("POST", path, token, {"recording": clicked(jitter_ms=15)}).json()["decision"] == "match"
    wrong = api.call("POST", path, token, {"recording": clicked(OTHER_RHYTHM)}).json()
    assert wrong == {"decision": "non-match", "rhythm": False, "movement": None, "attack": ""}


def test_failures_make_the_next_attempt_wait(api: Api, enrolled: tuple[str, str]) -> None:
    """Five wrong rhythms in a row, then 429 whatever is sent, and it says for how long."""
    token, _ = enrolled
    user = api.user()
    repeated = {"repetitions": [clicked()] * 5}
    assert api.call("PUT", f"/users/{user}/rhythm", token, repeated).status_code == 200
    path = f"/users/{user}/rhythm/compare"
    wrong = {"recording": clicked(OTHER_RHYTHM)}
    assert [api.call("POST", path, token, wrong).status_code for _ in range(5)] == [200] * 5
    refused = api.call("POST", path, token, {"recording": clicked()})
    assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= 5
    assert refused.json()["type"] == "urn:mousegate:problem:too-many-attempts"


def test_users_are_listed_and_deleted(api: Api) -> None:
    """A page at a time, by name; what is deleted is gone."""
    token = api.token("lister")
    for user in ("c", "a", "b"):
        body = {"repetitions": [clicked()] * 5}
        assert api.call("PUT", f"/users/{user}/rhythm", token, body).status_code == 200
    first = api.call("GET", "/users?limit=2", token).json()
    assert [one["user"] for one in first["users"]] == ["a", "b"] and first["next_after"] == "b"
    second = api.call("GET", "/users?limit=2&after=b", token).json()
    assert [one["user"] for one in second["users"]] == ["c"] and second["next_after"] is None
    assert api.call("DELETE", "/users/a", token).status_code == 204
    assert api.call("DELETE", "/users/a", token).status_code == 404
    assert api.call("GET", "/users/a", token).status_code == 404


def test_another_tenant_sees_nothing(api: Api, enrolled: tuple[str, str]) -> None:
    """Its ids are as if they did not exist, and may be used by both."""
    _, user = enrolled
    other = api.token("bank")
    assert api.call("GET", "/users", other).json()["users"] == []
    for method, path, body in (
        ("GET", f"/users/{user}", None),
        ("DELETE", f"/users/{user}", None),
        ("POST", f"/users/{user}/verify", {"recording": clicked()}),
        ("POST", f"/users/{user}/rhythm/compare", {"recording": clicked()}),
    ):
        assert api.call(method, path, other, body).status_code == 404
    assert (
        api.call("PUT", f"/users/{user}/rhythm", other, {"repetitions": [clicked()] * 5}).status_code == 200
    )
    assert api.call("DELETE", f"/users/{user}", other).status_code == 204
    assert api.call("GET", f"/users/{user}", enrolled[0]).json()["rhythm"]["clicks"] == 4


def test_health_and_metrics(api: Api, enrolled: tuple[str, str]) -> None:
    """Health needs no token; metrics do, and name no user."""
    health = api.client.get("/api/v1/health")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    text = api.call("GET", "/metrics", enrolled[0]).text
    assert 'mousegate_api_requests_total{method="GET",route="/users/{user}",status="200"}' in text
    assert enrolled[1] not in text
