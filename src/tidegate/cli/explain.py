"""`tidegate explain`: a request's way, or what a code means."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from tidegate.cli.failure import Failure
from tidegate.cli.instance import ask_instance
from tidegate.cli.options import DEFAULT_STATE, directory_name, settings_options

INPUT_WRONG: Final = 1
_CODE: Final = re.compile(r"TG[0-9]{4}", re.IGNORECASE)
_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")

EPILOG: Final = """\b
Examples:
  tidegate explain TG1204
  tidegate explain GET http://127.0.0.1:8080/tasks            asks the running instance
  tidegate explain GET http://shop.example/cart deploy/       reads the files; nothing has to run
  tidegate explain GET http://127.0.0.1:8080/tasks --send     sends it: each policy's inputs, effects and microseconds
  tidegate explain POST http://127.0.0.1:8080/tasks -H 'Origin: https://app.example'
"""


@click.command("explain", epilog=EPILOG)
@click.argument("words", nargs=-1, metavar="CODE | METHOD URL [PATH]...")
@click.option(
    "--state",
    default=DEFAULT_STATE,
    show_default=True,
    metavar="DIR",
    callback=directory_name,
    help="Of the instance to ask.",
)
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header of the request.")
@click.option("--send", "sends", is_flag=True, help="Send it to the running instance, and show what its policies did.")
@click.option("-d", "--data", metavar="TEXT", help="The body to send.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@settings_options
def command(
    words: tuple[str, ...],
    state: str,
    headers: tuple[str, ...],
    sends: bool,
    data: str | None,
    output: str,
    bind: str,
    port_offset: int,
    sets: dict[str, str],
    use_entra: bool,
) -> int:
    """Show which listener, route, policy steps and backend a request meets; or what a diagnostic means."""
    match words:
        case (name,) if _CODE.fullmatch(name) or _SLUG.fullmatch(name):
            return _explain_code(name)
        case (method, url, *paths) if method.isalpha():
            _check_url(url)
            asked = {"method": method.upper(), "url": url, "headers": _headers(headers)}
            if data is not None and not sends:
                raise click.UsageError("--data is sent with --send only")
            if sends:
                if paths:
                    raise click.UsageError("--send asks the running instance; leave the files out")
                from tidegate.cli.sending import send

                explained = send(state, method=method.upper(), url=url, headers=_headers(headers), body=data)
            elif paths:
                explained = _explain_files(paths, asked, (bind, port_offset, sets, use_entra))
            else:
                explained = ask_instance(state, {"command": "explain", **asked})
        case _:
            raise click.UsageError("give a code such as TG1204, or a method and a URL")
    click.echo(json.dumps(explained["json"], indent=2) if output == "json" else explained["text"].rstrip("\n"))
    return 0


def _explain_code(name: str) -> int:
    from tidegate.diagnostics.pages import page

    try:
        click.echo(page(name).rstrip("\n"))
    except LookupError as unknown:
        raise click.UsageError(str(unknown.args[0])) from None
    return 0


def _explain_files(
    paths: list[str], asked: dict[str, Any], chosen: tuple[str, int, dict[str, str], bool]
) -> dict[str, Any]:
    from tidegate.adapters.files import read_sources
    from tidegate.diagnostics import Found
    from tidegate.diagnostics.codes.reading import PATH_MISSING
    from tidegate.diagnostics.render import summary
    from tidegate.pipeline import Observed, Settings, compile_sources, explain

    bind, port_offset, sets, use_entra = chosen
    found = Found()
    sources = read_sources(paths, sets=sets, found=found, working_directory=Path.cwd())
    missing = next((one for one in found if one.code is PATH_MISSING), None)
    if missing is not None:
        raise Failure(missing.message, exit_code=INPUT_WRONG)
    settings = Settings(bind=bind, port_offset=port_offset, use_entra=use_entra)
    compilation = compile_sources(sources, settings, Observed(), None)
    found.extend(compilation.diagnostics)
    if found.has_errors:
        click.echo(f"warning: {summary(found)} in the files; `tidegate check` shows them", err=True)
    explanation = explain(compilation, asked["method"], asked["url"], asked["headers"], settings)
    return {"text": explanation.to_text(), "json": explanation.to_json()}


def _check_url(url: str) -> None:
    """Refuse what is no URL of a request, before anybody explains it."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise click.UsageError(f"{url!r} is no URL of a request; write http://HOST/PATH or https://HOST/PATH")


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for item in given:
        name, colon, value = item.partition(":")
        if not colon or not name.strip():
            raise click.BadParameter(f"{item!r} is no header; write 'Name: value'", param_hint="--header")
        headers[name.strip().lower()] = value.strip()
    return headers
