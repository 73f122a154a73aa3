"""`mousegate web`: the lab in a browser."""

import importlib.util
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
    from mousegate.storage import config as configuration
    from mousegate.web.serve import LOOPBACK, serve

    point = configuration.load().operating_point
    if host not in LOOPBACK:
        click.echo("Whoever can reach this machine and knows the key sees what is recorded here.", err=True)
    click.echo("The lab is open until Ctrl-C at", err=True)
    serve(host, port, not no_browser, point, click.echo)
    return 0
