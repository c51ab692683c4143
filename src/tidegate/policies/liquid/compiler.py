"""A template to one Lua function.

The function gets the state `s`, the list `o` that the text goes to, the table `A` of assigned names, and the list `B`
of what the template asks of `context`. Loop variables are Lua locals: Liquid's own scopes are lexical, too, and
`assign` sets outside of all loops.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import liquid as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.liquid.binding import context_code
from tidegate.policies.liquid.filters import FILTERS
from tidegate.policies.liquid.markup import Markup, MarkupError, Names
from tidegate.policies.liquid.pieces import Piece, pieces
from tidegate.policies.liquid.template import ContextUse, Template
from tidegate.policies.lua_text import lua_string
from tidegate.policies.named_values import Written

MAX_DEPTH: Final = 24
"""Tags inside each other: each takes Lua locals, of which a function has 200."""
MAX_PIECES: Final = 4000
"""Texts, outputs and tags: Lua's jumps and constants are bounded for each function."""

_SETTING: Final = re.compile(r"\{%-?\s*(?:assign|capture|increment|decrement)\s+([A-Za-z_][\w\-]*)")
_REFUSED: Final = {
    "include": "a policy has no files to include; write its text here",
    "extends": "a policy has no files to extend",
    "block": "a policy has no files to extend",
}


def read_template(written: Written, *, found: Found) -> Template | None:
    """Compile a template; None, with diagnostics, if it is none."""
    return _Compiler(written, found).template()


class _Stop(Exception):
    """A diagnostic says why nothing more can be read."""


@dataclass(slots=True)
class _Compiler:
    written: Written
    found: Found
    out: list[str] = field(default_factory=list)
    uses: list[ContextUse] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    rest: list[Piece] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    depth: int = 0
    loops: list[str] = field(default_factory=list)
    """The labels that `continue` jumps to."""
    buffer: str = "o"

    def template(self) -> Template | None:
        text = self.written.text
        self.names = Names({}, frozenset(_SETTING.findall(text)))
        self.rest = list(pieces(text))
        if len(self.rest) > MAX_PIECES:
            self.found.add(codes.TOO_LARGE, at=self.written.whole, limit=MAX_PIECES)
            return None
        self.rest.reverse()
        try:
            self._block(())
        except _Stop:
            return None
        body = " ".join(self.out)
        lua = f"function(s, o, A, B) local L, F = R.liquid, R.liquid_filters {body} end"
        return Template(text, lua, tuple(self.uses))

    # -- places and findings

    def _span(self, start: int, end: int) -> Span:
        return self.written.span(start, max(end, start + 1))

    def _refuse(self, problem: MarkupError, piece: Piece) -> _Stop:
        at = piece.start + problem.at
        if problem.filter:
            help = f"API Management spells it `{problem.detail}`" if problem.detail else ""
            help = help or did_you_mean_or_known(problem.filter, FILTERS)
            self.found.add(
                codes.FILTER_UNKNOWN, at=self._span(at, at + len(problem.filter)), name=problem.filter, help=help
            )
        else:
            self.found.add(codes.SYNTAX, at=self._span(at, at + 1), detail=problem.detail)
        return _Stop()

    def _read(self, piece: Piece, use: Callable[[Markup], str], start: int = 0) -> str:
        """What `use` makes of the markup, behind its first `start` characters, with nothing left over."""
        markup = Markup(piece.text, self.names, start)
        self.names.context = lambda plain, begin, end: self._context(piece, plain, begin, end)
        try:
            result = use(markup)
            markup.end()
        except MarkupError as problem:
            raise self._refuse(problem, piece) from None
        return result

    def _context(self, piece: Piece, plain: tuple[str, ...], begin: int, end: int) -> tuple[str, int]:
        code, used = context_code(plain)
        span = self._span(piece.start + begin, piece.start + end)
        if not code:
            self.found.add(codes.CONTEXT_UNKNOWN, at=span, path=".".join(("context", *plain)))
            raise _Stop
        for index, use in enumerate(self.uses, 1):
            if use.code == code:
                return f"B[{index}]", used
        self.uses.append(ContextUse(code, span))
        return f"B[{len(self.uses)}]", used

    def _number(self, letter: str) -> str:
        self.numbers[letter] = self.numbers.get(letter, 0) + 1
        return f"{letter}{self.numbers[letter]}"

    def _put(self, value: str) -> None:
        self.out.append(f"{self.buffer}[#{self.buffer} + 1] = {value}")

    def _ticking(self) -> int:
        """A place for the steps of one round of a loop, which `_tick` fills in: as many as it has statements."""
        self.out.append("")
        return len(self.out) - 1

    def _tick(self, place: int) -> None:
        self.out[place] = f"R.tick({len(self.out) - place + 2})"

    # -- blocks

    def _block(self, ends: tuple[str, ...], opening: Piece | None = None) -> tuple[str, Piece | None]:
        """Pieces up to one of these tags, which is taken; its name."""
        self.depth += 1
        if self.depth > MAX_DEPTH and opening:
            self.found.add(codes.TOO_DEEP, at=self._span(opening.start, opening.start + 1), limit=MAX_DEPTH)
            raise _Stop
        while self.rest:
            piece = self.rest.pop()
            if piece.kind == "text":
                self._put(lua_string(piece.text))
            elif piece.kind == "output":
                if piece.text.strip():
                    self._put(f"L.text({self._read(piece, Markup.filtered)})")
            elif piece.kind == "unclosed":
                closing = "}}" if piece.text.startswith("{{") else "%}"
                at = self._span(piece.start, piece.start + 2)
                self.found.add(codes.SYNTAX, at=at, detail=f"`{piece.text}` has no `{closing}`")
                raise _Stop
            else:
                name = self._tag_name(piece)
                if name in ends:
                    self.depth -= 1
                    return name, piece
                self._tag(name, piece)
        if opening is not None:
            name = self._tag_name(opening)
            at = self._span(opening.start, opening.start + len(opening.text))
            self.found.add(codes.UNCLOSED, at=at, name=name, end=ends[-1])
            raise _Stop
        self.depth -= 1
        return "", None

    def _tag_name(self, piece: Piece) -> str:
        match = re.match(r"\s*(\w+)", piece.text)
        return match[1] if match else ""

    def _tag(self, name: str, piece: Piece) -> None:
        known = _TAGS.get(name)
        behind = piece.text.find(name) + len(name)
        if known is not None:
            known(self, piece, behind)
            return
        at = self._span(piece.start + behind - len(name), piece.start + behind)
        help = _REFUSED.get(name) or did_you_mean_or_known(name, _TAGS)
        self.found.add(codes.TAG_UNKNOWN, at=at, name=name, help=help)
        raise _Stop

    # -- tags

    def tag_assign(self, piece: Piece, at: int) -> None:
        def read(markup: Markup) -> str:
            name = markup.name()
            markup.need("=")
            return f"L.assign(A, {lua_string(name)}, {markup.filtered()})"

        self.out.append(self._read(piece, read, at))

    def tag_capture(self, piece: Piece, at: int) -> None:
        name = self._read(piece, Markup.name, at)
        before, self.buffer = self.buffer, self._number("o")
        self.out.append(f"do local {self.buffer} = {{}}")
        self._block(("endcapture",), piece)
        self.out.append(f"L.assign(A, {lua_string(name)}, L.joined({self.buffer})) end")
        self.buffer = before

    def tag_if(self, piece: Piece, at: int) -> None:
        self._branches(piece, f"if {self._read(piece, Markup.condition, at)} then", "endif")

    def tag_unless(self, piece: Piece, at: int) -> None:
        self._branches(piece, f"if not ({self._read(piece, Markup.condition, at)}) then", "endunless")

    def _branches(self, piece: Piece, first: str, end: str) -> None:
        self.out.append(first)
        ends: tuple[str, ...] = ("elsif", "else", end)
        while True:
            name, tag = self._block(ends, piece)
            if name == "elsif" and tag is not None:
                at = tag.text.find("elsif") + len("elsif")
                self.out.append(f"elseif {self._read(tag, Markup.condition, at)} then")
            elif name == "else":
                self.out.append("else")
                ends = (end,)
            else:
                self.out.append("end")
                return

    def tag_case(self, piece: Piece, at: int) -> None:
        subject = self._number("c")
        self.out.append(f"do local {subject} = {self._read(piece, Markup.value, at)}")
        # What stands before the first `when` is never shown.
        before, self.out = self.out, []
        name, tag = self._block(("when", "else", "endcase"), piece)
        self.out = before
        word = "if"

        def values(markup: Markup) -> str:
            tests = [f"L.eq({subject}, {markup.value()})"]
            while markup.sign("or") or markup.sign(","):
                tests.append(f"L.eq({subject}, {markup.value()})")
            return " or ".join(tests)

        while name == "when" and tag is not None:
            behind = tag.text.find("when") + len("when")
            self.out.append(f"{word} {self._read(tag, values, behind)} then")
            word = "elseif"
            name, tag = self._block(("when", "else", "endcase"), piece)
        if name == "else":
            self.out.append("else" if word == "elseif" else "do")
            self._block(("endcase",), piece)
            word = "elseif"
        self.out.append("end end" if word == "elseif" else "end")

    def tag_for(self, piece: Piece, at: int) -> None:
        self._loop(piece, at, "endfor", separator=False)

    def tag_json_array_for(self, piece: Piece, at: int) -> None:
        self._loop(piece, at, "endJSONArrayFor", separator=True)

    def _loop(self, piece: Piece, at: int, end: str, *, separator: bool) -> None:
        variable, items, name = self._loop_head(piece, at)
        listed, index, item, label = (self._number(letter) for letter in ("l", "i", "x", "g"))
        self.out.append(f"do local {listed} = {items} for {index} = 1, {listed}.n do")
        ticking = self._ticking()
        if separator:
            self.out.append(f'if {index} > 1 then {self.buffer}[#{self.buffer} + 1] = "," end')
        outer = dict(self.names.locals)
        self.names.locals |= {variable: item, "forloop": f"L.loop({listed}, {index}, {lua_string(name)})"}
        self.loops.append(label)
        self.out.append(f"do local {item} = {listed}[{index}]")
        ending, _ = self._block(("else", end), piece)
        self._tick(ticking)
        self.out.append(f"end ::{label}:: end")
        self.loops.pop()
        self.names.locals = outer
        if ending == "else":
            self.out.append(f"if {listed}.n == 0 then")
            self._block((end,), piece)
            self.out.append("end")
        self.out.append("end")

    def _loop_head(self, piece: Piece, at: int) -> tuple[str, str, str]:
        """`x in list reversed limit: 2 offset: 1 cols: 3`: the variable, the Lua of its items, and the loop's name."""
        variable = name = ""

        def read(markup: Markup) -> str:
            nonlocal variable, name
            variable = markup.name()
            markup.need("in")
            begin = markup.at
            value = markup.value()
            name = f"{variable}-{markup.text[begin : markup.at].strip()}"
            options = {"limit": "nil", "offset": "nil", "cols": "nil"}
            reverse = "false"
            while markup.peek()[0] == "name":
                option = markup.name()
                if option == "reversed":
                    reverse = "true"
                    continue
                if option not in options:
                    raise MarkupError(f"`{option}` is none of reversed, limit and offset", markup.at - len(option))
                markup.need(":")
                if option == "offset" and markup.sign("continue"):
                    options[option] = "-1"
                else:
                    options[option] = markup.value()
            self.columns = options["cols"]
            return f"L.items(s, {value}, {lua_string(name)}, {options['offset']}, {options['limit']}, {reverse})"

        items = self._read(piece, read, at)
        return variable, items, name

    columns: str = "nil"

    def tag_tablerow(self, piece: Piece, at: int) -> None:
        variable, items, name = self._loop_head(piece, at)
        columns = self.columns
        listed, index, item, label, row = (self._number(letter) for letter in ("l", "i", "x", "g", "r"))
        self.out.append(f"do local {listed} = {items} local {row} = L.rows({listed}, {columns})")
        self._put('"<tr class=\\"row1\\">\\n"')
        self.out.append(f"for {index} = 1, {listed}.n do")
        ticking = self._ticking()
        self._put(f"{row}.before({index})")
        outer = dict(self.names.locals)
        looped = f"L.loop({listed}, {index}, {lua_string(name)}, {row})"
        self.names.locals |= {variable: item, "tablerowloop": looped, "forloop": looped}
        self.loops.append(label)
        self.out.append(f"do local {item} = {listed}[{index}]")
        self._block(("endtablerow",), piece)
        self._tick(ticking)
        self.out.append(f"end ::{label}::")
        self._put(f"{row}.behind({index})")
        self.loops.pop()
        self.names.locals = outer
        self.out.append("end")
        self._put('"</tr>\\n"')
        self.out.append("end")

    def tag_break(self, piece: Piece, at: int) -> None:
        self._leave(piece, at, "do break end")

    def tag_continue(self, piece: Piece, at: int) -> None:
        self._leave(piece, at, f"do goto {self.loops[-1]} end" if self.loops else "")

    def _leave(self, piece: Piece, at: int, lua: str) -> None:
        self._read(piece, lambda _: "", at)
        if not self.loops:
            span = self._span(piece.start, piece.start + len(piece.text))
            self.found.add(codes.SYNTAX, at=span, detail=f"`{piece.text.strip()}` stands in no loop")
            raise _Stop
        self.out.append(lua)

    def tag_verbatim(self, piece: Piece, _: int) -> None:
        self._block((f"end{self._tag_name(piece)}",), piece)

    def tag_comment(self, piece: Piece, _: int) -> None:
        before, self.out = self.out, []
        self._block(("endcomment",), piece)
        self.out = before

    def tag_increment(self, piece: Piece, at: int) -> None:
        self._put(f"L.increment(A, {lua_string(self._read(piece, Markup.name, at))})")

    def tag_decrement(self, piece: Piece, at: int) -> None:
        self._put(f"L.decrement(A, {lua_string(self._read(piece, Markup.name, at))})")

    def tag_cycle(self, piece: Piece, at: int) -> None:
        def read(markup: Markup) -> str:
            first = markup.value()
            group = ""
            if markup.sign(":"):
                group, first = first, markup.value()
            values = [first]
            while markup.sign(","):
                values.append(markup.value())
            return f"L.cycle(s, {group or lua_string(' '.join(values))}, {{n = {len(values)}, {', '.join(values)}}})"

        self._put(f"L.text({self._read(piece, read, at)})")

    def tag_ifchanged(self, piece: Piece, _: int) -> None:
        before, self.buffer = self.buffer, self._number("o")
        self.out.append(f"do local {self.buffer} = {{}}")
        self._block(("endifchanged",), piece)
        inner, self.buffer = self.buffer, before
        self._put(f"L.changed(s, L.joined({inner}))")
        self.out.append("end")


_TAGS: Final[dict[str, Callable[[_Compiler, Piece, int], None]]] = {
    "assign": _Compiler.tag_assign,
    "break": _Compiler.tag_break,
    "capture": _Compiler.tag_capture,
    "case": _Compiler.tag_case,
    "comment": _Compiler.tag_comment,
    "continue": _Compiler.tag_continue,
    "cycle": _Compiler.tag_cycle,
    "decrement": _Compiler.tag_decrement,
    "for": _Compiler.tag_for,
    "if": _Compiler.tag_if,
    "ifchanged": _Compiler.tag_ifchanged,
    "increment": _Compiler.tag_increment,
    "JSONArrayFor": _Compiler.tag_json_array_for,
    "literal": _Compiler.tag_verbatim,
    "raw": _Compiler.tag_verbatim,
    "tablerow": _Compiler.tag_tablerow,
    "unless": _Compiler.tag_unless,
}
