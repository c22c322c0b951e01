#!/usr/bin/env bash
# Restores one backup into empty databases and an empty folder; refuses what is damaged, and what is not empty.
# Usage: restore.sh BACKUP_FOLDER. Stop every component first; afterwards run init.sh and obligations verify-ledger.
set -euo pipefail

backup=${1:?用法：restore.sh 备份文件夹}
secrets=${SECRETS:-/run/secrets}
home=${OBLIGATIONS_HOME:-/var/lib/obligations}

url() { sed 's/^postgresql+psycopg2:/postgresql:/' "${secrets}/$1"; }
tell() { echo "$1……" >&2; }

tell '正在核对备份'
(cd "${backup}" && sha256sum --check --quiet SHA256SUMS) || { echo "备份 ${backup} 已损坏，没有恢复任何内容；请改用另一份备份" >&2; exit 1; }
for name in ledger airflow; do
    tables=$(psql --no-psqlrc --tuples-only --no-align --command \
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'" "$(url "${name}_database_url")")
    [ "${tables}" = 0 ] || { echo "数据库 ${name} 不是空的（${tables} 张表），没有恢复任何内容；请先清空，或另建空库并改写 ${secrets}/${name}_database_url" >&2; exit 1; }
done
mkdir -p "${home}"
[ -z "$(ls -A "${home}")" ] || { echo "文件夹 ${home} 不是空的，没有恢复任何内容；请先把其中的文件移走" >&2; exit 1; }
for name in ledger airflow; do
    tell "正在恢复数据库 ${name}"
    pg_restore --exit-on-error --no-owner --single-transaction --dbname="$(url "${name}_database_url")" "${backup}/${name}.dump"
done
tell '正在恢复稿件和数据文件'
tar --extract --gzip --file="${backup}/home.tar.gz" --directory="${home}"
echo "已从 ${backup} 恢复；接着运行 init.sh 和 obligations verify-ledger"
