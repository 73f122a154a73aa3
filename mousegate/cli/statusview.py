"""How `mousegate status` looks."""

from datetime import datetime
from typing import Final

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mousegate.bus.client import DaemonState
from mousegate.cli.output import moment
from mousegate.cli.standing import StoredFacts, standing_of
from mousegate.core.standing import REMEDIES, SENTENCES, TITLES, Standing
from mousegate.storage.decisions import LoggedDecision

_COLOURS: Final = {Standing.WATCHING: "green", Standing.SUSPECT: "red", Standing.PAUSED: "yellow"}
_WORDS: Final = {None: "-", True: "yes", False: "no"}
_BAR: Final = 24


def view(facts: StoredFacts, daemon: DaemonState | None) -> RenderableType:
    """Return everything for a person."""
    stands = standing_of(facts, daemon)
    colour = _COLOURS.get(stands, "bright_black")
    parts: list[RenderableType] = [_headline(stands, colour, daemon), Text(), _lock(facts)]
    parts.append(Text())
    if facts.references:
        parts.append(_enrolled(facts))
    else:
        parts.append(Text("Nothing is enrolled. `mousegate enrol` makes a reference.", style="yellow"))
    if facts.decisions:
        parts += [Text(), _decisions(facts.decisions)]
    return Panel(
        Group(*parts), title="mousegate", title_align="left", border_style=colour, box=ROUNDED, padding=(1, 2)
    )


def _headline(stands: Standing, colour: str, daemon: DaemonState | None) -> Text:
    text = Text()
    text.append("● ", style=colour)
    text.append(TITLES[stands], style="bold")
    if daemon is not None and daemon.monitoring:
        full = round(_BAR * min(max(daemon.trust, 0.0), 1.0))
        text.append("   trust ").append("━" * full, style=colour).append(
            "━" * (_BAR - full), style="bright_black"
        )
        text.append(f" {daemon.trust:.2f}")
    until = ""
    if daemon is not None and daemon.paused_until_s:
        until = datetime.fromtimestamp(daemon.paused_until_s).strftime("%H:%M")
    text.append("\n" + SENTENCES[stands].format(time=until))
    if stands in REMEDIES:
        text.append(f"\n{REMEDIES[stands]}", style="cyan")
    if daemon is not None and daemon.last_anomaly_s:
        text.append(f"\nLast anomaly: {moment(daemon.last_anomaly_s)}, {daemon.last_anomaly_reason}")
    return text


def _lock(facts: StoredFacts) -> Text:
    text = Text("The lock ")
    if facts.armed:
        text.append("asks for your signature besides the password", style="bold")
    else:
        text.append("does NOT ask for a signature", style="bold yellow")
    text.append(f".\nPolicy {facts.policy} · operating point {facts.operating_point}")
    text.append(f" · {facts.recovery_codes} recovery codes left · {facts.failures} failed attempts in a row")
    if facts.wait_s > 0:
        text.append(f"\nThe next attempt is allowed in {facts.wait_s:.0f} s.", style="yellow")
    return text


def _enrolled(facts: StoredFacts) -> Table:
    table = _table("Enrolled", "label", "device", "clicks", "rhythm bits", "movement")
    for one in facts.references:
        bits, movement = one.get("strength_bits"), one.get("movement_s")
        table.add_row(
            str(one["label"]),
            str(one["device"]),
            str(one.get("clicks") or "-"),
            f"{bits:.1f}" if isinstance(bits, float) else "-",
            f"{movement:.0f} s" if isinstance(movement, float) and movement else "-",
        )
    return table


def _decisions(decisions: tuple[LoggedDecision, ...]) -> Table:
    table = _table("Last decisions", "when", "where", "decision", "password", "rhythm", "score")
    for one in decisions:
        style = "green" if one.accepted else "red"
        outcome = Text(f"{one.decision}{', ' + one.attack if one.attack else ''}", style=style)
        score = "-" if one.motion_llr is None else f"{one.motion_llr:.2f}"
        table.add_row(moment(one.time_s), one.place, outcome, _WORDS[one.password], _WORDS[one.rhythm], score)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, header_style="bright_black", no_wrap=True)
    return table
