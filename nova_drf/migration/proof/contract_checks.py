"""The checks of the contract diff, and how grave each is.

The ids are those of oasdiff, so that teams who know it know these; so are the severities, which its
rules of August 2026 give them. A change that oasdiff has no check for has none here.
"""

from __future__ import annotations

from enum import IntEnum


class Severity(IntEnum):
    """What a change does to clients that were written for the old contract."""

    HARMLESS = 1
    RISKY = 2
    BREAKING = 3


_BREAKING = """
api-path-removed-without-deprecation api-removed-without-deprecation
new-request-path-parameter new-required-request-parameter
new-required-request-default-parameter-to-existing-path
new-required-request-property new-required-request-property-with-default
request-body-added-required request-body-became-required request-body-removed
request-body-media-type-removed
request-body-became-enum request-body-became-not-nullable request-body-enum-value-removed
request-body-type-changed request-body-one-of-removed request-body-any-of-removed
request-property-became-enum request-property-became-not-nullable request-property-became-required
request-property-became-required-with-default request-property-enum-value-removed
request-property-max-decreased request-property-max-length-decreased
request-property-exclusive-max-decreased request-property-exclusive-min-increased
request-property-min-increased request-property-min-items-increased
request-property-min-length-increased request-property-pattern-added request-property-type-changed
request-property-one-of-removed request-property-any-of-removed
request-parameter-became-enum request-parameter-became-not-nullable
request-parameter-became-required request-parameter-default-value-added
request-parameter-default-value-changed request-parameter-default-value-removed
request-parameter-enum-value-removed request-parameter-max-decreased
request-parameter-max-length-decreased request-parameter-max-items-decreased
request-parameter-exclusive-max-decreased request-parameter-exclusive-min-increased
request-parameter-min-increased request-parameter-min-items-increased
request-parameter-min-length-increased request-parameter-pattern-added
request-parameter-type-changed
required-response-header-removed response-header-became-optional
response-media-type-removed response-success-status-removed
response-body-became-nullable response-body-type-changed response-body-type-generalized
response-body-one-of-added
response-property-became-nullable response-property-became-optional
response-property-exclusive-max-increased response-property-exclusive-min-decreased
response-property-max-increased response-property-max-length-increased
response-property-max-length-unset response-property-min-decreased
response-property-min-items-decreased response-property-min-items-unset
response-property-min-length-decreased response-property-one-of-added
response-property-type-changed response-property-type-generalized
response-required-property-removed
"""

_RISKY = """
request-parameter-removed request-property-removed
request-property-max-set request-property-max-length-set request-property-min-set
request-property-min-items-set request-property-exclusive-max-set
request-property-exclusive-min-set request-property-pattern-changed
request-parameter-max-set request-parameter-max-length-set request-parameter-min-set
request-parameter-min-items-set request-parameter-exclusive-max-set
request-parameter-exclusive-min-set request-parameter-pattern-changed
optional-response-header-removed
response-optional-property-removed response-property-enum-value-added
"""

_HARMLESS = """
api-path-removed-with-deprecation api-removed-with-deprecation
api-operation-id-added api-operation-id-removed api-security-added api-security-removed
api-tag-added api-tag-removed endpoint-added endpoint-deprecated endpoint-reactivated
new-optional-request-parameter new-optional-request-property
request-body-added-optional request-body-became-optional request-body-media-type-added
request-body-became-nullable request-body-type-generalized request-body-one-of-added
request-body-any-of-added
request-property-became-nullable request-property-became-optional
request-property-default-value-added request-property-default-value-changed
request-property-default-value-removed request-property-enum-value-added
request-property-max-increased request-property-max-length-increased
request-property-exclusive-max-increased request-property-exclusive-min-decreased
request-property-min-decreased request-property-min-length-decreased
request-property-pattern-removed request-property-type-generalized request-property-one-of-added
request-property-any-of-added
request-parameter-became-nullable request-parameter-became-optional
request-parameter-enum-value-added request-parameter-max-increased
request-parameter-max-length-increased request-parameter-max-items-increased
request-parameter-exclusive-max-increased request-parameter-exclusive-min-decreased
request-parameter-min-decreased request-parameter-min-items-decreased
request-parameter-min-length-decreased request-parameter-pattern-removed
request-parameter-removed-with-deprecation request-parameter-type-generalized
request-parameter-deprecated request-parameter-reactivated
response-header-added response-media-type-added
response-success-status-added response-non-success-status-added
response-non-success-status-removed
response-body-became-not-nullable response-body-type-specialized response-body-one-of-removed
response-body-any-of-added response-body-any-of-removed
response-property-became-not-nullable response-property-became-required
response-property-default-value-added response-property-default-value-changed
response-property-default-value-removed response-property-enum-value-removed
response-property-one-of-removed response-property-any-of-added response-property-any-of-removed
response-property-pattern-added
response-property-pattern-changed response-property-pattern-removed
response-property-type-specialized
response-optional-property-added response-required-property-added
"""

CHECKS: dict[str, Severity] = {
    name: severity
    for severity, names in (
        (Severity.BREAKING, _BREAKING),
        (Severity.RISKY, _RISKY),
        (Severity.HARMLESS, _HARMLESS),
    )
    for name in names.split()
}
"""The severity of each check."""
