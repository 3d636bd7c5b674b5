"""Builds a template database: Odoo and its modules, attachments in the database, pages made ahead.

Runs inside the Odoo image, with the environment that BUILD_SCRIPT's documentation lists.
It begins only in an empty database, because Odoo does not resume a half-made one.
The last thing it writes is a parameter that says so; whoever seals the template looks for it.
"""

import os
import subprocess
import sys

FINISHED = "tenantry.template"
NOT_EMPTY = 3

# What a browser loads for the login page and the first page of the web client.
# Whatever else there is (reports, editors, charts) Odoo makes when somebody first needs it.
STYLES = ["web.assets_frontend", "web.assets_web", "web.assets_web_print"]
SCRIPTS = [
    "web.assets_frontend_minimal",
    "web.assets_frontend_lazy",
    "web.assets_web",
    "bus.websocket_worker_assets",
]


def options():
    """What every call of Odoo gets. The connection comes from PG* variables, which Odoo reads itself."""
    data_dir = os.environ.get("TENANTRY_DATA_DIR", "/tmp/tenantry-build")
    found = [
        "--database=" + os.environ["PGDATABASE"],
        "--data-dir=" + data_dir,
        "--no-http",
        "--workers=0",
        "--max-cron-threads=0",
        # Odoo 19 takes a boolean, warns, and understands this one; older ones need it.
        "--without-demo=all",
    ]
    if os.environ.get("TENANTRY_ADDONS_PATH"):
        found.append("--addons-path=" + os.environ["TENANTRY_ADDONS_PATH"])
    return found


def initialise():
    """Odoo's own installation, in a process of its own."""
    modules = ["base"] + [name for name in os.environ.get("TENANTRY_MODULES", "").split(",") if name]
    command = ["odoo", "server", *options(), "--init=" + ",".join(modules), "--stop-after-init"]
    if os.environ.get("TENANTRY_LANGUAGE"):
        command.append("--load-language=" + os.environ["TENANTRY_LANGUAGE"])
    subprocess.run(command, check=True)


def refuse_leftovers():
    """Looks with Odoo's own driver, before Odoo is started."""
    import psycopg2

    # libpq takes host, port, user, password and database from the same variables.
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.ir_module_module') IS NOT NULL")
        if cursor.fetchone()[0]:
            print("the database is not empty: drop the template and begin anew", file=sys.stderr)
            sys.exit(NOT_EMPTY)


def set_country(env, code):
    """As Odoo's own database creation does it."""
    country = env["res.country"].search([("code", "=", code.upper())], limit=1)
    if not country:
        raise SystemExit(f"there is no country {code}")
    values = {"country_id": country.id}
    if country.currency_id:
        country.currency_id.active = True
        values["currency_id"] = country.currency_id.id
    env["res.company"].browse(1).write(values)


def make_bundles(env):
    """The bundles of the first pages, in every reading direction and for every website."""
    directions = set(env["res.lang"].search([]).mapped("direction"))
    contexts = [{}]
    if "website" in env:
        contexts += [{"website_id": website.id} for website in env["website"].search([])]
    qweb = env["ir.qweb"]
    for context in contexts:
        params = {"assets_params": context} if context else {}
        for bundle in SCRIPTS:
            qweb._get_asset_bundle(bundle, css=False, js=True, **params).js()
        for bundle in STYLES:
            for direction in directions:
                qweb._get_asset_bundle(
                    bundle, css=True, js=False, rtl=direction == "rtl", **params
                ).css()


def finish(env):
    """Moves attachments into the database, makes the bundles, and says that it is done."""
    parameters = env["ir.config_parameter"].sudo()
    parameters.set_param("ir_attachment.location", "db")
    env["ir.attachment"].force_storage()
    if os.environ.get("TENANTRY_COUNTRY"):
        set_country(env, os.environ["TENANTRY_COUNTRY"])
    make_bundles(env)
    parameters.set_param(FINISHED, "finished")
    env.cr.commit()


def in_odoo():
    """The registry of the database that was just made, without a server around it."""
    import odoo
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(options(), setup_logging=True)
    with Registry(os.environ["PGDATABASE"]).cursor() as cursor:
        finish(odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {}))


if __name__ == "__main__":
    refuse_leftovers()
    initialise()
    in_odoo()
