"""A headless Chromium that hands play in: real pointer events, with the time stamps of the recording."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from mousegate.core.events import Events
from tests.web.lab.browser import rows_of

CHROMIUM = "/usr/bin/chromium"
Area = tuple[float, float, float, float]
_AT_ONCE = 100


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give Debian's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


async def play(page: Page, events: Events, area: Area) -> None:
    """Play a hand that moved on 1280 x 800 px in over an area (x, y, width, height) of the page.

    The events go through Chromium's input pipeline many at a time, so that it puts several into one as it
    does with a fast mouse; each has the time stamp that it had.
    """
    client = await page.context.new_cdp_session(page)
    left, top, width, height = area
    start_s, before, sent = time.time(), 0, []
    for time_ms, x, y, buttons in rows_of(events):
        kind = "mousePressed" if buttons > before else "mouseReleased" if buttons < before else "mouseMoved"
        event: dict[str, Any] = {
            "type": kind,
            "x": left + x * width / 1280,
            "y": top + y * height / 800,
            "button": "left" if kind != "mouseMoved" or buttons else "none",
            "buttons": int(buttons),
            "clickCount": int(kind != "mouseMoved"),
            "timestamp": start_s + time_ms / 1000,
        }
        sent.append(client.send("Input.dispatchMouseEvent", event))
        before = int(buttons)
        if len(sent) >= _AT_ONCE:
            await asyncio.gather(*sent)
            sent = []
    await asyncio.gather(*sent)
    await client.detach()
