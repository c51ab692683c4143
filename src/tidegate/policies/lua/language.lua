-- What compiled expressions call that is no .NET member: exceptions as values, `try`, `T?`, anonymous objects, holes of
-- interpolated strings, calls of functions that are values.

-- -- exceptions: the tables that R.throw raises

local bases = {
  SystemException = "Exception", ApplicationException = "Exception", ArgumentException = "SystemException",
  ArgumentNullException = "ArgumentException", ArgumentOutOfRangeException = "ArgumentException",
  ArithmeticException = "SystemException", DivideByZeroException = "ArithmeticException",
  OverflowException = "ArithmeticException", FormatException = "SystemException",
  UriFormatException = "FormatException", IndexOutOfRangeException = "SystemException",
  InvalidCastException = "SystemException", InvalidOperationException = "SystemException",
  NotSupportedException = "SystemException", NullReferenceException = "SystemException",
  TimeoutException = "SystemException", KeyNotFoundException = "SystemException",
  CryptographicException = "SystemException", XmlException = "SystemException", XPathException = "SystemException", JsonException = "Exception",
  JsonReaderException = "JsonException", JsonSerializationException = "JsonException",
}

-- new T(message, inner)
function R.exception(kind, message, inner)
  local _, made = pcall(R.throw, message or ("Exception of type 'System." .. kind .. "' was thrown."), kind)
  made.inner = inner
  return made
end

function R.throw_value(exception)
  error(R.not_null(exception), 0)
end

-- What a `catch` gets. Lua's own errors, and the end of the budget of steps, are nobody's to catch.
function R.caught(raised)
  if not R.is_failure(raised) or raised.kind == R.OUT_OF_STEPS then error(raised, 0) end
  return raised
end

function R.catches(exception, kind)
  local own = exception.kind or "Exception"
  while own do
    if own == kind then return true end
    own = bases[own]
  end
  return false
end

function R.exception_message(exception)
  return exception.detail or exception.message
end

function R.exception_text(exception)
  return "System." .. (exception.kind or "Exception") .. ": " .. R.exception_message(exception)
end

-- -- T?

function R.value_of(value)
  if value == nil then R.throw("Nullable object must have a value.", "InvalidOperationException") end
  return value
end

function R.value_or(value, default)
  if value == nil then return default end
  return value
end

-- `value as T?`
function R.as_value(value, kind)
  if value == nil or not R.is(value, kind) then return nil end
  return R.unbox(value, kind)
end

-- -- functions and loops

function R.invoke(f, ...)
  R.tick(1)
  if f == nil then R.not_null(nil) end
  return f(...)
end

-- The next turn of a foreach.
function R.iterate(items, count)
  R.tick(1)
  if items.n ~= count then
    R.throw("Collection was modified; enumeration operation may not execute.", "InvalidOperationException")
  end
end

function R.array(items)
  return setmetatable(items, R.Array)
end

-- -- anonymous objects: `names` is shared, values stand by their place

R.Anonymous = { type = "<>f__AnonymousType" }

function R.anonymous(names, values)
  return setmetatable({ names = names, values = values }, R.Anonymous)
end

function R.field(object, name)
  local names = R.not_null(object).names
  for i = 1, #names do
    if names[i] == name then return object.values[i] end
  end
end

function R.Anonymous.text(object)
  local parts = {}
  for i, name in ipairs(object.names) do parts[i] = name .. " = " .. R.text(object.values[i]) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function R.Anonymous.equals(a, b)
  if #a.names ~= #b.names then return false end
  for i, name in ipairs(a.names) do
    if name ~= b.names[i] or not R.equals(a.values[i], b.values[i]) then return false end
  end
  return true
end

function R.Anonymous.hash(object)
  local parts = {}
  for i in ipairs(object.names) do parts[i] = tostring(R.hash(object.values[i])) end
  return "\0anonymous\0" .. table.concat(parts, "\0")
end
