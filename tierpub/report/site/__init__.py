"""A report that one looks at: a static site of a vault, up to one level.

`held` makes what the site may know: the vault as that level reads it, classified anew, and the
real projections of the level and those below. All else is derived from that and from nothing
above it: `pieces` (a note's text cut into what each level keeps), `tally` (counts), `remarks`
(findings), `audited` (those of an audit). `pages` and `render` make HTML of it, `folder` writes
it, whole or not at all.
"""

from __future__ import annotations

from tierpub.report.site.audited import AuditDocument, audit_remarks, read_audit
from tierpub.report.site.build import site
from tierpub.report.site.folder import Written, write
from tierpub.report.site.held import Held, hold
from tierpub.report.site.remarks import Remark, bounded, remarks_of

__all__ = [
    "AuditDocument",
    "Held",
    "Remark",
    "Written",
    "audit_remarks",
    "bounded",
    "hold",
    "read_audit",
    "remarks_of",
    "site",
    "write",
]
