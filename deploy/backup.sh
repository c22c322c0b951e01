#!/usr/bin/env bash
# Backs up both databases and the files of the installation into one folder a backup, with checksums.
#   backup.sh              one backup now
#   backup.sh --daily      one every day at BACKUP_AT, for ever
#   backup.sh --is-recent  whether there is one that is not older than 26 hours
# Databases first: a file that the ledger names was written before its row, so it is in the archive made afterwards.
set -euo pipefail

secrets=${SECRETS:-/run/secrets}
home=${OBLIGATIONS_HOME:-/var/lib/obligations}
folder=${BACKUPS:-/var/backups/obligations}
keep=${BACKUP_KEEP_DAYS:-30}

url() { sed 's/^postgresql+psycopg2:/postgresql:/' "${secrets}/$1"; }
tell() { echo "$1……" >&2; }

back_up() {
    local name target
    name=$(date +%Y-%m-%dT%H%M%S)
    target="${folder}/.${name}.unfinished"
    rm -rf "${folder}"/.*.unfinished
    mkdir -p "${target}"
    tell '正在备份台账数据库'
    pg_dump --format=custom --no-owner --file="${target}/ledger.dump" "$(url ledger_database_url)"
    tell '正在备份 Airflow 数据库'
    pg_dump --format=custom --no-owner --file="${target}/airflow.dump" "$(url airflow_database_url)"
    tell '正在备份稿件和数据文件'
    tar --create --gzip --warning=no-file-changed --file="${target}/home.tar.gz" --directory="${home}" . || [ $? -eq 1 ]
    tell '正在计算校验值'
    (cd "${target}" && sha256sum ledger.dump airflow.dump home.tar.gz > SHA256SUMS)
    mv "${target}" "${folder}/${name}" # only what is whole has a name without a dot
    find "${folder}" -mindepth 1 -maxdepth 1 -type d -name '20*' -not -name "${name}" -mtime "+${keep}" -exec rm -rf {} +
    echo "已备份到 ${folder}/${name}"
}

case "${1:-}" in
    '') back_up ;;
    --daily)
        while true; do
            now=$(date +%s)
            next=$(date --date="today ${BACKUP_AT:-02:00}" +%s)
            [ "${next}" -gt "${now}" ] || next=$(date --date="tomorrow ${BACKUP_AT:-02:00}" +%s)
            sleep $((next - now))
            # In a process of its own: before || a function goes on after an error, and would call half a backup whole.
            bash "${BASH_SOURCE[0]}" || {
                echo '备份失败，一小时后重试' >&2
                sleep 3600
                bash "${BASH_SOURCE[0]}" || echo '备份失败，明日再试' >&2
            }
        done
        ;;
    --is-recent) [ -n "$(find "${folder}" -mindepth 1 -maxdepth 1 -name '20*' -mmin -1560 -print -quit)" ] ;;
    *) echo '用法：backup.sh [--daily|--is-recent]' >&2; exit 2 ;;
esac
