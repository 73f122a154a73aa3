"""The page in a real browser: hands played in with pointer events are streamed, compared, shown."""

import asyncio
import os
from pathlib import Path

import numpy as np
from playwright.async_api import Page, expect

from mousegate.capture import synthetic
from tests.e2e.hand import IMPOSTOR_SEED, OWNER_SEED
from tests.web.lab.chromium import Area, chromium, play
from tests.web.lab.conftest import LabServer, running

SIZES = ((1280, 800), (3840, 2160))
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)
SCRIPT = "<img src=x onerror=alert(1)>"


async def _area(page: Page) -> Area:
    """Return where the text to read is, inside its borders; clicks there change nothing."""
    await page.click("#tab-read")
    box = await page.locator("#read").bounding_box()
    assert box is not None
    return box["x"] + 8, box["y"] + 8, box["width"] - 40, box["height"] - 16


async def _record(page: Page, name: str, seed: int, duration_s: float, version: int = 0) -> None:
    await page.fill("#name", name)
    await page.press("#name", "Enter")
    await expect(page.locator("#record")).to_have_text("Stop")
    await play(page, synthetic.session(synthetic.hand(seed), duration_s, seed=version), await _area(page))
    if await page.locator("#record").inner_text() == "Stop":
        await page.locator("#record").press("Enter")
    await expect(page.locator("#record")).to_have_text("Record", timeout=WAIT_MS)


async def _watched(page: Page, lab: LabServer) -> list[str]:
    """Open the lab and return a list that what the browser complains about is added to."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    await page.goto(f"http://{lab.host}/")
    await expect(page.locator("#said")).to_contain_text("Type a name")
    return complaints


def test_two_hands_in_the_browser_are_told_apart(tmp_path: Path) -> None:
    """Real pointer events of two hands, one with a script for a name: the matrix tells them apart, a try
    has its verdict, and the browser has nothing to complain about. MOUSEGATE_SCREENS keeps the pictures.
    """
    pictures = Path(os.environ.get("MOUSEGATE_SCREENS", tmp_path))

    async def try_it(lab: LabServer) -> list[str]:
        async with chromium() as browser:
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            complaints = await _watched(page, lab)
            await _record(page, "Ada", OWNER_SEED, 80.0)
            await _record(page, SCRIPT, IMPOSTOR_SEED, 80.0)
            await expect(page.locator("#matrix td:not([data-nats=''])")).to_have_count(4, timeout=WAIT_MS)
            cells = await page.locator("#matrix td").all_inner_texts()
            matrix = np.array(cells, float).reshape(2, 2)
            assert min(matrix[0, 0], matrix[1, 1]) > max(matrix[0, 1], matrix[1, 0]) + 2, matrix
            assert await page.locator("#people img").count() == 0
            await page.select_option("#target", label="Ada")
            await _record(page, "Carl", IMPOSTOR_SEED, 30.0, version=5)
            await expect(page.locator("#attempts li")).to_have_count(1, timeout=WAIT_MS)
            assert await page.locator("#series polyline").count() == 2
            await page.click("#tab-chess")
            for width, height in SIZES:
                for theme in ("dark", "light"):
                    await page.set_viewport_size({"width": width, "height": height})
                    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                    await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
                    await page.screenshot(path=pictures / f"lab-{width}-{theme}.png")
                    overflow = "document.documentElement.scrollWidth > innerWidth"
                    assert not await page.evaluate(overflow), (width, theme)
            return complaints

    with running() as lab:
        assert asyncio.run(try_it(lab)) == []


def test_every_event_of_a_fast_mouse_arrives() -> None:
    """What the browser puts together into one event is taken apart again, time stamps and all."""
    events = synthetic.session(synthetic.hand(OWNER_SEED), 20.0)

    async def try_it(lab: LabServer) -> None:
        async with chromium() as browser:
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            await _watched(page, lab)
            area = await _area(page)
            await page.fill("#name", "Ada")
            await page.press("#name", "Enter")
            await play(page, events, area)
            await page.locator("#record").press("Enter")
            await expect(page.locator("#record")).to_have_text("Record", timeout=WAIT_MS)
            await expect(page.locator("#people")).to_contain_text("windows", timeout=WAIT_MS)

    with running() as lab:
        asyncio.run(try_it(lab))
        (person,) = lab.app.state.lab.people.values()
        seen = person.hand.events
    assert abs(len(seen) - len(events)) < 0.02 * len(events)
    lasted_ms, meant_ms = (int(one["time_ms"][-1] - one["time_ms"][0]) for one in (seen, events))
    assert abs(lasted_ms - meant_ms) < 100


def test_the_board_is_moved_by_mouse_and_by_keys() -> None:
    """A piece is dragged where it may go and nowhere else, and arrows and Enter move one without a mouse."""

    async def try_it(lab: LabServer) -> None:
        async with chromium() as browser:
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            await _watched(page, lab)
            turn = page.locator("#turn")
            await page.drag_and_drop("[aria-label='white p e2']", "[aria-label=e5]")
            await expect(turn).to_have_text("White to move.")
            await page.drag_and_drop("[aria-label='white p e2']", "[aria-label=e4]")
            await expect(turn).to_have_text("Black to move.")
            await page.locator("[aria-label='black p e7']").focus()
            for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):
                await page.keyboard.press(key)
            await expect(turn).to_have_text("White to move.")
            await expect(page.locator("[aria-label='black p e5']")).to_have_count(1)

    with running() as lab:
        asyncio.run(try_it(lab))
