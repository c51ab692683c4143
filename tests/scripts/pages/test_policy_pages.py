"""The pages of single policies: which blocks they need, and what their examples become."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.pages.policy_pages import becomes, pages, read_page, render

POLICY = "<policies><inbound><set-method>PUT</set-method></inbound><backend><base /></backend><outbound /></policies>\n"
BLOCKS = {
    "policy": f"```xml policy\n{POLICY}```\n",
    "cases": "```yaml cases\n```\n",
    "becomes": "```lua becomes\nold\n```\n",
}
FILE = '```json file=named values/a/namedValueInformation.json\n{"properties": {}}\n```\n'


def page(folder: Path, text: str) -> Path:
    path = folder / "set-method.md"
    path.write_text(text)
    return path


def test_the_block_of_lua_is_written_and_all_else_stays(tmp_path: Path) -> None:
    """Twice is as once."""
    path = page(tmp_path, "# before\n" + "between\n".join(BLOCKS.values()) + "after\n")
    lua = becomes(read_page(path))
    assert 'R.set_method(q, q.request, "PUT")' in lua
    assert render(path) == path.read_text().replace("old\n", lua)
    path.write_text(render(path))
    assert render(path) == path.read_text()


@pytest.mark.parametrize("missing", BLOCKS)
def test_a_block_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    """So is one that stands twice."""
    path = page(tmp_path, "".join(text for name, text in BLOCKS.items() if name != missing))
    with pytest.raises(ValueError, match=f"set-method.md has no block {missing}$"):
        read_page(path)
    path = page(tmp_path, "".join(BLOCKS.values()) + BLOCKS[missing])
    with pytest.raises(ValueError, match=f"two blocks `{missing}`"):
        read_page(path)


def test_an_example_that_is_not_accepted_is_told(tmp_path: Path) -> None:
    """By what the compiler says of it."""
    path = page(tmp_path, "".join(BLOCKS.values()).replace("set-method", "set-nothing"))
    with pytest.raises(ValueError, match="TG2005"):
        becomes(read_page(path))


def test_further_files_belong_to_the_layout(tmp_path: Path) -> None:
    """Below its root; a page without an example is none of these."""
    path = page(tmp_path, "".join(BLOCKS.values()) + FILE)
    world = read_page(path).world()
    assert world["set-method/apimartifacts/named values/a/namedValueInformation.json"] == '{"properties": {}}\n'
    assert world["set-method/apimartifacts/apis/set-method/policy.xml"] == POLICY
    folder = tmp_path / "docs" / "policies"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(path.read_text())
    (folder / "proxy.md").write_text("refused\n")
    assert list(pages(tmp_path)) == ["docs/policies/a.md"]
