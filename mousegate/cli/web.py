"""`mousegate web`: the lab in a browser."""

import importlib.util
import os
import sys
from typing import Final

import click

from mousegate.errors import ConfigurationError

PORT: Final = 8737


@click.command("web")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes one that is free."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def web_command(host: str, port: int, no_browser: bool) -> int:
    """Try the model in a browser: record people and see how alike it finds them.

    Everything stays in memory and is forgotten at the end (Ctrl-C); export what you want to keep. Needs the
    extra [web].
    """
    for module in ("fastapi", "uvicorn", "websockets"):
        if importlib.util.find_spec(module) is None:
            raise ConfigurationError(f"`mousegate web` needs {module}: install mousegate[web].")
    words = ["--host", host, "--port", str(port), *(["--no-browser"] if no_browser else [])]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "mousegate.web", *words])
