{
    "name": "Tenantry",
    "summary": "Loaded by every process; there is nothing to install",
    "author": "Tenantry",
    "version": "1.0",
    "license": "Other OSI approved licence",
    "installable": False,
}
