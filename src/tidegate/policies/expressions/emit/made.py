"""Values that are made anew: texts, arrays, lambdas; and calls of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.emit import texts
from tidegate.policies.expressions.emit.frames import Frame
from tidegate.policies.expressions.types import Type, runtime_name

if TYPE_CHECKING:
    from tidegate.policies.expressions.emit.values import Emitter

PARTS: Final = 40
"""Of one concatenation: each takes a register."""
_IN_PLACE: Final = 120
"""Characters of a lambda that stands where it is passed."""


def text(emitter: Emitter, parts: tuple[typed.Typed, ...]) -> str:
    if not parts:
        return '""'
    pieces = [texts.piece(p, v) for p, v in zip(parts, emitter.all(parts), strict=True)]
    if len(pieces) == 1:
        return pieces[0]
    while len(pieces) > PARTS:
        groups = [pieces[i : i + PARTS] for i in range(0, len(pieces), PARTS)]
        pieces = [emitter.writer.local(" .. ".join(group)) for group in groups]
    whole = " .. ".join(pieces)
    # What runs often may double a text each time.
    may_grow = len(emitter.frames) > 1 or any(frame.loops for frame in emitter.frames)
    return f"R.grown({whole})" if may_grow else f"({whole})"


def array(emitter: Emitter, items: tuple[typed.Typed, ...], type_: Type) -> str:
    listed = ", ".join(texts.single(v) for v in emitter.all(items))
    whole = f"{{n = {len(items)}{', ' if items else ''}{listed}}}"
    kind = runtime_name(type_)
    if kind == "byte[]":
        return f"R.bytes_of({whole})"
    return whole if type_.arguments[0].name == "string" else f"R.array({whole})"


def function(emitter: Emitter, node: typed.Function) -> str:
    """A lambda: in place if it is one expression, else a local function before."""
    parameters = ", ".join(name for name, _ in node.parameters)
    if not isinstance(node.body, ts.Block):
        with emitter.writer.captured() as lines, emitter.inside(Frame()):
            if node.type.arguments[-1].name == "void":
                emitter.run(node.body)
                result = "nil"
            else:
                result = emitter.value(node.body)
        if not lines and len(result) < _IN_PLACE:
            return f"function({parameters}) return {result} end"
    name = emitter.writer.local()
    with emitter.writer.block(f"{name} = function({parameters})"):
        if isinstance(node.body, ts.Block):
            emitter.write_body(emitter, node.body)
        else:
            emitter.writer.take(lines, deeper=1)
            emitter.writer.line(f"return {result}")
    return name


def invoke(emitter: Emitter, node: typed.Invoke) -> str:
    function, *arguments = emitter.all((node.function, *node.arguments))
    if isinstance(node.function, typed.Local) and not node.function.nullable:
        return f"{function}({', '.join(arguments)})"
    return f"R.invoke({', '.join((function, *arguments))})"
