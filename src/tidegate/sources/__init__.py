"""Text to located trees: YAML, JSON and policy XML. No Gateway API or policy words here, only shapes and places.

Reading order: `source` (a file's text), `nodes` (located YAML/JSON values), `yaml` with `scalars` and `values`, `json`,
`embedded` (documents inside scalars), `csharp` and `fence` (where C# begins and ends inside a policy document),
`placed` (text that knows where its characters stood), `elements` and `xml`. `limits` holds every limit.
"""

from tidegate.sources.elements import Attribute, Element, Expression, Text
from tidegate.sources.embedded import embedded
from tidegate.sources.fence import Fence
from tidegate.sources.json import read_json
from tidegate.sources.nodes import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.placed import Placed
from tidegate.sources.source import Source, SourceSet
from tidegate.sources.values import fill, unfilled
from tidegate.sources.xml import read_xml
from tidegate.sources.yaml import read_yaml

__all__ = [
    "Attribute",
    "Element",
    "Entry",
    "Expression",
    "Fence",
    "Mapping",
    "Node",
    "Placed",
    "Scalar",
    "Sequence",
    "Source",
    "SourceSet",
    "Text",
    "embedded",
    "fill",
    "read_json",
    "read_xml",
    "read_yaml",
    "unfilled",
]
