#!/usr/bin/env bash
# Makes every password and key of docker-compose.yaml once, in deploy/secrets; what is there already stays as it is.
# TLS: a self-signed certificate for the first start; replace tls_certificate and tls_key by the office's own.
# Usage: deploy/make-secrets.sh [FOLDER]; POSTGRES_SERVER and REDIS_SERVER name servers that are elsewhere.
set -euo pipefail

folder=${1:-$(dirname "${BASH_SOURCE[0]}")/secrets}
postgres=${POSTGRES_SERVER:-postgres:5432}
redis=${REDIS_SERVER:-redis:6379}
airflow_database=${AIRFLOW_DATABASE:-airflow}
ledger_database=${LEDGER_DATABASE:-ledger}

mkdir -p "${folder}"
chmod 0700 "${folder}" # containers get the files one by one; on the host only their owner comes this far

keep() { # NAME VALUE; without a line's end, which Airflow would take for part of it
    if [ ! -s "${folder}/$1" ]; then
        printf '%s' "$2" > "${folder}/$1"
        chmod 0444 "${folder}/$1"
    fi
}
random() { openssl rand -hex 32; }

for name in postgres_password airflow_database_password ledger_database_password redis_password jwt_secret api_secret_key oidc_client_secret admin_password grafana_password; do
    keep "${name}" "$(random)"
done
keep fernet_key "$(openssl rand -base64 32 | tr '+/' '-_')"
airflow_url="${airflow_database}:$(cat "${folder}/airflow_database_password")@${postgres}/${airflow_database}"
keep airflow_database_url "postgresql+psycopg2://${airflow_url}"
keep result_backend "db+postgresql://${airflow_url}"
keep ledger_database_url "postgresql+psycopg2://${ledger_database}:$(cat "${folder}/ledger_database_password")@${postgres}/${ledger_database}"
keep broker_url "redis://:$(cat "${folder}/redis_password")@${redis}/${REDIS_DATABASE:-0}"
if [ ! -s "${folder}/tls_key" ]; then
    openssl req -x509 -newkey rsa:3072 -nodes -days 90 -subj "/CN=${OBLIGATIONS_HOST:-localhost}" \
        -keyout "${folder}/tls_key" -out "${folder}/tls_certificate" 2>/dev/null
    chmod 0444 "${folder}/tls_key" "${folder}/tls_certificate"
fi
echo "密码和密钥在 ${folder}；请另存一份到安全的地方，丢失 fernet_key 后 Airflow 连接中的密码无法恢复。"
