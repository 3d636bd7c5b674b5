"""What every process of a tenant's Odoo loads beside Odoo itself. There is nothing to install."""

from . import cookies, outage
