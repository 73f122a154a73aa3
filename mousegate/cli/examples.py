"""Examples of every command: shown by --help, printed in the manual, and tried by a test."""

from typing import Final

EXAMPLES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "setup": (("setup", "Set mousegate up, page by page, or go on where you stopped."),),
    "enrol": (
        ("enrol --record 120 --rhythm", "Two minutes of ordinary use, then your rhythm five times."),
        (
            "enrol --label office --from monday.mouse --from friday.mouse",
            "From recordings, without a screen.",
        ),
        ("enrol --label laptop --device touchpad --record 180", "A second pointer device of yours."),
    ),
    "verify": (
        (
            "verify --from lunch.mouse",
            "Say whether it was you: exit status 0 match, 1 non-match, 2 inconclusive.",
        ),
        ("verify --label office --from lunch.mouse --json", "Compare with one reference, for a program."),
    ),
    "references": (("references list", "What is stored about you."),),
    "references list": (("references list --json", "What is stored about you, for a program."),),
    "references delete": (("references delete office", "Forget one reference for good."),),
    "references rename": (("references rename office work", "Call it something else."),),
    "references export": (("references export work --out work.json", "Take your data with you."),),
    "references history": (("references history office", "What was learned since, and from what."),),
    "references revert": (("references revert office 1", "Forget what was learned after revision 1."),),
    "lock": (
        ("lock", "Lock now; returns once the screen is covered and the input grabbed."),
        ("lock --wait", "Return only when it is unlocked again."),
    ),
    "daemon": (("daemon", "What the user unit mousegate.service runs."),),
    "status": (("status", "Whether the lock asks for your signature, and what happened last."),),
    "history": (
        ("history --since yesterday", "What happened since yesterday."),
        ("history --since 30d --json", "A month, for a program."),
        ("history --erase", "Delete all of it, after asking."),
    ),
    "api": (("api serve --workers 2", "Serve the API for web applications on this machine."),),
    "api serve": (
        (
            "api serve --host 0.0.0.0 --port 8738 --workers 4",
            "Behind a proxy, on four processors.",
        ),
    ),
    "api token": (("api token list", "Who may call."),),
    "api token add": (
        (
            "api token add shop --label login --scope verify",
            "For the login page of a shop.",
        ),
        ("api token add prometheus --scope metrics --days 365", "For Prometheus alone, for a year."),
    ),
    "api token list": (("api token list --json", "Who may call, for a program."),),
    "api token revoke": (("api token revoke 0123456789ab", "End one at once."),),
    "recovery": (("recovery new", "Ten codes to print."),),
    "recovery new": (("recovery new", "Make new codes; those from before are worth nothing any more."),),
    "recovery show": (("recovery show --json", "How many are left, for a program."),),
    "disable": (
        ("disable", "On a text console (Ctrl-Alt-F3), when the lock does not know you any more."),
        ("disable --password-stdin", "Read the password from a pipe."),
    ),
    "system": (("system enable ada", "Ask ada for password and signature at login, too."),),
    "system enable": (
        ("system enable ada", "As root; again when ada has enrolled anew."),
        ("system enable ada --new-codes", "New recovery codes for login, for when the old ones are spent."),
    ),
    "system disable": (
        ("system disable ada", "ada logs in with the password alone."),
        ("system disable", "As root on a text console (Ctrl-Alt-F3): everything is as it was before."),
    ),
    "system status": (("system status --json", "How login stands, for a program; 1 if something is wrong."),),
    "doctor": (
        ("doctor", "Look at everything, and say how to mend what is wrong."),
        ("doctor --json", "The same for a program; exit status 1 if something is wrong."),
    ),
    "config": (("config show", "Every setting and where it comes from."),),
    "config show": (("config show --json", "Every setting, for a program."),),
    "config sample": (("config sample --out config.toml", "A commented file with every default."),),
    "config check": (("config check", "Exit status 64 and one line if the file has a mistake."),),
    "dashboard": (("dashboard", "Trust, history and settings in a window."),),
    "tray": (("tray", "Trust in the panel; started with the session."),),
    "web": (
        ("web", "Open the lab in your browser, until Ctrl-C."),
        ("web --no-browser --port 0", "Only print the address, on a port that is free."),
    ),
    "completion": (
        ("completion bash", "A script to put in ~/.local/share/bash-completion/completions/mousegate."),
        ("completion fish", "One for ~/.config/fish/completions/mousegate.fish."),
    ),
    "record": (
        ("record me.mouse --duration 120", "Record two minutes of movement and clicks, never keys."),
        ("record me.csv --format balabit", "In the form of the Balabit data set, until Ctrl-C."),
    ),
    "convert": (("convert session_1.csv me.mouse", "Read any known form, write the native one."),),
    "replay": (("replay me.mouse --speed 2", "Play it on this X server, twice as fast."),),
    "train": (
        ("train --data recordings --out models", "Train on public data sets; needs the extra [train]."),
    ),
    "evaluate": (
        ("evaluate trials.csv --out scores.csv", "Score reference, enrol, probe, start_s, duration_s."),
        ("evaluate trials.csv --out scores.csv --factor rhythm", "By natural hold times instead."),
    ),
    "report": (("report --data recordings --out report.html", "Measure on people the model never saw."),),
}
"""Command path to (words after `mousegate`, what they do)."""


def epilog(path: str) -> str | None:
    r"""Return a command's examples as click shows them under its help, or None (`\b` keeps the lines)."""
    lines = EXAMPLES.get(path)
    if not lines:
        return None
    shown = "\n".join(f"  mousegate {words}\n      {what}" for words, what in lines)
    return f"\b\nExamples:\n{shown}"
