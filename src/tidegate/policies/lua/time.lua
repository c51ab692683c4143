-- System.DateTime, DateTimeOffset and TimeSpan. Time is counted in ticks of 100 ns since the year 1, as int64_t.
--
-- DateTime is {ticks, kind}, kind 0 unspecified, 1 UTC, 2 local; DateTimeOffset {ticks, offset}, its clock's ticks and how
-- many ticks that clock is ahead of UTC; TimeSpan {ticks}. The machine's own time zone is UTC, as it is on gateways: local
-- time and UTC differ in kind only. Values never change.

local ffi = R.ffi
local int64 = ffi.typeof("int64_t")
local floor = math.floor

local MILLISECOND, SECOND, MINUTE, HOUR, DAY = 10000LL, 10000000LL, 600000000LL, 36000000000LL, 864000000000LL
local MAX_TICKS = 3155378975999999999LL
local UNIX_EPOCH = 621355968000000000LL
local MAX_LONG = 0x7FFFFFFFFFFFFFFFLL
local MIN_LONG = -MAX_LONG - 1
local UNSPECIFIED, UTC, LOCAL = 0, 1, 2

local DateTime, DateTimeOffset, TimeSpan = { type = "DateTime" }, { type = "DateTimeOffset" }, { type = "TimeSpan" }
R.DateTime, R.DateTimeOffset, R.TimeSpan = DateTime, DateTimeOffset, TimeSpan

R.enum("DateTimeKind", { [0] = "Unspecified", "Utc", "Local" })
R.enum("DayOfWeek", { [0] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" })

-- -- making

local function unrepresentable()
  R.throw("The added or subtracted value results in an un-representable DateTime. (Parameter 'value')",
    "ArgumentOutOfRangeException")
end

local function datetime(ticks, kind)
  if ticks < 0 or ticks > MAX_TICKS then unrepresentable() end
  return setmetatable({ ticks = ticks, kind = kind }, DateTime)
end

local function with_offset(ticks, offset)
  local utc = ticks - offset
  if ticks < 0 or ticks > MAX_TICKS or utc < 0 or utc > MAX_TICKS then unrepresentable() end
  return setmetatable({ ticks = ticks, offset = offset }, DateTimeOffset)
end

local function timespan(ticks)
  return setmetatable({ ticks = ticks }, TimeSpan)
end

-- new DateTime(ticks, kind), new TimeSpan(ticks)
function R.datetime(ticks, kind)
  ticks = int64(ticks)
  if ticks < 0 or ticks > MAX_TICKS then
    R.out_of_range("ticks", "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.")
  end
  return datetime(ticks, kind or UNSPECIFIED)
end

function R.timespan(ticks)
  return timespan(int64(ticks))
end

-- -- the calendar

local days_before = { [0] = 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_in_month(year, month)
  if month == 2 and is_leap(year) then return 29 end
  return days_before[month] - days_before[month - 1]
end

function R.is_leap_year(year)
  if year < 1 or year > 9999 then R.out_of_range("year", "Year must be between 1 and 9999.") end
  return is_leap(year)
end

function R.days_in_month(year, month)
  if month < 1 or month > 12 then R.out_of_range("month", "Month must be between one and twelve.") end
  R.is_leap_year(year)
  return days_in_month(year, month)
end

-- Days since 0001-01-01.
local function days_of(year, month, day)
  local y = year - 1
  local leap = month > 2 and is_leap(year) and 1 or 0
  return y * 365 + floor(y / 4) - floor(y / 100) + floor(y / 400) + days_before[month - 1] + leap + day - 1
end

-- Year, month, day and day of the year of days since 0001-01-01.
local function date_of_days(days)
  local n400 = floor(days / 146097)
  days = days - n400 * 146097
  local n100 = floor(days / 36524)
  if n100 == 4 then n100 = 3 end
  days = days - n100 * 36524
  local n4 = floor(days / 1461)
  days = days - n4 * 1461
  local n1 = floor(days / 365)
  if n1 == 4 then n1 = 3 end
  days = days - n1 * 365
  local year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1
  local month, leap = floor(days / 32) + 1, is_leap(year)
  while days >= days_before[month] + (leap and month >= 2 and 1 or 0) do month = month + 1 end
  local first = days_before[month - 1] + (leap and month > 2 and 1 or 0)
  return year, month, days - first + 1, days + 1
end

-- Ticks of a date and a time of day; nil if there is no such moment.
function R.ticks_of(year, month, day, hour, minute, second, fraction)
  if year < 1 or year > 9999 or month < 1 or month > 12 or day < 1 or day > days_in_month(year, month) then return nil end
  if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59 then return nil end
  return DAY * days_of(year, month, day) + SECOND * (hour * 3600 + minute * 60 + second) + (fraction or 0)
end

-- new DateTime(year, month, day, ...)
function R.date(year, month, day, hour, minute, second, millisecond, kind)
  if millisecond and (millisecond < 0 or millisecond > 999) then
    R.out_of_range("millisecond", "Valid values are between 0 and 999, inclusive.")
  end
  local ticks = R.ticks_of(year, month, day, hour or 0, minute or 0, second or 0, (millisecond or 0) * 10000)
  if not ticks then
    R.throw("Year, Month, and Day parameters describe an un-representable DateTime.", "ArgumentOutOfRangeException")
  end
  return datetime(ticks, kind or UNSPECIFIED)
end

-- -- parts, of DateTime and DateTimeOffset alike

local function days_and_rest(ticks)
  local days = tonumber(ticks / DAY)
  return days, tonumber(ticks - DAY * days)
end

-- Year, month, day, hour, minute, second, ticks of the second.
function R.time_parts(value)
  local days, rest = days_and_rest(value.ticks)
  local year, month, day = date_of_days(days)
  local seconds = floor(rest / 10000000)
  return year, month, day, floor(seconds / 3600), floor(seconds / 60) % 60, seconds % 60, rest - seconds * 10000000
end

function R.year(value)
  return (date_of_days((days_and_rest(value.ticks))))
end

function R.month(value)
  local _, month = date_of_days((days_and_rest(value.ticks)))
  return month
end

function R.day(value)
  local _, _, day = date_of_days((days_and_rest(value.ticks)))
  return day
end

function R.day_of_year(value)
  local _, _, _, day = date_of_days((days_and_rest(value.ticks)))
  return day
end

function R.day_of_week(value)
  -- 0001-01-01 was a Monday.
  return ((days_and_rest(value.ticks)) + 1) % 7
end

local function rest_of(value)
  local _, rest = days_and_rest(value.ticks)
  return rest
end

function R.hour(value) return floor(rest_of(value) / 36000000000) end
function R.minute(value) return floor(rest_of(value) / 600000000) % 60 end
function R.second(value) return floor(rest_of(value) / 10000000) % 60 end
function R.millisecond(value) return floor(rest_of(value) / 10000) % 1000 end
function R.time_of_day(value) return timespan(value.ticks % DAY) end

-- Date of a DateTime keeps the kind; that of a DateTimeOffset has none.
function R.date_part(value)
  return datetime(value.ticks - value.ticks % DAY, value.kind or UNSPECIFIED)
end

-- -- now

ffi.cdef([[ int gettimeofday(void *, void *); ]])
local moment = ffi.new("int64_t[2]")

-- Ticks of this moment in UTC. Tests put their own clock here.
function R.now_ticks()
  ffi.C.gettimeofday(moment, nil)
  return UNIX_EPOCH + moment[0] * SECOND + moment[1] * 10
end

-- DateTime.UtcNow, and Now, which is UTC too.
function R.now(kind)
  return datetime(R.now_ticks(), kind)
end

function R.today()
  return R.date_part(R.now(LOCAL))
end

function R.offset_now()
  return with_offset(R.now_ticks(), 0LL)
end

-- -- arithmetic of moments

local function checked_sum(a, b)
  local sum = a + b
  if (b >= 0 and sum < a) or (b < 0 and sum > a) then
    R.throw("TimeSpan overflowed because the duration is too long.", "OverflowException")
  end
  return sum
end
R.ticks_sum = checked_sum

local function same_but(value, ticks)
  if value.offset then return with_offset(ticks, value.offset) end
  return datetime(ticks, value.kind)
end

function R.time_add(value, span)
  return same_but(value, checked_sum(value.ticks, span.ticks))
end

function R.time_sub(value, span)
  return same_but(value, checked_sum(value.ticks, -span.ticks))
end

-- A number of units in milliseconds, halves away from zero.
function R.to_milliseconds(count, unit)
  local exact = count * (unit / 10000)
  return exact < 0 and math.ceil(exact - 0.5) or floor(exact + 0.5)
end

-- AddDays and its kin. Like .NET Framework, and .NET up to 6, they know milliseconds.
function R.time_add_units(value, count, unit)
  local limit = 3155378975999999999 / unit + 1
  if not (count <= limit and count >= -limit) then
    R.out_of_range("value", "Value to add was out of range.")
  end
  return same_but(value, value.ticks + MILLISECOND * int64(R.to_milliseconds(count, unit)))
end

function R.time_add_ticks(value, ticks)
  return same_but(value, checked_sum(value.ticks, int64(ticks)))
end

function R.time_add_months(value, count)
  if count < -120000 or count > 120000 then R.out_of_range("months", "Months value must be between +/-120000.") end
  local year, month, day = date_of_days((days_and_rest(value.ticks)))
  local index = month - 1 + count
  year, month = year + floor(index / 12), index % 12 + 1
  if year < 1 or year > 9999 then unrepresentable() end
  local last = days_in_month(year, month)
  return same_but(value, DAY * days_of(year, month, day < last and day or last) + value.ticks % DAY)
end

function R.time_add_years(value, count)
  if count < -10000 or count > 10000 then R.out_of_range("years", "Years value must be between +/-10000.") end
  return R.time_add_months(value, count * 12)
end

local function utc_ticks(value)
  return value.offset and value.ticks - value.offset or value.ticks
end
R.utc_ticks = utc_ticks

-- Between two moments of one type.
function R.time_between(a, b)
  return timespan(utc_ticks(a) - utc_ticks(b))
end

-- -- kinds and offsets

function R.specify_kind(value, kind) return datetime(value.ticks, kind) end

-- ToUniversalTime, ToLocalTime: of DateTime, another kind; of DateTimeOffset, the clock of UTC.
function R.to_kind(value, kind)
  if value.offset then return with_offset(utc_ticks(value), 0LL) end
  return datetime(value.ticks, kind)
end

local function checked_offset(ticks)
  if ticks % MINUTE ~= 0 then
    R.throw("Offset must be specified in whole minutes. (Parameter 'offset')", "ArgumentException")
  end
  if ticks > 14 * HOUR or ticks < -14 * HOUR then
    R.out_of_range("offset", "Offset must be within plus or minus 14 hours.")
  end
  return ticks
end

-- new DateTimeOffset(DateTime, offset); without an offset it is UTC, whatever the kind.
function R.offset_of(value, span)
  local offset = span and checked_offset(span.ticks) or 0LL
  if span and offset ~= 0 and value.kind ~= UNSPECIFIED then
    R.throw("The UTC Offset of the " .. (value.kind == UTC and "utc" or "local")
      .. " dateTime parameter does not match the offset argument. (Parameter 'offset')", "ArgumentException")
  end
  return with_offset(value.ticks, offset)
end

function R.offset_from_ticks(ticks, span)
  return with_offset(int64(ticks), checked_offset(span.ticks))
end

function R.to_offset(value, span)
  local offset = checked_offset(span.ticks)
  return with_offset(utc_ticks(value) + offset, offset)
end

-- DateTimeOffset's DateTime (kind 0), UtcDateTime (1) and LocalDateTime (2).
function R.offset_datetime(value, kind)
  return datetime(kind == UNSPECIFIED and value.ticks or utc_ticks(value), kind)
end

-- -- Unix time

-- FromUnixTimeSeconds, FromUnixTimeMilliseconds
function R.from_unix(count, unit)
  count = int64(count)
  local divisor = int64(unit)
  if count > (MAX_TICKS - UNIX_EPOCH) / divisor or count < -UNIX_EPOCH / divisor then
    R.out_of_range(unit == 10000 and "milliseconds" or "seconds",
      "Valid values are between " .. (unit == 10000 and "-62135596800000 and 253402300799999"
        or "-62135596800 and 253402300799") .. ", inclusive.")
  end
  return with_offset(UNIX_EPOCH + count * divisor, 0LL)
end

-- ToUnixTimeSeconds, ToUnixTimeMilliseconds: rounded down, before 1970 too.
function R.to_unix(value, unit)
  local divisor = int64(unit)
  return utc_ticks(value) / divisor - UNIX_EPOCH / divisor
end

-- -- equality and order: by the moment, not by the clock or the kind

local function order(a, b)
  local x, y = utc_ticks(a), utc_ticks(b)
  return x == y and 0 or (x < y and -1 or 1)
end
R.time_compare = order

function R.time_eq(a, b) return utc_ticks(a) == utc_ticks(b) end
function R.time_lt(a, b) return utc_ticks(a) < utc_ticks(b) end
function R.time_le(a, b) return utc_ticks(a) <= utc_ticks(b) end

for _, kind in ipairs({ DateTime, DateTimeOffset, TimeSpan }) do
  local name = kind.type
  kind.compare, kind.equals = order, R.time_eq
  kind.hash = function(value) return "\0" .. name .. "\0" .. tostring(utc_ticks(value)) end
end

local constants = {
  min_date = datetime(0LL, UNSPECIFIED), max_date = datetime(MAX_TICKS, UNSPECIFIED),
  unix_date = datetime(UNIX_EPOCH, UTC), min_offset = with_offset(0LL, 0LL), max_offset = with_offset(MAX_TICKS, 0LL),
  unix_offset = with_offset(UNIX_EPOCH, 0LL), zero = timespan(0LL), min_span = timespan(MIN_LONG),
  max_span = timespan(MAX_LONG),
}
function R.time_constant(name) return constants[name] end

function R.defaults.DateTime() return constants.min_date end
function R.defaults.DateTimeOffset() return constants.min_offset end
function R.defaults.TimeSpan() return constants.zero end

-- What JSON's dates are read and written with.
function R.date_from_unix(milliseconds, kind)
  return datetime(UNIX_EPOCH + MILLISECOND * int64(milliseconds), kind == "Utc" and UTC or LOCAL)
end

for _, compute in ipairs({ date_of_days, days_of, is_leap, days_in_month }) do jit.on(compute) end
