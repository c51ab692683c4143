"""Values as Lua expressions.

A value becomes one Lua expression where that keeps C#'s order of evaluation, and statements before it where it does not
(`?:`, `??` and `?.` whose later parts need statements themselves). null is nil, so `or` serves for `??` except for
booleans. An expression that would throw in .NET calls a runtime function that raises.

Lua's own bounds (registers, nested brackets) are kept by giving a local to every value whose text grows long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, assert_never

from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.emit import branches, made, texts
from tidegate.policies.expressions.emit.frames import Frame
from tidegate.policies.expressions.emit.templates import template
from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.types import BOOL, Type, is_nullable_value, runtime_name, underlying
from tidegate.policies.lua_text import LuaWriter, lua_string, lua_value

# Envoy's handles do not outlive a pause of the script, so that what waits gets them anew into `q`.
_AMBIENT: Final = {"q": "q", "request": "q.request", "response": "q.response", "variables": "variables"}
LONGEST: Final = 240
"""Characters of a value's text: a longer one gets a local."""


WriteBlock: TypeAlias = "Callable[[Emitter, typed.BlockValue], str]"
WriteBody: TypeAlias = "Callable[[Emitter, ts.Block], None]"
"""Statements are written by who writes values, and the other way round."""


class Emitter:
    def __init__(self, writer: LuaWriter, write_block: WriteBlock, write_body: WriteBody) -> None:
        self.writer = writer
        self.write_block, self.write_body = write_block, write_body
        self.slots: list[str] = []
        self.names: dict[str, str] = {}
        """Names of `Let`, and of variables of the expression where they are called otherwise in Lua."""
        self.frames: list[Frame] = [Frame()]
        self.functions = 0
        """How many functions stand around."""

    # -- bounds

    def value(self, node: typed.Typed) -> str:
        """The Lua expression of a value."""
        text = self._value(node)
        if len(text) > LONGEST and not texts.is_settled(text):
            return self.writer.local(text)
        return text

    def _value(self, node: typed.Typed) -> str:
        match node:
            case typed.Constant():
                return texts.constant(node, self.writer)
            case typed.Ambient():
                return "nil"
            case typed.Slot():
                return self.slots[-1]
            case typed.Local(name=name):
                return self.names.get(name, name)
            case typed.Use():
                return self._use(node)
            case typed.Set():
                return self._set(node, wants_value=True)
            case typed.Assign(name=name, value=value):
                text = self.value(value)
                self.writer.line(f"{self.names.get(name, name)} = {text}")
                return self.names.get(name, name)
            case typed.Let():
                return self._let(node, wants_value=True)
            case typed.Declaring(variables=variables, body=body):
                for name, type_ in variables:
                    self.declare(name, type_)
                return self.value(body)
            case typed.Boxed(operand=operand):
                return texts.boxed(operand.type, self.value(operand))
            case typed.Unboxed(operand=operand, type=type_):
                if local := self.known(node):
                    return local
                return f"R.unbox({self.value(operand)}, {lua_string(runtime_name(type_))})"
            case typed.Same(operand=operand):
                return self.value(operand)
            case typed.Numeric(operand=operand):
                return texts.numeric(node, self.value(operand))
            case typed.TypeTest():
                return self._type_test(node)
            case typed.VariableOrDefault():
                return self._variable(node)
            case typed.Chain():
                return branches.chain(self, node)
            case typed.Coalesce():
                return branches.coalesce(self, node)
            case typed.Choice():
                return branches.choice(self, node)
            case typed.Logic():
                return branches.logic(self, node)
            case typed.Negation(operand=operand):
                return f"(not {self.value(operand)})"
            case typed.Compare() | typed.Arithmetic():
                return self._binary(node)
            case typed.Minus(operand=operand):
                return texts.minus(node, self.value(operand))
            case _:
                return self._made(node)

    def _made(
        self,
        node: typed.Text | typed.Formatted | typed.Array | typed.NewArray | typed.DefaultValue | typed.Anonymous
        | typed.Field | typed.Function | typed.Invoke | typed.BlockValue | typed.ThrowValue | typed.TypeValue,
    ) -> str:  # fmt: skip
        """Values that are made anew."""
        match node:
            case typed.Text(parts=parts):
                return made.text(self, parts)
            case typed.Formatted(operand=operand, alignment=alignment, format=format_):
                return f'R.format_piece({self.value(operand)}, "object", {alignment}, {lua_value(format_ or None)})'
            case typed.Array(items=items, type=type_):
                return made.array(self, items, type_)
            case typed.NewArray(size=size, type=type_):
                return f"R.new_array({self.value(size)}, {lua_string(runtime_name(type_.arguments[0]))})"
            case typed.DefaultValue(type=type_):
                return f"R.default_of({lua_string(runtime_name(type_))})"
            case typed.Anonymous(names=names, values=values):
                listed = ", ".join(texts.single(v) for v in self.all(values))
                shared = self.writer.constant("{" + ", ".join(map(lua_string, names)) + "}")
                return f"R.anonymous({shared}, {{{listed}}})"
            case typed.Field(operand=operand, name=name, type=type_):
                whole = f"R.field({self.value(operand)}, {lua_string(name)})"
                inner = underlying(type_)
                is_boxed = texts.boxed(inner, "") != ""
                return f"R.unbox({whole}, {lua_string(runtime_name(type_))})" if is_boxed else whole
            case typed.Function():
                return made.function(self, node)
            case typed.Invoke():
                return made.invoke(self, node)
            case typed.BlockValue():
                return self.write_block(self, node)
            case typed.ThrowValue(exception=exception):
                self.writer.line(f"R.throw_value({self.value(exception)})")
                return "nil"
            case typed.TypeValue(of=of):
                return lua_string(str(of))
            case _:
                assert_never(node)

    # -- several values, and values for their effect

    def all(self, nodes: tuple[typed.Typed, ...]) -> tuple[str, ...]:
        """Several values, in order: once one needs statements, those before it are kept in locals first."""
        values: list[str] = []
        for index, node in enumerate(nodes):
            with self.writer.captured() as lines:
                value = self.value(node)
            if lines:
                values = [v if texts.is_settled(v) else self.writer.local(v) for v in values]
                self.writer.lines += lines
            elif texts.may_change(node) and index + 1 < len(nodes):
                value = self.writer.local(value) if not values else self._kept(values, value)
            values.append(value)
        return tuple(values)

    def _kept(self, values: list[str], value: str) -> str:
        """A variable that a later call may change, as it is now, behind the values before it."""
        values[:] = [v if texts.is_settled(v) else self.writer.local(v) for v in values]
        return self.writer.local(value)

    def run(self, node: typed.Typed) -> None:
        """Write what a value does, without the value."""
        match node:
            case typed.Set():
                self._set(node, wants_value=False)
            case typed.Let():
                self._let(node, wants_value=False)
            case typed.Assign():
                self.value(node)
            case typed.Chain(target=target, body=body):
                local = self.held(self.value(target))
                self.slots.append(local)
                with self.writer.block(f"if {local} ~= nil then"):
                    self.run(body)
                self.slots.pop()
            case _:
                text = self.value(node)
                if text.startswith("R.") and text.endswith(")") and "(" in text:
                    self.writer.line(text)
                elif not texts.is_settled(text):
                    self.writer.line(f"do local _ = {text} end")

    def held(self, value: str) -> str:
        return value if texts.is_settled(value) else self.writer.local(value)

    def declare(self, name: str, type_: Type) -> None:
        """A variable without a value yet: of its type's default."""
        default = texts.default_text(type_)
        self.writer.line(f"local {name} = {default}")

    # -- members

    def _use(self, node: typed.Use) -> str:
        text = self._filled(node.row, node.receiver, node.arguments, node.names, node.defaults)
        if not node.outs:
            return self.writer.local(text) if node.row.waits else text
        first = self.writer.local()
        names = [first, *(self.writer.local() for _ in node.outs)]
        self.writer.line(f"{', '.join(names)} = {text}")
        for out, local in zip(node.outs, names[1:], strict=True):
            if out:
                self.writer.line(f"{self.names.get(out, out)} = {local}")
        return first

    def _filled(
        self,
        row: MemberRow,
        receiver: typed.Typed,
        given: tuple[typed.Typed, ...],
        names: tuple[tuple[str, Type], ...],
        defaults: tuple[str, ...] = (),
    ) -> str:
        shape = template(row.lua, len(given))
        nodes = (receiver, *given) if shape.has_receiver else given
        values = list(self.all(nodes))
        if not shape.keeps_order:
            values = [self.held(v) for v in values]
        arguments = values[1:] if shape.has_receiver else values
        target = ""
        if shape.has_receiver:
            must_exist = receiver.nullable and not row.null_receiver and not self.known(receiver)
            target = f"R.not_null({values[0]})" if must_exist else values[0]
            if shape.begins_with_receiver and not must_exist and not texts.is_name(target):
                target = f"({target})"
        for index in row.not_null:
            if index < len(given) and given[index].nullable:
                arguments[index] = f"R.not_null({arguments[index]})"
        if shape.reads_variables:
            self.writer.reads_table = True
        arguments += defaults
        fixed = len(row.parameters or ()) - (1 if row.repeats else 0) - len(row.out)
        rest = arguments[fixed:]
        return row.lua.format(
            target,
            *arguments,
            **_AMBIENT,
            **{name: lua_string(runtime_name(type_)) for name, type_ in names},
            **{f"{name}_whole": lua_string(str(type_)) for name, type_ in names},
            count=len(rest),
            rest=", ".join(texts.single(v) for v in rest),
        )

    def _set(self, node: typed.Set, *, wants_value: bool) -> str:
        held: str = ""
        arguments = (*node.arguments, node.value)
        if wants_value:
            receiver, *keys = self.all((node.receiver, *arguments))
            held = self.held(keys[-1])
            texts_ = [self.held(receiver), *(self.held(k) for k in keys[:-1]), held]
            line = node.row.lua.format(*texts_, **_AMBIENT, **{n: lua_string(runtime_name(t)) for n, t in node.names})
        else:
            line = self._filled(node.row, node.receiver, arguments, node.names)
        self.writer.line(line)
        return held

    def _let(self, node: typed.Let, *, wants_value: bool) -> str:
        for name, value in node.bindings:
            text = self.value(value)
            self.names[name] = text if text.isidentifier() and text.startswith("v") else self.writer.local(text)
        for effect in node.effects:
            self.run(effect)
        if wants_value:
            return self.value(node.body)
        if not isinstance(node.body, typed.Local | typed.Constant):
            self.run(node.body)
        return "nil"

    def known(self, node: typed.Typed) -> str | None:
        """The local that holds the variable, where it is certainly set and of the type that is asked for."""
        match node:
            case typed.Unboxed(operand=typed.Use(row=row, arguments=(typed.Constant(value=name), *_)), type=wanted):
                if not row.reads_variable:
                    return None
            case typed.VariableOrDefault(name=typed.Constant(value=name), type=wanted):
                pass
            case _:
                return None
        # A function of Lua has 60 names of outside.
        if self.functions or texts.boxed(wanted, "") != "":
            return None
        local, kind = self.writer.known.get(str(name), (None, ""))
        return local if kind == wanted.name else None

    def _variable(self, node: typed.VariableOrDefault) -> str:
        if local := self.known(node):
            return local
        self.writer.reads_table = True
        values = self.all((node.name,) if node.default is None else (node.name, node.default))
        name = f"R.not_null({values[0]})" if node.name.nullable else values[0]
        default = values[1] if node.default is not None else texts.default_text(node.type)
        return f"R.variable(variables, {name}, {lua_string(runtime_name(node.type))}, {default})"

    def _type_test(self, node: typed.TypeTest) -> str:
        value, kind = self.value(node.operand), runtime_name(underlying(node.tested))
        if not node.is_cast:
            return f"R.is({value}, {lua_string(kind)})"
        function = "as_value" if is_nullable_value(node.tested) else "as"
        return f"R.{function}({value}, {lua_string(kind)})"

    # -- operators

    def _binary(self, node: typed.Compare | typed.Arithmetic) -> str:
        """A chain of operators: a loop to the left, since chains are long there."""
        spine: list[typed.Compare | typed.Arithmetic] = []
        first: typed.Typed = node
        while isinstance(first, typed.Compare | typed.Arithmetic):
            spine.append(first)
            first = first.left
        left = self.value(first)
        is_kept = not texts.may_change(first)
        for each in reversed(spine):
            with self.writer.captured() as lines:
                right = self.value(each.right)
            # Both sides of boolean `&` and `|` run: these are not `&&` and `||`.
            is_boolean = isinstance(each, typed.Arithmetic) and each.type == BOOL
            if (lines or is_boolean or not is_kept) and not texts.is_settled(left):
                left = self.writer.local(left)
            self.writer.lines += lines
            right = self.held(right) if is_boolean else right
            left = (
                texts.compare(each, left, right)
                if isinstance(each, typed.Compare)
                else texts.arithmetic(each, left, right)
            )
            if len(left) > LONGEST:
                left = self.writer.local(left)
            is_kept = True
        return left

    def inside(self, frame: Frame) -> _Inside:
        """In a function of Lua of its own."""
        return _Inside(self, frame)


class _Inside:
    """A function that is being written: slots and frames of outside are not its own."""

    def __init__(self, emitter: Emitter, frame: Frame) -> None:
        self.emitter, self.frame = emitter, frame
        self.slots: list[str] = []

    def __enter__(self) -> None:
        self.emitter.frames.append(self.frame)
        self.emitter.functions += 1

    def __exit__(self, *_: object) -> None:
        self.emitter.frames.pop()
        self.emitter.functions -= 1
