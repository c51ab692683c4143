"""Newtonsoft.Json in expressions.

Source: Newtonsoft's documentation, pages "LINQ to JSON", "Querying JSON with LINQ", "Creating JSON", "Modifying JSON",
"Merging JSON", "Serialization Guide" and "Serializing Dates in JSON"; the reference of JToken's explicit conversions.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, problems, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module."""
    return runtime()


DATA = (
    '{"name":"Bad Boys","year":1995,"big":9007199254740993,"price":8.5,"ok":true,"none":null,"text":"12",'
    '"at":"2015-04-07T10:00:00Z","list":[1,2,3],"items":[{"id":"a","n":1},{"id":"b","n":2}],"in":{"x":{"y":"z"}}}'
)


def said(vm: LuaRuntime, code: str) -> str:
    """The value of an expression in which `o` is DATA as a JObject."""
    quoted = DATA.replace('"', '\\"')
    text = code if code.startswith("{") else f"return {code};"
    return str(evaluate(f'{{ var o = JObject.Parse("{quoted}"); {text.removeprefix("{").removesuffix("}")} }}', vm=vm))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        # -- reading
        ('(string)o["name"]', "Bad Boys"),
        ('o["in"]["x"]["y"].ToString()', "z"),
        ('(string)o["in"]["x"].First', "z"),
        ('(string)o["items"][1]["id"]', "b"),
        ('((int)o["year"] + 1).ToString()', "1996"),
        ('((long)o["big"] + 1).ToString()', "9007199254740994"),
        ('((double)o["price"] * 2).ToString()', "17"),
        ('((decimal)o["price"]).ToString()', "8.5"),
        ('((bool)o["ok"]).ToString()', "True"),
        ('((int)o["text"]).ToString()', "12"),
        ('((int)o["price"]).ToString()', "8"),
        ('((int?)o["none"] == null).ToString()', "True"),
        ('((string)o["none"] == null).ToString()', "True"),
        ('((DateTime)o["at"]).Hour.ToString()', "10"),
        ('(o["nope"] == null).ToString()', "True"),
        ('(o["none"] == null).ToString()', "False"),
        ('o["none"].ToString() + o["ok"] + o["price"]', "True8.5"),
        ('o["nope"]?["deeper"]?.ToString() ?? "none"', "none"),
        ('o.Value<string>("year")', "1995"),
        ('(o.Value<int>("nope") + o.Value<int>("year")).ToString()', "1995"),
        ('o["list"].Value<int>(1).ToString()', "2"),
        ('o["list"].Values<int>().Sum().ToString()', "6"),
        ('o["at"].ToString()', "04/07/2015 10:00:00"),
        # -- types and places
        ('o["year"].Type + "," + o["price"].Type + "," + o["none"].Type + "," + o["at"].Type',
         "Integer,Float,Null,Date"),
        ('(o["list"].Type == JTokenType.Array).ToString()', "True"),
        ('o["items"][1]["n"].Path', "items[1].n"),
        ('o["in"]["x"].Parent.Parent.Parent.Path + o["in"].Root.Path', "in"),
        ('o["list"].First + "" + o["list"].Last + o["list"][1].Next + o["list"][1].Previous', "1331"),
        ('o["list"].HasValues + "," + o["name"].HasValues', "True,False"),
        # -- queries
        ('o.SelectToken("items[1].id").ToString()', "b"),
        ('(string)o.SelectToken("$.items[?(@.id == \'a\')].n")', "1"),
        ('string.Join(",", o.SelectTokens("items[*].n"))', "1,2"),
        ('(o.SelectToken("no.where") == null).ToString()', "True"),
        ('string.Join(",", o.Properties().Take(2).Select(p => p.Name))', "name,year"),
        ('o["items"].Where(i => (int)i["n"] > 1).Select(i => (string)i["id"]).First()', "b"),
        ('o["items"].Children<JObject>().Select(i => i["id"]).Last().ToString()', "b"),
        ('o["items"].OrderByDescending(i => (int)i["n"]).First()["id"].ToString()', "b"),
        ('o.Descendants().OfType<JProperty>().Count().ToString()', "17"),
        ('(o.ContainsKey("name") && !o.ContainsKey("Name")).ToString()', "True"),
        ('{ JToken t; return o.TryGetValue("year", out t) ? t.ToString() : "no"; }', "1995"),
        ('o.Count + "," + ((JArray)o["list"]).Count + "," + o["list"].Count()', "11,3,3"),
        ('JArray.Parse("[1,1.0,1,\\"1\\",\\"1\\"]").Distinct().Count().ToString()', "3"),
        # -- texts
        ('o["list"].ToString(Formatting.None) + o["in"].ToString(Formatting.None)', '[1,2,3]{"x":{"y":"z"}}'),
        ('o["in"].ToString()', '{\r\n  "x": {\r\n    "y": "z"\r\n  }\r\n}'),
        ('o["name"].ToString(Formatting.None)', '"Bad Boys"'),
        ('new JObject().ToString() + new JArray().ToString()', "{}[]"),
        # -- building
        ('new JObject(new JProperty("a", 1), new JProperty("b", new JArray("x", true, null, 2.5)))'
         '.ToString(Formatting.None)',
         '{"a":1,"b":["x",true,null,2.5]}'),
        ('new JObject { ["a"] = 1L, ["b"] = "x", ["c"] = o["list"] }.ToString(Formatting.None)',
         '{"a":1,"b":"x","c":[1,2,3]}'),
        ('new JObject { { "a", 1.0 }, { "b", new JArray { 1, 2 } } }.ToString(Formatting.None)', '{"a":1.0,"b":[1,2]}'),
        ('new JArray(o["items"].Select(i => i["id"])).ToString(Formatting.None)', '["a","b"]'),
        ('JObject.FromObject(new { a = 1, b = new[] { "x" }, c = (string)null }).ToString(Formatting.None)',
         '{"a":1,"b":["x"],"c":null}'),
        ('JToken.FromObject(new List<int> { 1, 2 }).ToString(Formatting.None)', "[1,2]"),
        ('JsonConvert.SerializeObject(new Dictionary<string, object> { { "a", 1 }, { "b", o["list"] } })',
         '{"a":1,"b":[1,2,3]}'),
        ('JsonConvert.SerializeObject(new { d = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc) })',
         '{"d":"2020-01-02T03:04:05Z"}'),
        ('JsonConvert.SerializeObject("a\\"\\u2028")', '"a\\"\\u2028"'),
        ('JsonConvert.SerializeObject(1.0) + JsonConvert.SerializeObject(1e20) + JsonConvert.SerializeObject(0.1)',
         "1.01E+200.1"),
        ('JsonConvert.SerializeObject(new { a = (string)null, b = 1 },'
         ' new JsonSerializerSettings { NullValueHandling = NullValueHandling.Ignore })', '{"b":1}'),
        ('JsonConvert.DeserializeObject<JObject>("{\\"d\\":\\"2020-01-02T03:04:05Z\\"}",'
         ' new JsonSerializerSettings { DateParseHandling = DateParseHandling.None })["d"].Type.ToString()', "String"),
        # -- reading into .NET's types
        ('JsonConvert.DeserializeObject<JArray>("[1]").Count.ToString()', "1"),
        ('JsonConvert.DeserializeObject<Dictionary<string, string>>("{\\"a\\":\\"b\\"}")["a"]', "b"),
        ('o["list"].ToObject<int[]>().Length + string.Join("", o["list"].ToObject<List<string>>())', "3123"),
        # -- changing
        ('{ o["new"] = 1; o["year"] = "x"; o.Remove("items"); o.Property("list").Remove();'
         ' return o["new"] + "" + o["year"] + o["items"] + o["list"]; }', "1x"),
        ('{ var a = (JArray)o["list"]; a.Add(4); a.RemoveAt(0); a.Insert(0, "f"); a[1] = null;'
         ' return a.ToString(Formatting.None); }',
         '["f",null,3,4]'),
        ('{ o["in"]["x"]["y"].Replace(new JArray(1)); return o["in"].ToString(Formatting.None); }', '{"x":{"y":[1]}}'),
        ('{ var p = o.Property("name"); p.Value = 5; return p.Name + o["name"]; }', "name5"),
        ('{ o["in"].Parent.Remove(); return o.ContainsKey("in").ToString(); }', "False"),
        ('{ var c = (JObject)o["in"].DeepClone(); c["x"] = 1; return (string)o["in"]["x"]["y"]; }', "z"),
        ('{ var c = new JObject(new JProperty("a", o["list"])); ((JArray)c["a"]).Clear();'
         ' return o["list"].Count().ToString(); }', "3"),
        ('{ var a = JObject.Parse("{\\"l\\":[1,2],\\"k\\":1}");'
         ' a.Merge(JObject.Parse("{\\"l\\":[2,3],\\"k\\":null,\\"n\\":{}}"));'
         ' return a.ToString(Formatting.None); }', '{"l":[1,2,2,3],"k":1,"n":{}}'),
        ('{ var a = JObject.Parse("{\\"l\\":[1,2]}"); a.Merge(JObject.Parse("{\\"l\\":[2,3]}"),'
         ' new JsonMergeSettings { MergeArrayHandling = MergeArrayHandling.Union });'
         ' return a.ToString(Formatting.None); }',
         '{"l":[1,2,3]}'),
        ('{ var s = ""; foreach (var pair in (JObject)o["in"]) { s += pair.Key + pair.Value["y"]; } return s; }', "xz"),
        ('{ var s = ""; foreach (var t in o["list"]) { s += t; } return s; }', "123"),
        ('JToken.DeepEquals(JToken.Parse("{\\"a\\":1,\\"b\\":2}"), JToken.Parse("{\\"b\\":2,\\"a\\":1}")).ToString()',
         "True"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, code: str, value: str) -> None:
    """Members by what they give."""
    assert said(vm, code) == value


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('(int)o["name"] + ""', "Input string was not in a correct format."),
        ('(int)o["none"] + ""', "Can not convert Null to Int32."),
        ('(string)o["list"]', "Can not convert Array to String."),
        ('(int)o["nope"] + ""', "Value cannot be null. (Parameter 'value')"),
        ('(bool)o["name"] + ""', "String 'Bad Boys' was not recognized as a valid Boolean."),
        ('o["list"][3].ToString()', "Index was out of range. Must be non-negative and less than the size of the "
                                    "collection. (Parameter 'index')"),
        ('o["list"]["x"].ToString()',
         'Accessed JArray values with invalid key value: "x". Int32 array index expected.'),
        ('o["name"]["x"].ToString()', "Cannot access child value on Newtonsoft.Json.Linq.JValue."),
        ('o["nope"].ToString()', "Object reference not set to an instance of an object."),
        ('o.SelectToken("nope", true).ToString()', "Property 'nope' does not exist on JObject."),
        ('JArray.Parse("{}").ToString()',
         "Error reading JArray from JsonReader. Current JsonReader item is not an array: StartObject. "
         "Path '', line 1, position 1."),
        ('{ o.Add("name", 1); return ""; }',
         "Can not add property name to Newtonsoft.Json.Linq.JObject. Property with the same name already exists on "
         "object."),
        ('{ o["list"][0].Parent.Add(new JProperty("a", 1)); return ""; }',
         "Can not add Newtonsoft.Json.Linq.JProperty to Newtonsoft.Json.Linq.JArray."),
        ('o.Value<int>("list") + ""', "Cannot cast Newtonsoft.Json.Linq.JArray to Newtonsoft.Json.Linq.JToken."),
        ('JsonConvert.DeserializeObject<int[]>("{}").Length + ""',
         "Cannot deserialize the current JSON object into type 'int[]'."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, code: str, message: str) -> None:
    """Exceptions say what Newtonsoft's say."""
    with pytest.raises(Thrown) as thrown:
        said(vm, code)
    assert str(thrown.value) == message


def test_readers_exceptions_are_caught_by_name(vm: LuaRuntime) -> None:
    """catch (JsonReaderException) and its bases."""
    code = '{ try { JToken.Parse("{"); return ""; } catch (JsonReaderException e) { return e.Message; } }'
    assert evaluate(code, vm=vm).startswith("Unexpected end")


def test_dates(vm: LuaRuntime) -> None:
    """DateParseHandling.DateTime: ISO text becomes a date, an offset becomes local time, here UTC."""
    for written, read in (
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04:05.1200000Z", "2020-01-02T03:04:05.12Z"),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:05"),
        ("2020-01-02T03:04:05+02:00", "2020-01-02T01:04:05+00:00"),
        ("2020-01-02", "2020-01-02"),
        ("2020-13-02T03:04:05Z", "2020-13-02T03:04:05Z"),
        ("2020-01-02 03:04:05Z", "2020-01-02 03:04:05Z"),
    ):
        code = f'JArray.Parse("[\\"{written}\\"]").ToString(Formatting.None)'
        assert evaluate(code, vm=vm) == f'["{read}"]'


def test_a_token_is_no_string() -> None:
    """C# compares a JToken with a string only after a cast."""
    assert problems('JObject.Parse("{}")["a"] == "x" ? "y" : "n"')
