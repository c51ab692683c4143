-- Escaping for URLs and HTML: System.Uri's static methods, System.Net.WebUtility and System.Web.HttpUtility.

local byte, char, find, format, gmatch, gsub, match = string.byte, string.char, string.find, string.format, string.gmatch,
  string.gsub, string.match

-- -- Uri: RFC 3986

local function escaped(b)
  return format("%%%02X", byte(b))
end

local function escaper(kept)
  local pattern = "[^" .. kept .. "]"
  return function(text)
    R.argument(text, "stringToEscape")
    if not find(text, pattern) then return text end
    R.check_size(#text * 3)
    return (gsub(R.utf8_data(text), pattern, escaped))
  end
end

-- Uri.EscapeDataString: all but unreserved characters (section 2.3).
R.escape_data_string = escaper("%w%-._~")
-- Uri.EscapeUriString: reserved characters stay, too (section 2.2).
R.escape_uri_string = escaper("%w%-._~:/?#%[%]@!$&'()*+,;=")

local function unescaped(code)
  return char(tonumber(code, 16))
end

-- Bytes that were escaped, if they are UTF-8; of others, what is UTF-8 of them. The rest stays escaped.
local function unescaped_run(run)
  local data = gsub(run, "%%(%x%x)", unescaped)
  if R.is_utf8(data) then return data end
  local parts = {}
  local at = 1
  while at <= #data do
    local size = 1
    for length = 1, 4 do
      local piece = string.sub(data, at, at + length - 1)
      if #piece == length and R.is_utf8(piece) then
        size = length
        break
      end
    end
    local piece = string.sub(data, at, at + size - 1)
    parts[#parts + 1] = R.is_utf8(piece) and piece or string.sub(run, at * 3 - 2, at * 3)
    at = at + size
  end
  return table.concat(parts)
end

-- A run of escapes is one text in UTF-8. `escape` is the pattern of those that are undone.
local function unescaped_runs(text, escape)
  R.tick(#text / 8)
  local parts, n, at = {}, 0, 1
  local anchored = "^" .. escape
  while true do
    local first = find(text, escape, at)
    if not first then break end
    local last = first + 3
    while find(text, anchored, last) do last = last + 3 end
    n = n + 2
    parts[n - 1] = string.sub(text, at, first - 1)
    parts[n] = unescaped_run(string.sub(text, first, last - 1))
    at = last
  end
  parts[n + 1] = string.sub(text, at)
  return table.concat(parts)
end

-- Uri.UnescapeDataString
function R.unescape_data_string(text)
  R.argument(text, "stringToUnescape")
  if not find(text, "%", 1, true) then return text end
  return unescaped_runs(text, "%%%x%x")
end

-- Only what is beyond ASCII.
function R.unescape_beyond_ascii(text)
  return unescaped_runs(text, "%%[89A-Fa-f]%x")
end

-- -- forms: a space is a plus

local function form_encoder(digits)
  return function(text)
    if text == nil then return nil end
    if not find(text, "[^%w%-_.!*()]") then return text end
    R.check_size(#text * 3)
    return (gsub(R.utf8_data(text), "[^%w%-_.!*()]", function(b)
      return b == " " and "+" or format(digits, byte(b))
    end))
  end
end

-- WebUtility writes digits in upper case, HttpUtility in lower case.
R.web_url_encode, R.http_url_encode = form_encoder("%%%02X"), form_encoder("%%%02x")

function R.url_decode(text)
  if text == nil then return nil end
  if not find(text, "[%%+]") then return text end
  R.tick(#text / 8)
  return R.utf8_text((gsub(gsub(text, "+", " "), "%%(%x%x)", unescaped)))
end

-- HttpUtility knows %uXXXX as well.
function R.http_url_decode(text)
  if text == nil then return nil end
  text = gsub(text, "%%u(%x%x%x%x)", function(code)
    return (gsub(R.char_text(tonumber(code, 16)), ".", escaped))
  end)
  return R.url_decode(text)
end

-- -- HTML

local html = { ["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;", ['"'] = "&quot;", ["'"] = "&#39;" }

function R.html_encode(text)
  if text == nil or not find(text, "[<>&\"'\128-\255]") then return text end
  R.check_size(#text * 6)
  text = gsub(text, "[<>&\"']", html)
  -- U+00A0 to U+00FF, and what is beyond U+FFFF, by number.
  text = gsub(text, "([\194\195])([\128-\191])", function(a, b)
    local code = (byte(a) - 192) * 64 + byte(b) - 128
    return code >= 160 and "&#" .. code .. ";" or nil
  end)
  return (gsub(text, "[\240-\244][\128-\191][\128-\191][\128-\191]", function(letter)
    local list = R.units(letter)
    return "&#" .. (0x10000 + (list[1] - 0xD800) * 1024 + list[2] - 0xDC00) .. ";"
  end))
end

function R.html_attribute_encode(text)
  return text and (gsub(text, "[<&\"']", html))
end

-- Named entities of HTML 4.01 and XML.
local named
local names = table.concat({
  "nbsp=a0 iexcl=a1 cent=a2 pound=a3 curren=a4 yen=a5 brvbar=a6 sect=a7 uml=a8 copy=a9 ordf=aa laquo=ab not=ac ",
  "shy=ad reg=ae macr=af deg=b0 plusmn=b1 sup2=b2 sup3=b3 acute=b4 micro=b5 para=b6 middot=b7 cedil=b8 sup1=b9 ",
  "ordm=ba raquo=bb frac14=bc frac12=bd frac34=be iquest=bf Agrave=c0 Aacute=c1 Acirc=c2 Atilde=c3 Auml=c4 ",
  "Aring=c5 AElig=c6 Ccedil=c7 Egrave=c8 Eacute=c9 Ecirc=ca Euml=cb Igrave=cc Iacute=cd Icirc=ce Iuml=cf ETH=d0 ",
  "Ntilde=d1 Ograve=d2 Oacute=d3 Ocirc=d4 Otilde=d5 Ouml=d6 times=d7 Oslash=d8 Ugrave=d9 Uacute=da Ucirc=db ",
  "Uuml=dc Yacute=dd THORN=de szlig=df agrave=e0 aacute=e1 acirc=e2 atilde=e3 auml=e4 aring=e5 aelig=e6 ccedil=e7 ",
  "egrave=e8 eacute=e9 ecirc=ea euml=eb igrave=ec iacute=ed icirc=ee iuml=ef eth=f0 ntilde=f1 ograve=f2 oacute=f3 ",
  "ocirc=f4 otilde=f5 ouml=f6 divide=f7 oslash=f8 ugrave=f9 uacute=fa ucirc=fb uuml=fc yacute=fd thorn=fe yuml=ff ",
  "OElig=152 oelig=153 Scaron=160 scaron=161 Yuml=178 fnof=192 circ=2c6 tilde=2dc Alpha=391 Beta=392 Gamma=393 ",
  "Delta=394 Epsilon=395 Zeta=396 Eta=397 Theta=398 Iota=399 Kappa=39a Lambda=39b Mu=39c Nu=39d Xi=39e Omicron=39f ",
  "Pi=3a0 Rho=3a1 Sigma=3a3 Tau=3a4 Upsilon=3a5 Phi=3a6 Chi=3a7 Psi=3a8 Omega=3a9 alpha=3b1 beta=3b2 gamma=3b3 ",
  "delta=3b4 epsilon=3b5 zeta=3b6 eta=3b7 theta=3b8 iota=3b9 kappa=3ba lambda=3bb mu=3bc nu=3bd xi=3be omicron=3bf ",
  "pi=3c0 rho=3c1 sigmaf=3c2 sigma=3c3 tau=3c4 upsilon=3c5 phi=3c6 chi=3c7 psi=3c8 omega=3c9 thetasym=3d1 ",
  "upsih=3d2 piv=3d6 ensp=2002 emsp=2003 thinsp=2009 zwnj=200c zwj=200d lrm=200e rlm=200f ndash=2013 mdash=2014 ",
  "lsquo=2018 rsquo=2019 sbquo=201a ldquo=201c rdquo=201d bdquo=201e dagger=2020 Dagger=2021 bull=2022 hellip=2026 ",
  "permil=2030 prime=2032 Prime=2033 lsaquo=2039 rsaquo=203a oline=203e frasl=2044 euro=20ac image=2111 ",
  "weierp=2118 real=211c trade=2122 alefsym=2135 larr=2190 uarr=2191 rarr=2192 darr=2193 harr=2194 crarr=21b5 ",
  "lArr=21d0 uArr=21d1 rArr=21d2 dArr=21d3 hArr=21d4 forall=2200 part=2202 exist=2203 empty=2205 nabla=2207 ",
  "isin=2208 notin=2209 ni=220b prod=220f sum=2211 minus=2212 lowast=2217 radic=221a prop=221d infin=221e ang=2220 ",
  "and=2227 or=2228 cap=2229 cup=222a int=222b there4=2234 sim=223c cong=2245 asymp=2248 ne=2260 equiv=2261 ",
  "le=2264 ge=2265 sub=2282 sup=2283 nsub=2284 sube=2286 supe=2287 oplus=2295 otimes=2297 perp=22a5 sdot=22c5 ",
  "lceil=2308 rceil=2309 lfloor=230a rfloor=230b lang=2329 rang=232a loz=25ca spades=2660 clubs=2663 hearts=2665 ",
  "diams=2666 ",
})

local function lay_out()
  named = { quot = '"', amp = "&", lt = "<", gt = ">", apos = "'" }
  for name, code in gmatch(names, "(%w+)=(%x+) ") do named[name] = R.char_text(tonumber(code, 16)) end
end

function R.html_decode(text)
  if text == nil or not find(text, "&", 1, true) then return text end
  if not named then lay_out() end
  R.tick(#text / 8)
  return (gsub(text, "&([^;&]+);", function(entity)
    local number = match(entity, "^#(%d+)$")
    number = number and tonumber(number) or tonumber(match(entity, "^#[xX](%x+)$") or "z", 16)
    if not number then return named[entity] end
    if number == 0 or number > 0x10FFFF or (number >= 0xD800 and number < 0xE000) then return nil end
    return R.char_text(number)
  end))
end
