-- System.TimeSpan's arithmetic: a span is {ticks}.

local int64 = R.ffi.typeof("int64_t")
local abs = math.abs

local MILLISECOND, SECOND = 10000LL, 10000000LL
local MIN_LONG = R.bit.lshift(1LL, 63)
local timespan, checked_sum = R.timespan, R.ticks_sum

local function too_long()
  R.throw("TimeSpan overflowed because the duration is too long.", "OverflowException")
end

local function checked(ticks)
  if not (ticks < 2 ^ 63 and ticks >= -2 ^ 63) then too_long() end
  return timespan(int64(ticks))
end

-- TimeSpan.FromHours and its kin: `unit` ticks each, to the nearest millisecond, as their pages say.
function R.span_of(count, unit)
  if count ~= count then R.throw("TimeSpan does not accept floating point Not-a-Number values.", "ArgumentException") end
  return checked(R.to_milliseconds(tonumber(count), unit) * 10000)
end

-- new TimeSpan(days, hours, minutes, seconds, milliseconds)
function R.span_from(days, hours, minutes, seconds, milliseconds)
  local total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
  if abs(total) > 922337203685 then
    too_long()
  end
  return timespan(SECOND * int64(total) + MILLISECOND * int64(milliseconds or 0))
end

function R.span_add(a, b) return timespan(checked_sum(a.ticks, b.ticks)) end

function R.span_neg(a)
  if a.ticks == MIN_LONG then
    R.throw("Negating the minimum value of a twos complement number is invalid.", "OverflowException")
  end
  return timespan(-a.ticks)
end

function R.span_sub(a, b) return R.span_add(a, R.span_neg(b)) end
function R.span_abs(a) return a.ticks < 0 and R.span_neg(a) or a end

function R.span_mul(a, factor)
  return checked(R.double_round(tonumber(a.ticks) * factor))
end

function R.span_div(a, divisor)
  return checked(R.double_round(tonumber(a.ticks) / divisor))
end

function R.span_ratio(a, b)
  return tonumber(a.ticks) / tonumber(b.ticks)
end

-- Days, Hours and so on: the part of the span that is counted in whole units, below `limit` of them.
function R.span_part(a, unit, limit)
  local count = a.ticks / int64(unit)
  return tonumber(limit and count % limit or count)
end

function R.span_total(a, unit)
  return tonumber(a.ticks) / unit
end
