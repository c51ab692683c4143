-- What is loaded when. A program uses little of the library, and each worker has a VM of its own that is made while
-- connections wait. So only the core is loaded at once; the rest stays text until a name of it is first asked of R.
--
-- runtime.py puts in front of this file: UNITS, lists of {name of a file, its text}, each list loaded as a whole; and
-- NAMES, lines `name=number of its unit`, which is smaller than a table of a thousand names and asked rarely.

local find, match = string.find, string.match

-- Names that no file brings, asked for all the same: a search would look through all names again.
local absent = R.bounded(256)

local function load_all(files)
  for i = 1, #files do
    local chunk, problem = load(files[i][2], "=" .. files[i][1] .. ".lua", "t")
    if not chunk then error(problem, 0) end
    -- As in prelude.lua, and before it runs: functions that only compute turn the compiler on for themselves.
    jit.off(chunk, true)
    chunk(R)
  end
end

local function bring(name)
  if type(name) ~= "string" or absent.get(name) then return false end
  local _, at = find(NAMES, "\n" .. name .. "=", 1, true)
  if not at then
    absent.put(name, true)
    return false
  end
  local number = tonumber(match(NAMES, "^%d+", at + 1))
  local files = UNITS[number]
  -- Loaded, or being loaded: this name is not there (yet).
  if not files then return false end
  UNITS[number] = false
  local ok, problem = pcall(load_all, files)
  if not ok then
    -- Out of memory, say. The next request tries again.
    UNITS[number] = files
    error(problem, 0)
  end
  return true
end

setmetatable(R, {
  __index = function(_, name)
    if bring(name) then return rawget(R, name) end
    return nil
  end,
})

local function registry(kind)
  setmetatable(R[kind], {
    __index = function(entries, name)
      if type(name) == "string" and bring(kind .. "." .. name) then return rawget(entries, name) end
      return nil
    end,
  })
end
registry("body_types")
registry("enums")
registry("defaults")
