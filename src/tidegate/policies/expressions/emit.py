"""Typed expressions to Lua.

A value becomes one Lua expression where that keeps C#'s order of evaluation, and statements before it where it does not
(`?:`, `??` and `?.` whose later parts need statements themselves). null is nil, so `or` serves for `??` except for
booleans. An expression that would throw in .NET calls a runtime function that raises.
"""

from __future__ import annotations

from typing import Final, assert_never

from tidegate.policies.expressions import typed
from tidegate.policies.expressions.types import BOOL, INT, STRING
from tidegate.policies.lua_text import Line, LuaWriter, lua_string, lua_value

# Envoy's handles do not outlive a pause of the script, so that what waits gets them anew into `q`.
_AMBIENT: Final = {"q": "q", "request": "q.request", "response": "q.response", "variables": "variables"}
_DEFINITE: Final = (typed.Text, typed.Array)


def emit_expression(tree: typed.Typed, writer: LuaWriter) -> str:
    """Write what must run before, and return the Lua expression of the value. It is to be used once."""
    return _Emitter(writer).value(tree)


class _Emitter:
    def __init__(self, writer: LuaWriter) -> None:
        self.writer = writer
        self.slots: list[str] = []

    def value(self, node: typed.Typed) -> str:
        match node:
            case typed.Constant(value=value):
                return lua_value(value)
            case typed.Ambient():
                return "nil"
            case typed.Slot():
                return self.slots[-1]
            case typed.Use():
                return self._use(node)
            case typed.Unboxed(operand=operand, type=type_):
                if local := self._known(node):
                    return local
                return f"R.unbox({self.value(operand)}, {lua_string(type_.name)})"
            case typed.VariableOrDefault():
                return self._variable(node)
            case typed.Chain():
                return self._chain(node)
            case typed.Coalesce():
                return self._coalesce(node)
            case typed.Choice():
                return self._choice(node)
            case typed.Logic():
                return self._logic(node)
            case typed.Compare(sign=sign, left=left, right=right):
                a, b = self._all((left, right))
                return f"({a} {sign} {b})"
            case typed.Negation(operand=operand):
                return f"(not {self.value(operand)})"
            case typed.Text(parts=parts):
                return self._text(parts)
            case typed.Array(items=items):
                listed = ", ".join(self._single(i, v) for i, v in zip(items, self._all(items), strict=True))
                return f"{{n = {len(items)}{', ' if items else ''}{listed}}}"
            case _:
                assert_never(node)

    def _all(self, nodes: tuple[typed.Typed, ...]) -> tuple[str, ...]:
        """Several values, in order: once one needs statements, those before it are kept in locals first."""
        values: list[str] = []
        for node in nodes:
            with self.writer.captured() as lines:
                value = self.value(node)
            if lines:
                values = [v if _is_settled(v) else self.writer.local(v) for v in values]
                self.writer.lines += lines
            values.append(value)
        return tuple(values)

    def _single(self, node: typed.Typed, value: str) -> str:
        return f"({value})" if isinstance(node, typed.Use) and value.endswith(")") and value[0] != "(" else value

    def _use(self, node: typed.Use) -> str:
        row = node.row
        has_receiver = "{0}" in row.lua
        nodes = (node.receiver, *node.arguments) if has_receiver else node.arguments
        values = list(self._all(nodes))
        arguments = values[1:] if has_receiver else values
        receiver = ""
        if has_receiver:
            must_exist = node.receiver.nullable and not row.null_receiver and not self._known(node.receiver)
            receiver = f"R.not_null({values[0]})" if must_exist else values[0]
            if row.lua.startswith("{0}") and not must_exist and not _is_settled(receiver):
                receiver = f"({receiver})"
        for index in row.not_null:
            if node.arguments[index].nullable:
                arguments[index] = f"R.not_null({arguments[index]})"
        if "{variables}" in row.lua:
            self.writer.reads_table = True
        fixed = len(row.parameters or ()) - (1 if row.repeats else 0)
        rest = arguments[fixed:]
        text = row.lua.format(receiver, *arguments, **_AMBIENT, count=len(rest), rest=", ".join(f"({v})" for v in rest))
        return self.writer.local(text) if row.waits else text

    def _known(self, node: typed.Typed) -> str | None:
        """The local that holds the variable, where it is certainly set and of the type that is asked for."""
        match node:
            case typed.Unboxed(operand=typed.Use(row=row, arguments=(typed.Constant(value=name), *_)), type=wanted):
                if not row.reads_variable:
                    return None
            case typed.VariableOrDefault(name=typed.Constant(value=name), type=wanted):
                pass
            case _:
                return None
        local, kind = self.writer.known.get(str(name), (None, ""))
        return local if kind == wanted.name else None

    def _variable(self, node: typed.VariableOrDefault) -> str:
        if local := self._known(node):
            return local
        self.writer.reads_table = True
        nodes = (node.name,) if node.default is None else (node.name, node.default)
        values = self._all(nodes)
        name = f"R.not_null({values[0]})" if node.name.nullable else values[0]
        default = values[1] if node.default is not None else lua_value(_default_of(node))
        return f"R.variable(variables, {name}, {lua_string(node.type.name)}, {default})"

    def _chain(self, node: typed.Chain) -> str:
        target = self.value(node.target)
        local = target if _is_settled(target) else self.writer.local(target)
        self.slots.append(local)
        with self.writer.captured() as lines:
            body = self.value(node.body)
        self.slots.pop()
        if not lines and node.target.type is not BOOL:
            return f"({local} and {body})"
        result = self.writer.local()
        with self.writer.block(f"if {local} ~= nil then"):
            self._take(lines, result, body)
        return result

    def _coalesce(self, node: typed.Coalesce) -> str:
        left = self.value(node.left)
        if node.left.type is not BOOL:
            # Capturing comes after the left side's own statements, so the order holds.
            with self.writer.captured() as lines:
                right = self.value(node.right)
            if not lines:
                return f"({left} or {right})"
        else:
            with self.writer.captured() as lines:
                right = self.value(node.right)
        result = self.writer.local(left)
        with self.writer.block(f"if {result} == nil then"):
            self._take(lines, result, right)
        return result

    def _choice(self, node: typed.Choice) -> str:
        condition = self.value(node.condition)
        with self.writer.captured() as then_lines:
            then = self.value(node.then)
        with self.writer.captured() as otherwise_lines:
            otherwise = self.value(node.otherwise)
        if not then_lines and not otherwise_lines and _is_truthy(node.then):
            return f"({condition} and {then} or {otherwise})"
        result = self.writer.local()
        self.writer.line(f"if {condition} then")
        self._take(then_lines, result, then)
        self.writer.line("else")
        self._take(otherwise_lines, result, otherwise)
        self.writer.line("end")
        return result

    def _logic(self, node: typed.Logic) -> str:
        left = self.value(node.left)
        with self.writer.captured() as lines:
            right = self.value(node.right)
        if not lines:
            return f"({left} {node.word} {right})"
        result = self.writer.local(left)
        with self.writer.block(f"if {result if node.word == 'and' else f'not {result}'} then"):
            self._take(lines, result, right)
        return result

    def _take(self, lines: list[Line], result: str, value: str) -> None:
        """Write captured lines here, then the assignment of their value."""
        for text, _ in lines:
            self.writer.line(text.strip())
        self.writer.line(f"{result} = {value}")

    def _text(self, parts: tuple[typed.Typed, ...]) -> str:
        if not parts:
            return '""'
        pieces = [self._piece(p, v) for p, v in zip(parts, self._all(parts), strict=True)]
        return pieces[0] if len(pieces) == 1 else f"({' .. '.join(pieces)})"

    def _piece(self, node: typed.Typed, value: str) -> str:
        if node.type is STRING:
            return f'({value} or "")' if node.nullable else value
        if isinstance(node, typed.Constant) and node.value is None:
            return '""'
        if node.type is INT and isinstance(node, typed.Constant):
            return lua_string(str(node.value))
        return f"R.text({value})"


def _default_of(node: typed.VariableOrDefault) -> bool | int | None:
    """C#'s default of a type."""
    if node.type is BOOL:
        return False
    return 0 if node.type is INT else None


def _is_settled(value: str) -> bool:
    """Whether the Lua text is a name or a literal, which later statements cannot change."""
    return value.isidentifier() or value[0] in '"-0123456789'


def _is_truthy(node: typed.Typed) -> bool:
    if isinstance(node, typed.Constant):
        return node.value is not None and node.value is not False
    return isinstance(node, _DEFINITE) or (node.type not in (BOOL,) and not node.nullable)
