"""TG11 and TG12: manifests, their kinds and fields. Reading files is in `reading`."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, info, warning

KIND_UNKNOWN: Final = error("TG1101", "kind-unknown", "{api_version} has no kind `{kind}`")
KIND_UNSUPPORTED: Final = error("TG1102", "kind-unsupported", "{kind} of {group} is not supported yet")
VERSION_UNKNOWN: Final = error("TG1103", "api-version-unknown", "{kind} is read as {expected}, not as `{api_version}`")
KIND_FOREIGN: Final = info("TG1104", "kind-foreign", "nothing is done with {what} of {api_version}")
OBJECT_NAMELESS: Final = error("TG1105", "object-nameless", "this {kind} has no `metadata.name`")
OBJECT_DUPLICATE: Final = error("TG1106", "object-duplicate", "{object} is declared twice")
KIND_MISSING: Final = error("TG1107", "kind-missing", "this document has `{present}` and no `{missing}`")
NAMESPACE_ON_CLUSTER_KIND: Final = warning(
    "TG1108", "namespace-on-cluster-kind", "{object} belongs to no namespace; `{namespace}` is not used"
)
GROUP_UNKNOWN: Final = error("TG1109", "group-unknown", "{kind} is read as {expected}, not as `{api_version}`")
FIELD_UNKNOWN: Final = error("TG1110", "field-unknown", "{subject} has no field `{field}`")
FIELD_UNSUPPORTED: Final = error("TG1111", "field-unsupported", "{subject}: `{field}` is not supported yet")
FIELD_MISSING: Final = error("TG1112", "field-missing", "{subject} needs `{field}`")
FIELD_TYPE: Final = error("TG1113", "field-type", "{subject}: `{field}` must be {expected}, got {got}")
FIELD_VALUE: Final = error("TG1114", "field-value", "{subject}: `{field}` must be {expected}, got {got}")
VALUE_UNFILLED: Final = error("TG1115", "value-unfilled", "{subject}: nothing fills `${{{name}}}` in `{field}`")
VALUE_UNSUPPORTED: Final = error("TG1116", "value-unsupported", "{subject}: `{field}: {value}` is not supported yet")

RUN_COMMAND: Final = error("TG1201", "run-command-unreadable", "{object}: `tidegate.dev/run` is {reason}")
RUN_CONTAINERS: Final = error(
    "TG1202",
    "run-with-containers",
    "{object} has `tidegate.dev/run` and {count} containers; one process has one environment",
)
SECRET_DATA: Final = error("TG1203", "secret-data-unreadable", "{object}: `{key}` is not base64")
ENDPOINTS_ANNOTATION: Final = error(
    "TG1204", "endpoints-annotation-unreadable", "{object}: `tidegate.dev/endpoints` has {got}, not ADDRESS:PORT"
)
TIMESTAMP: Final = error("TG1205", "timestamp-unreadable", "{subject}: `{field}` is not an RFC 3339 time: `{got}`")
CERTIFICATE: Final = error("TG1206", "certificate-unreadable", "{object} holds no usable certificate: {reason}")
REPLICA_ADDRESS: Final = error("TG1207", "endpoint-address-unreadable", "{object}: `{got}` is not an IP address")

APIM_SPECIFICATION_MISSING: Final = error(
    "TG1222", "apim-specification-missing", "API {api} has no OpenAPI specification"
)
APIM_SPECIFICATION: Final = error("TG1223", "apim-specification-unreadable", "the specification of API {api} {reason}")
APIM_OPERATION_UNKNOWN: Final = error(
    "TG1224", "apim-operation-unknown", "API {api} has no operation `{operation}` for this policy"
)
APIM_PATH_TAKEN: Final = error("TG1225", "apim-path-taken", "APIs {first} and {second} have the same path `/{path}`")
APIM_FILE_UNSUPPORTED: Final = error("TG1226", "apim-artifact-unsupported", "{what} is not supported yet")
APIM_FILE_UNREAD: Final = info("TG1227", "apim-artifact-unread", "nothing is done with {what}")
APIM_NAMED_VALUE: Final = error("TG1228", "apim-named-value-unresolved", "named value `{name}` {reason}")
APIM_SERVICE_URL: Final = error("TG1229", "apim-service-url-unreadable", "API {api}: `serviceUrl` {reason}")
APIM_OPERATION_TAKEN: Final = error(
    "TG1230", "apim-operation-taken", "operations {first} and {second} of API {api} have the same method and path"
)

CODES: Final = (
    KIND_UNKNOWN,
    KIND_UNSUPPORTED,
    VERSION_UNKNOWN,
    KIND_FOREIGN,
    OBJECT_NAMELESS,
    OBJECT_DUPLICATE,
    KIND_MISSING,
    NAMESPACE_ON_CLUSTER_KIND,
    GROUP_UNKNOWN,
    FIELD_UNKNOWN,
    FIELD_UNSUPPORTED,
    FIELD_MISSING,
    FIELD_TYPE,
    FIELD_VALUE,
    VALUE_UNFILLED,
    VALUE_UNSUPPORTED,
    RUN_COMMAND,
    RUN_CONTAINERS,
    SECRET_DATA,
    ENDPOINTS_ANNOTATION,
    TIMESTAMP,
    CERTIFICATE,
    REPLICA_ADDRESS,
    APIM_SPECIFICATION_MISSING,
    APIM_SPECIFICATION,
    APIM_OPERATION_UNKNOWN,
    APIM_PATH_TAKEN,
    APIM_FILE_UNSUPPORTED,
    APIM_FILE_UNREAD,
    APIM_NAMED_VALUE,
    APIM_SERVICE_URL,
    APIM_OPERATION_TAKEN,
)
