#!/bin/sh
# A static program of ten lines. In: ROOT (empty directory to fill), RECIPE (this directory).
set -eu
cc -Os -static -s -o "$ROOT/pause" "$RECIPE/pause.c"
