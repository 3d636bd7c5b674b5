"""An Odoo that outlives an outage of PostgreSQL.

Odoo's prefork server looks into the database before it replaces a worker that ended, and ends
itself when PostgreSQL does not answer; and the worker of scheduled actions ends with its connection.
The pod would be started again and again, with growing pauses, and come back minutes after
PostgreSQL has.
"""

import functools
import logging

import psycopg2

from odoo.service.server import PreforkServer

_logger = logging.getLogger(__name__)

_process_spawn = PreforkServer.process_spawn


@functools.wraps(_process_spawn)
def _process_spawn_later(self):
    try:
        _process_spawn(self)
    except psycopg2.OperationalError as error:
        # The server comes here again within seconds.
        _logger.warning("PostgreSQL does not answer; no worker is started: %s", error)


PreforkServer.process_spawn = _process_spawn_later
