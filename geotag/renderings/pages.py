"""Pages of one file for people to look at: nothing is loaded, nothing is sent, no script runs unless named.

A content security policy (CSP 3) stands at their head, so a name from outside cannot do more than be read.
"""

from __future__ import annotations

import base64
import hashlib
import html


def csp_hash(text: str) -> str:
    """How a content security policy names a script or style that a page may have (CSP 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def page(title: str, style: str, body: str) -> str:
    """An HTML page without scripts, whose pictures are all in it. `body` is HTML, `title` is text."""
    policy = (
        f"default-src 'none'; img-src data:; style-src {csp_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>\n<body>\n{body}</body></html>\n"
    )


def image(content: bytes, kind: str, alt: str) -> str:
    """A picture in a page, as HTML: the file's bytes, its subtype (webp, png), and what it shows in words."""
    data = base64.b64encode(content).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/{kind};base64,{data}">'
