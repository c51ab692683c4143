"""Statements as Lua.

`@{...}` becomes a block whose `return`s assign a local and jump to its end; lambdas and local functions are functions
of Lua. `try` guards a function, whose ways out other than its end are told by a number and taken behind it. Every loop
and every local function counts its steps, so that whatever is accepted comes to an end.
"""

from __future__ import annotations

from typing import assert_never

from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.emit.frames import RETURN_CODE, Frame
from tidegate.policies.expressions.emit.texts import default_text, is_settled
from tidegate.policies.expressions.emit.values import Emitter


def block_value(emitter: Emitter, node: typed.BlockValue) -> str:
    """The statements of `@{...}`, and the local that holds what they return."""
    writer = emitter.writer
    result = writer.local()
    frame = Frame(result=result, label=f"end_{result}")
    emitter.frames.append(frame)
    with writer.block("do"):
        _block(emitter, node.body)
        writer.line(f"::{frame.label}::")
    emitter.frames.pop()
    return result


def function_body(emitter: Emitter, body: ts.Block) -> None:
    """The statements of a function of Lua."""
    with emitter.inside(Frame()):
        emitter.writer.line("R.tick(1)")
        _block(emitter, body)


def _block(emitter: Emitter, block: ts.Block) -> None:
    functions = [s for s in block.statements if isinstance(s, ts.DeclareFunction)]
    if functions:
        emitter.writer.line(f"local {', '.join(f.name for f in functions)}")
    # A local function may use variables that stand behind it, once they are assigned: so they are declared first.
    held = {s.name for s in block.statements if isinstance(s, ts.Declare)} if functions else set[str]()
    if held:
        for each in block.statements:
            if isinstance(each, ts.Declare):
                emitter.writer.line(f"local {each.name} = {default_text(each.type)}")
    for each in block.statements:
        _statement(emitter, each, is_declared=bool(held))


def _statement(emitter: Emitter, each: ts.Statement, *, is_declared: bool = False) -> None:
    writer = emitter.writer
    match each:
        case ts.Block():
            with writer.block("do"):
                _block(emitter, each)
        case ts.Declare(name=name, type=type_, value=value):
            if value is None:
                if not is_declared:
                    emitter.declare(name, type_)
                return
            with writer.captured() as lines:
                text = emitter.value(value)
            if not lines:
                writer.line(f"{name} = {text}" if is_declared else f"local {name} = {text}")
                return
            if not is_declared:
                writer.line(f"local {name}")
            with writer.block("do"):
                writer.take(lines, deeper=1)
                writer.line(f"{name} = {text}")
        case ts.DeclareFunction():
            _function(emitter, each)
        case ts.Run(value=value):
            with writer.captured() as lines:
                emitter.run(value)
            if len(lines) == 1:
                writer.lines += lines
            else:
                with writer.block("do"):
                    writer.take(lines, deeper=1)
        case ts.If():
            _if(emitter, each)
        case ts.Loop():
            _loop(emitter, each)
        case ts.ForEach():
            _foreach(emitter, each)
        case ts.Switch():
            _switch(emitter, each)
        case ts.Return(value=value):
            with writer.block("do"):
                leave(emitter, emitter.value(value) if value is not None else "nil")
        case ts.Break(number=number):
            jump(emitter, number, is_break=True)
        case ts.Continue(number=number):
            jump(emitter, number, is_break=False)
        case ts.Throw(exception=exception):
            thrown = emitter.value(exception) if exception is not None else emitter.frames[-1].caught[-1]
            writer.line(f"R.throw_value({thrown})")
        case ts.Try():
            from tidegate.policies.expressions.emit.guards import try_

            try_(emitter, each, _block)
        case _:
            assert_never(each)


def _function(emitter: Emitter, each: ts.DeclareFunction) -> None:
    writer = emitter.writer
    with writer.block(f"{each.name} = function({', '.join(name for name, _ in each.parameters)})"):
        if isinstance(each.body, ts.Block):
            function_body(emitter, each.body)
            return
        with emitter.inside(Frame()):
            writer.line("R.tick(1)")
            if each.result.name == "void":
                emitter.run(each.body)
            else:
                writer.line(f"return {emitter.value(each.body)}")


# -- ways out


def leave(emitter: Emitter, value: str) -> None:
    """Return a value from the function that C# means."""
    writer, frame = emitter.writer, emitter.frames[-1]
    if frame.is_guarded:
        frame.codes.add(RETURN_CODE)
        writer.line(f"do return {RETURN_CODE}, {value} end")
    elif frame.label:
        writer.line(f"{frame.result} = {value}")
        writer.line(f"goto {frame.label}")
    else:
        writer.line(f"do return {value} end")


def jump(emitter: Emitter, number: int, *, is_break: bool) -> None:
    """`break` or `continue` of a loop of that number."""
    frame = emitter.frames[-1]
    label = frame.loops.get(number)
    if label is not None:
        emitter.writer.line(f"goto {'break' if is_break else 'next'}_{label}")
    else:
        code = 2 * number + (0 if is_break else 1)
        frame.codes.add(code)
        emitter.writer.line(f"do return {code} end")


# -- branches and loops


def _condition(emitter: Emitter, node: typed.Typed) -> str:
    return emitter.value(node)


def _if(emitter: Emitter, each: ts.If) -> None:
    writer = emitter.writer
    with writer.captured() as lines:
        condition = _condition(emitter, each.condition)
    if lines:
        # What the condition needs lives no longer than the statement.
        writer.line("do")
        writer.depth += 1
        writer.take(lines, deeper=1)
    with writer.block(f"if {condition} then", closing=None if each.otherwise else "end"):
        _block(emitter, each.then)
    if each.otherwise is not None:
        with writer.block("else"):
            _block(emitter, each.otherwise)
    if lines:
        writer.depth -= 1
        writer.line("end")


def _loop(emitter: Emitter, each: ts.Loop) -> None:
    writer, label = emitter.writer, f"{each.number}"
    frame = emitter.frames[-1]
    frame.loops[each.number] = label
    with writer.block("do"):
        with writer.block("while true do"):
            writer.line("R.tick(1)")
            if each.tests_first:
                _test(emitter, each)
            with writer.block("do"):
                _block(emitter, each.body)
            writer.line(f"::next_{label}::")
            for step in each.steps:
                with writer.block("do"):
                    emitter.run(step)
            if not each.tests_first:
                _test(emitter, each)
        writer.line(f"::break_{label}::")
    del frame.loops[each.number]


def _test(emitter: Emitter, each: ts.Loop) -> None:
    if each.condition is None:
        return
    writer = emitter.writer
    with writer.block("do"):
        condition = _condition(emitter, each.condition)
        writer.line(f"if not {condition} then break end")


def _foreach(emitter: Emitter, each: ts.ForEach) -> None:
    writer, label = emitter.writer, f"{each.number}"
    frame = emitter.frames[-1]
    frame.loops[each.number] = label
    with writer.block("do"):
        source = emitter.value(each.source)
        items = writer.local(f"R.items({f'R.not_null({source})' if each.source.nullable else source})")
        count = writer.local(f"{items}.n")
        index = f"i{each.number}"
        with writer.block(f"for {index} = 1, {count} do"):
            writer.line(f"R.iterate({items}, {count})")
            element = writer.local(f"{items}[{index}]")
            emitter.slots.append(element)
            value = emitter.value(each.element)
            emitter.slots.pop()
            writer.line(f"local {each.name} = {value}")
            with writer.block("do"):
                _block(emitter, each.body)
            writer.line(f"::next_{label}::")
        writer.line(f"R.iterate({items}, {count})")
        writer.line(f"::break_{label}::")
    del frame.loops[each.number]


def _switch(emitter: Emitter, each: ts.Switch) -> None:
    writer, label = emitter.writer, f"{each.number}"
    frame = emitter.frames[-1]
    frame.loops[each.number] = label
    with writer.block("do"):
        value = emitter.value(each.value)
        value = value if is_settled(value) else writer.local(value)
        # Which section it is comes first: the default may stand anywhere.
        chosen = writer.local("0")
        for number, (constants, _, _) in enumerate(each.sections, 1):
            for constant in constants:
                writer.line(f"if {value} == {emitter.value(constant)} then {chosen} = {number} end")
        default = next((n for n, (_, _, is_default) in enumerate(each.sections, 1) if is_default), None)
        if default is not None:
            writer.line(f"if {chosen} == 0 then {chosen} = {default} end")
        for number, (_, block, _) in enumerate(each.sections, 1):
            with writer.block(f"if {chosen} == {number} then"):
                _block(emitter, block)
        writer.line(f"::break_{label}::")
    del frame.loops[each.number]
