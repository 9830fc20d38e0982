#!/usr/bin/env bash
# Back the ledger up: backup.sh URL FILE. May run while the shop sells; the dump is one moment of it.
#
# The file is written whole or not at all, and read back before it counts. What is placed after that moment is not in it: keep a
# replica or archive the WAL (pg_basebackup, PITR) where losing a day of orders is not bearable.
set -euo pipefail
url=$1 file=$2
draft="$file.$$"
trap 'rm -f "$draft"' EXIT
pg_dump --format=custom --compress=6 --no-owner --no-privileges --dbname="$url" --file="$draft"
pg_restore --list "$draft" > /dev/null
mv "$draft" "$file"
echo "backed up $(wc -c < "$file") bytes to $file"
