"""Trees back to C#. `parse(print(tree)) == tree`, which a property test holds."""

from __future__ import annotations

from typing import Final, assert_never

from tidegate.policies.expressions import statements as st
from tidegate.policies.expressions.keywords import KEYWORDS, TYPE_WORDS
from tidegate.policies.expressions.syntax import (
    PRECEDENCE,
    RELATIONAL,
    Anonymous,
    Argument,
    ArrayCreation,
    ArrayItems,
    As,
    Assignment,
    Binary,
    Call,
    Cast,
    Checked,
    Conditional,
    ConditionalAccess,
    Default,
    Expression,
    Hole,
    Index,
    Initializer,
    Interpolation,
    Is,
    Lambda,
    Literal,
    Member,
    Name,
    New,
    Operator,
    Out,
    Parameter,
    Receiver,
    Setter,
    Step,
    ThrowValue,
    TypeOf,
    Unary,
)

_ASSIGNMENT: Final = -1
_CONDITIONAL: Final = 0
_UNARY: Final = 12
_PRIMARY: Final = 13

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_SUFFIXES: Final = {"int": "", "uint": "U", "long": "L", "ulong": "UL", "decimal": "m", "float": "f", "double": "d"}


def print_expression(tree: Expression) -> str:
    """The expression as C#, on one line, with the parentheses that are needed and no others."""
    return _print(tree, _ASSIGNMENT)


def print_block(block: st.Block) -> str:
    """The statements of `@{...}` as C#, on one line."""
    return " ".join(_statement(s) for s in block.statements)


def _print(tree: Expression, floor: int) -> str:
    text, precedence = _shape(tree)
    return f"({text})" if precedence < floor else text


def _shape(tree: Expression) -> tuple[str, int]:
    """Text and precedence of the outermost operator."""
    match tree:
        case Literal(value=value):
            is_negative = isinstance(value, int | float) and value < 0
            return _literal(tree), _UNARY if is_negative else _PRIMARY
        case Interpolation(parts=parts):
            return '$"' + "".join(_part(part) for part in parts) + '"', _PRIMARY
        case Name(name=name, type_arguments=given):
            return _name(name) + _type_arguments(given), _PRIMARY
        case Receiver():
            return "", _PRIMARY
        case Member(target=target, name=name, type_arguments=given):
            return f"{_target(target)}.{_name(name)}{_type_arguments(given)}", _PRIMARY
        case Out(name=name, type=type_):
            return f"out {type_} {name}" if type_ else f"out {name}", _PRIMARY
        case Call(function=function, arguments=arguments):
            return f"{_target(function)}({_arguments(arguments)})", _PRIMARY
        case Index(target=target, arguments=arguments):
            return f"{_target(target)}[{_arguments(arguments)}]", _PRIMARY
        case ConditionalAccess(target=target, chain=chain):
            return f"{_target(target)}?{_shape(chain)[0]}", _PRIMARY
        case Cast(type=type_, operand=operand):
            text = _print(operand, _UNARY)
            # `(a)-b` is a difference.
            return f"({type_})({text})" if text[:1] in ("+", "-") else f"({type_}){text}", _UNARY
        case Unary(operator=sign, operand=operand):
            return _prefixed(sign, operand), _UNARY
        case Step(operator=sign, operand=operand, is_prefix=is_prefix):
            if is_prefix:
                return _prefixed(sign, operand), _UNARY
            return f"{_target(operand)}{sign}", _PRIMARY
        case Binary():
            return _binary(tree)
        case Is(operand=operand, type=type_, name=name):
            return f"{_print(operand, RELATIONAL)} is {type_}" + (f" {name}" if name else ""), RELATIONAL
        case As(operand=operand, type=type_):
            return f"{_print(operand, RELATIONAL)} as {type_}", RELATIONAL
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            texts = (_print(condition, 1), _print(then, _ASSIGNMENT), _print(otherwise, _ASSIGNMENT))
            return f"{texts[0]} ? {texts[1]} : {texts[2]}", _CONDITIONAL
        case Assignment(operator=operator, target=target, value=value):
            return f"{_print(target, 1)} {operator or ''}= {_print(value, _ASSIGNMENT)}", _ASSIGNMENT
        case Lambda(parameters=parameters, body=body):
            return f"{_parameters(parameters)} => {_body(body)}", _ASSIGNMENT
        case ThrowValue(exception=exception):
            return f"throw {_print(exception, _ASSIGNMENT)}", _ASSIGNMENT
        case _:
            return _creation(tree), _PRIMARY


def _creation(
    tree: New | Anonymous | ArrayCreation | ArrayItems | TypeOf | Default | Checked,
) -> str:
    match tree:
        case New(type=type_, arguments=arguments, initializer=initializer):
            behind = f" {_initializer(initializer)}" if initializer else ""
            return f"new {type_}({_arguments(arguments)}){behind}"
        case Anonymous(fields=fields):
            listed = ", ".join(f"{name} = {_print(value, _ASSIGNMENT)}" for name, value in fields)
            return f"new {{ {listed} }}"
        case ArrayCreation(element=element, size=size, items=items):
            ranks = ""
            while size is not None and element is not None and element.name == "[]":
                ranks, element = ranks + "[]", element.arguments[0]
            between = _print(size, _ASSIGNMENT) if size is not None else ""
            content = f" {_items(items)}" if items is not None else ""
            return f"new {element or ''}[{between}]{ranks}{content}"
        case ArrayItems(items=items):
            return _items(items)
        case TypeOf(type=type_):
            return f"typeof({type_})"
        case Default(type=type_):
            return f"default({type_})" if type_ else "default"
        case Checked(operand=operand, is_checked=is_checked):
            return f"{'checked' if is_checked else 'unchecked'}({_print(operand, _ASSIGNMENT)})"
        case _:
            assert_never(tree)


def _name(name: str) -> str:
    is_keyword = name in KEYWORDS and name not in TYPE_WORDS
    return f"@{name}" if is_keyword else name


def _binary(tree: Binary) -> tuple[str, int]:
    own = PRECEDENCE[tree.operator]
    if tree.operator is Operator.COALESCE:
        # The one binary operator that groups to the right; a throw may end it.
        right = _print(tree.right, _ASSIGNMENT if isinstance(tree.right, ThrowValue) else own)
        return f"{_print(tree.left, own + 1)} ?? {right}", own
    # Chains are long to the left: a loop, not a recursion.
    parts: list[str] = []
    left: Expression = tree
    while isinstance(left, Binary) and PRECEDENCE[left.operator] == own and left.operator is not Operator.COALESCE:
        parts.append(f" {left.operator} {_print(left.right, own + 1)}")
        left = left.left
    return _print(left, own) + "".join(reversed(parts)), own


def _prefixed(sign: str, operand: Expression) -> str:
    text = _print(operand, _UNARY)
    # `- -a` is not `--a`.
    return f"{sign}({text})" if text[:1] in ("+", "-") else f"{sign}{text}"


def _target(tree: Expression) -> str:
    # `(a?.b).c` is not `a?.b.c`: a conditional access ends at its parenthesis. `new[] {...}[0]` would be a size.
    text = _print(tree, _PRIMARY)
    is_apart = isinstance(tree, ConditionalAccess | ArrayCreation | Anonymous | New | Default)
    return f"({text})" if is_apart else text


def _arguments(arguments: tuple[Argument, ...]) -> str:
    return ", ".join((f"{a.name}: " if a.name else "") + _print(a.value, _ASSIGNMENT) for a in arguments)


def _type_arguments(given: tuple[object, ...]) -> str:
    return f"<{', '.join(map(str, given))}>" if given else ""


def _items(items: tuple[Expression, ...]) -> str:
    return "{" + ", ".join(_print(item, _ASSIGNMENT) for item in items) + "}"


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    if len(parameters) == 1 and parameters[0].type is None:
        return parameters[0].name
    return f"({', '.join(f'{p.type} {p.name}' if p.type else p.name for p in parameters)})"


def _body(body: Expression | st.Block) -> str:
    return _statement(body) if isinstance(body, st.Block) else _print(body, _ASSIGNMENT)


def _initializer(initializer: Initializer) -> str:
    return "{" + ", ".join(map(_setter, initializer.items)) + "}"


def _setter(item: Setter) -> str:
    values = [_initializer(v) if isinstance(v, Initializer) else _print(v, _ASSIGNMENT) for v in item.values]
    if item.name:
        return f"{item.name} = {values[0]}"
    if item.keys:
        return f"[{', '.join(_print(k, _ASSIGNMENT) for k in item.keys)}] = {values[0]}"
    return values[0] if len(values) == 1 else f"{{{', '.join(values)}}}"


def _literal(literal: Literal) -> str:
    value = literal.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if literal.kind == "char" and isinstance(value, int):
        return f"'{_character(value)}'"
    if literal.kind == "string" or (isinstance(value, str) and literal.kind != "decimal"):
        return f'"{_escape(str(value))}"'
    return f"{value}{_SUFFIXES[literal.kind]}"


def _character(unit: int) -> str:
    if unit == ord("'"):
        return "\\'"
    text = chr(unit)
    if text == '"':
        return text
    return _ESCAPES.get(text) or (text if text.isprintable() else f"\\u{unit:04x}")


def _part(part: str | Hole) -> str:
    if isinstance(part, str):
        return _escape(part).replace("{", "{{").replace("}", "}}")
    text = _print(part.value, 1)
    alignment = f",{_print(part.alignment, 1)}" if part.alignment is not None else ""
    return f"{{{text}{alignment}{':' + _escape(part.format) if part.format else ''}}}"


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\U{ord(c):08x}") for c in text)


# -- statements


def _statement(statement: st.Statement | None) -> str:
    match statement:
        case None:
            return ""
        case st.Block(statements=listed):
            return f"{{ {' '.join(map(_statement, listed))} }}" if listed else "{ }"
        case st.Declaration():
            return _declaration(statement) + ";"
        case st.LocalFunction(result=result, name=name, parameters=parameters, body=body):
            listed_ = ", ".join(
                f"{p.type} {p.name}" + (f" = {_print(p.default, _ASSIGNMENT)}" if p.default is not None else "")
                for p in parameters
            )
            text = _statement(body) if isinstance(body, st.Block) else f"=> {_print(body, _ASSIGNMENT)};"
            return f"{result} {name}({listed_}) {text}"
        case st.Run(expression=tree):
            return f"{_print(tree, _ASSIGNMENT)};"
        case st.If(condition=condition, then=then, otherwise=otherwise):
            # The block keeps an `else` with its `if`.
            first = _braced(then) if otherwise is not None else _statement(then)
            behind = f" else {_statement(otherwise)}" if otherwise is not None else ""
            return f"if ({_print(condition, _ASSIGNMENT)}) {first}{behind}"
        case st.While(condition=condition, body=loop):
            return f"while ({_print(condition, _ASSIGNMENT)}) {_statement(loop)}"
        case st.DoWhile(body=loop, condition=condition):
            return f"do {_statement(loop)} while ({_print(condition, _ASSIGNMENT)});"
        case st.For():
            return _for(statement)
        case st.ForEach(type=type_, name=name, source=source, body=loop):
            return f"foreach ({type_ or 'var'} {name} in {_print(source, _ASSIGNMENT)}) {_statement(loop)}"
        case st.Return(value=value):
            return f"return {_print(value, _ASSIGNMENT)};" if value is not None else "return;"
        case st.Jump(word=word):
            return f"{word};"
        case st.Throw(exception=exception):
            return f"throw {_print(exception, _ASSIGNMENT)};" if exception is not None else "throw;"
        case _:
            return _large(statement)


def _large(statement: st.Try | st.Using | st.Switch | st.CheckedBlock) -> str:
    match statement:
        case st.Try(body=body, catches=catches, last=last):
            behind = "".join(f" {_catch(c)}" for c in catches) + (f" finally {_statement(last)}" if last else "")
            return f"try {_statement(body)}{behind}"
        case st.Using(resource=resource, body=body_):
            held = _declaration(resource) if isinstance(resource, st.Declaration) else _print(resource, _ASSIGNMENT)
            return f"using ({held}) {_statement(body_)}"
        case st.Switch(value=value, sections=sections):
            return f"switch ({_print(value, _ASSIGNMENT)}) {{ {' '.join(map(_section, sections))} }}"
        case st.CheckedBlock(body=body, is_checked=is_checked):
            return f"{'checked' if is_checked else 'unchecked'} {_statement(body)}"
        case _:
            assert_never(statement)


def _braced(statement: st.Statement) -> str:
    """A statement that an `else` may follow: one that may end in an `if` without one is told apart by its text."""
    text = _statement(statement)
    return text if isinstance(statement, st.Block | st.Run | st.Return | st.Jump | st.Throw) else f"{{ {text} }}"


def _declaration(declaration: st.Declaration) -> str:
    listed = ", ".join(
        name + (f" = {_print(value, _ASSIGNMENT)}" if value is not None else "")
        for name, value in declaration.variables
    )
    return f"{'const ' if declaration.is_constant else ''}{declaration.type or 'var'} {listed}"


def _for(statement: st.For) -> str:
    first = ", ".join(
        _declaration(s) if isinstance(s, st.Declaration) else _print(s.expression, _ASSIGNMENT) for s in statement.first
    )
    condition = _print(statement.condition, _ASSIGNMENT) if statement.condition is not None else ""
    steps = ", ".join(_print(step, _ASSIGNMENT) for step in statement.steps)
    return f"for ({first}; {condition}; {steps}) {_statement(statement.body)}"


def _catch(clause: st.Catch) -> str:
    what = f" ({clause.type}{' ' + clause.name if clause.name else ''})" if clause.type else ""
    condition = f" when ({_print(clause.filter, _ASSIGNMENT)})" if clause.filter is not None else ""
    return f"catch{what}{condition} {_statement(clause.body)}"


def _section(section: st.Section) -> str:
    labels = " ".join("default:" if c is None else f"case {_print(c, _ASSIGNMENT)}:" for c in section.labels)
    return f"{labels} {' '.join(map(_statement, section.statements))}".rstrip()
