-- Messages of our own and the bodies of all messages.
--
-- An R.Response is a response that is whole: what a call out has brought (an IResponse), or an answer in the making:
-- `headers` (headers.lua, with ":status"), `body` (text), `reason`.
--
-- Bodies are read and buffered only when a policy asks. A body that As<T>() has read without preserveContent is
-- consumed: it cannot be read again, and is not forwarded either, unless set-body gives a new one.

R.Response = { type = "IResponse" }
R.Response.__index = R.Response

function R.new_response(headers, body, reason)
  return setmetatable({ headers = headers, body = body or "", reason = reason or false, consumed = false }, R.Response)
end

function R.status_of(response)
  return tonumber(response.headers:get(":status"))
end

-- An answer that a policy makes, empty as yet.
function R.new_answer(_, status)
  return R.new_response(R.new_headers({ [":status"] = tostring(status) }))
end

-- The answer that return-response makes of a variable with a response: a copy, since the variable stays as it is.
function R.answer_of(_, variables, name)
  local given = variables[name]
  if given == nil then R.throw("The given key '" .. name .. "' was not present in the dictionary.") end
  if given == R.NULL then R.throw("Object reference not set to an instance of an object.") end
  if getmetatable(given) ~= R.Response then
    R.throw("Unable to cast object of type '" .. R.type_of(given) .. "' to type 'IResponse'.")
  end
  local headers = R.copy_headers(given.headers)
  -- They say how the message was framed on its way here.
  headers:remove("transfer-encoding")
  headers:remove("content-length")
  headers:remove("connection")
  headers:remove("keep-alive")
  return R.new_response(headers, given.body, given.reason)
end

-- -- bodies

-- Envoy's handles of headers do not outlive a pause of the script: whatever has waited asks for them anew.
function R.resumed(q)
  if q.slots then R.slots_resumed(q) end
  if q.responding then
    q.request = q.h:requestHeaders()
    if not q.made then q.response = q.h:headers() end
    if q.native then q.native.headers = q.response end
  else
    q.request = q.h:headers()
  end
end

local function received(q)
  local own = { body = nil, consumed = false, changed = false }
  local buffer = q.h:body()
  if buffer then own.body = buffer:getBytes(0, buffer:length()) end
  R.resumed(q)
  return own
end

-- What holds a message's body: an R.Response itself, or a record of Envoy's message.
local function holder(q, which)
  if type(which) == "table" then
    if not which.q then return which end
    which = "response"
  end
  if which == "request" then
    local own = q.request_body
    if own then return own end
    -- In outbound the request is gone.
    own = q.responding and { consumed = false, changed = false } or received(q)
    q.request_body = own
    return own
  end
  if q.made then return q.made end
  local own = q.response_body
  if own then return own end
  own = q.responding and received(q) or { consumed = false, changed = false }
  q.response_body = own
  return own
end

-- The text of a body; nil if there is none, or if it has been consumed.
function R.body(q, which)
  local own = holder(q, which)
  if own.consumed or own.body == "" then return nil end
  return own.body
end

function R.set_body(q, which, text)
  text = text or ""
  if type(which) == "table" and not which.q then
    which.body, which.consumed = text, false
  elseif which == "request" then
    q.request_body = { body = text, consumed = false, changed = true }
  elseif q.made then
    q.made.body, q.made.consumed = text, false
  else
    q.response_body = { body = text, consumed = false, changed = true }
  end
end

-- context.Request.Body and its like: null without a body.
R.Body = { type = "IMessageBody" }
R.Body.__index = R.Body

function R.message_body(q, which)
  local own = holder(q, which)
  if own.body == nil or (own.body == "" and not own.consumed) then return nil end
  return setmetatable({ holder = own }, R.Body)
end

function R.body_as(body, kind, preserve)
  local own = body.holder
  if own.consumed then
    R.throw("The message body has been read already; read it with preserveContent to read it again.")
  end
  local read = R.body_types[kind]
  if not read then error("no body is a " .. kind, 0) end
  if not preserve then own.consumed = true end
  return read(own.body)
end

function R.body_types.string(text)
  -- A byte order mark says how the text is written, and is no part of it.
  if string.sub(text, 1, 3) == "\239\187\191" then return string.sub(text, 4) end
  return text
end

R.body_types["byte[]"] = function(text)
  return R.bytes(text)
end

-- The text that is sent for a body.
function R.sent_body(own)
  if own.consumed then return "" end
  return own.body or ""
end

-- -- what Envoy sends

local bodiless = { ["204"] = true, ["304"] = true }

function R.has_no_body(status)
  return bodiless[status] == true
end

-- Before Envoy forwards the request: with another body where policies have read or set it.
function R.settle_request(q)
  local own = q.request_body
  if own and (own.changed or own.consumed) then
    q.h:body(true):setBytes(R.sent_body(own))
    R.resumed(q)
  end
end

-- Before Envoy sends the response on. `head`: whether the client asked with HEAD, and gets no body.
function R.settle_response(q, head)
  local own, response = q.response_body, q.response
  if R.has_no_body(response:get(":status")) then
    -- Whatever the backend sent stands behind headers that say there is nothing.
    if not head and (own or q.status_set) then
      q.h:body(true):setBytes("")
      q.h:headers():remove("content-length")
    end
  elseif (own and (own.changed or own.consumed)) or (head and q.asked_with) then
    if head and q.asked_with then
      -- The backend was asked with another method, and has sent a body.
      q.h:body(true):setBytes("")
      q.h:headers():remove("content-length")
    elseif head then
      response:remove("content-length")
    else
      q.h:body(true):setBytes(R.sent_body(own))
    end
  end
end
