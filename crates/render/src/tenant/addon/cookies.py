"""Odoo's cookies, as a tenant behind an ingress needs them.

Odoo never marks its session cookie Secure: it leaves that to the proxy, and few proxies can. A
browser would send the session of a tenant over plain HTTP, to whoever answers there.
"""

import functools

import werkzeug

from odoo.http import request

_set_cookie = werkzeug.Response.set_cookie


@functools.wraps(_set_cookie)
def _set_secure_cookie(self, *args, **options):
    # In proxy mode this is the scheme that the user sees.
    if request and request.httprequest.scheme == "https":
        options["secure"] = True
    return _set_cookie(self, *args, **options)


# Every response of Odoo ends there.
werkzeug.Response.set_cookie = _set_secure_cookie
