"""The audit trail's chain: every step, every change of a field and every access becomes one link of it.

A link's digest covers the one before it, so that no link can be changed, left out, moved or put in between without
breaking all that follow. The last digest, the head, is also kept outside the database (``head``): that tells a chain
that was cut or computed anew. What a link says of its row is a salted commitment: personal data go with their salt
(``erasure``), the link stays. ``sealing`` makes the chain longer, ``verification`` follows it.
"""

from .erasure import erase
from .sealing import seal
from .verification import check, verify

__all__ = ["check", "erase", "seal", "verify"]
