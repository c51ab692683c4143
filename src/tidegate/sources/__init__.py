"""Text to located trees: YAML, JSON and policy XML. No Gateway API or policy words here, only shapes and places.

Reading order: `source` (a file's text), `nodes` (located YAML/JSON values), `yaml`, `json`, `fence` (where C# begins
and ends inside a policy document), `xml`.
"""

from tidegate.sources.nodes import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.source import Source, SourceSet

__all__ = ["Entry", "Mapping", "Node", "Scalar", "Sequence", "Source", "SourceSet"]
