"""The worked example: its form in a real browser, and its logins against the real API."""

import json
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest
from httpx import Client
from playwright.sync_api import sync_playwright

from mousegate.core.probe import Target
from mousegate.web.api.application import PREFIX
from mousegate.web.api.recording import RecordingForm, read
from mousegate.web.example import Application, serve
from tests.web.api.conftest import Api, served
from tests.web.api.hands import OTHER_RHYTHM, OWNER, STRANGER, recorded


@pytest.fixture(scope="module")
def example(api: Api) -> Iterator[str]:
    """The address of the example, which calls the API."""
    address = f"{str(api.client.base_url).rstrip('/')}{PREFIX}"
    with served(serve(Application(address, api.token("example")))) as found:
        yield found


def test_submit_needs_password_clicks_and_movement(example: str) -> None:
    """The owner is welcome; with another password, rhythm or hand nobody is, and nobody is told why."""

    def post(path: str, form: object, password: str = "secret") -> str:
        fields = {"user": "anna", "password": password, "mousegate": json.dumps(form)}
        return client.post(path, data=fields).text

    with Client(base_url=example, timeout=60.0) as client:
        told = [post("/enrol", recorded(OWNER, seed, 40.0)) for seed in range(201, 206)]
        assert "4 to go" in told[0] and "You are enrolled" in told[-1], told[-1]
        assert "Welcome" in post("/", recorded(OWNER, 210, 20.0))
        refused = [
            post("/", recorded(OWNER, 211, 20.0), "wrong"),
            post("/", recorded(OWNER, 212, 20.0, OTHER_RHYTHM)),
            post("/", recorded(STRANGER, 213, 20.0)),
            post("/", recorded(OWNER, 210, 20.0)),
        ]
        assert len(set(refused)) == 1 and "not right" in refused[0]


def test_the_browser_records_what_the_form_sends(example: str) -> None:
    """In Chromium, by real pointer events: what was hit, in order, and held at least as long as it was."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(f"{example}/enrol")
        page.fill("input[name=user]", "browser")
        page.fill("input[name=password]", "secret")
        for selector in ("svg", "input[type=password]", "button"):
            box = page.locator(selector).bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=12)
            page.mouse.down()
            page.wait_for_timeout(60)  # a hold, which is what is tested
            if selector == "button":
                with page.expect_request(lambda request: request.method == "POST") as sent:
                    page.mouse.up()
            else:
                page.mouse.up()
        fields = dict(pair.split("=", 1) for pair in (sent.value.post_data or "").split("&"))
        browser.close()
    assert not failures and "mousegate" in fields
    form = RecordingForm.model_validate_json(unquote_plus(fields["mousegate"]))
    found = read(form)
    assert [click.target for click in found.rhythm] == [Target.FACE, Target.PASSWORD, Target.SUBMIT]
    assert all(click.hold_ms >= 50 for click in found.rhythm), found.rhythm
    assert len(found.events) > 30 and form.pointer == "mouse"
