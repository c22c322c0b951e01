#!/usr/bin/env bash
# Two databases, each with an owner of its own: Airflow's, and the ledger. PostgreSQL's image runs this once, when its
# volume is empty. An existing server: run it as a role that may create roles and databases (PGHOST, PGUSER …).
set -euo pipefail

secrets=${SECRETS:-/run/secrets}

make_database() { # NAME PASSWORD_FILE
    psql --set ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set name="$1" --set password="$(cat "$2")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database "${AIRFLOW_DATABASE:-airflow}" "${secrets}/airflow_database_password"
make_database "${LEDGER_DATABASE:-ledger}" "${secrets}/ledger_database_password"
