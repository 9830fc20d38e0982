#!/usr/bin/env bash
# Bring a backup back: restore.sh FILE URL, into an empty database, while no liveshop process runs.
#
# 1. All of it is restored, or nothing (one transaction).
# 2. The gate's epoch is ended: Redis knows of orders that came after the backup, so it must not be believed. The first
#    `liveshop work` that starts writes what is left of the order stream (holds that the backup missed become orders), begins a new
#    epoch and rebuilds every open offer from the ledger. Nothing needs to be deleted in Redis.
# 3. What must hold is asked of the database (verify.sql); a backup that does not add up is an error.
set -euo pipefail
file=$1 url=$2
here=$(dirname "$0")
tables=$(psql "$url" --no-psqlrc --tuples-only --no-align --command \
  "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
if [ "$tables" != 0 ]; then
  echo "restore.sh: the database is not empty ($tables tables); restore into a new one: createdb" >&2
  exit 1
fi
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$url" "$file"
psql "$url" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file="$here/end_epoch.sql" --file="$here/verify.sql"
echo "restored; start liveshop migrate, then work, then serve"
