#!/usr/bin/env bash
# Keeps Airflow's own database small; the ledger is another one, which this never opens.
#   housekeeping.sh              once now
#   housekeeping.sh --daily      every day at HOUSEKEEPING_AT, for ever
#   housekeeping.sh --is-recent  whether it has run within 26 hours
# The log of who did what in Airflow is kept for KEEP_AUDIT_DAYS, never for less than six months (网络安全法, art. 21). Of what
# waits nothing is touched: triggers, deadlines and what DAGs remember are not cleaned, and runs only once they are so old
# that nothing waits in them any more; one that did is begun again by the sweep.
set -euo pipefail

audit_days=${KEEP_AUDIT_DAYS:-190}
run_days=${KEEP_RUN_DAYS:-730}
upkeep_days=${KEEP_UPKEEP_DAYS:-30}
marker=${HOUSEKEEPING_MARKER:-/var/lib/obligations/housekeeping-done}

[ "${audit_days}" -ge 184 ] || { echo "KEEP_AUDIT_DAYS 是 ${audit_days}，日志须保存六个月以上，不得少于184" >&2; exit 2; }

clean() { # DAYS TABLES [ARGUMENTS]
    local before tables said
    before=$(date --date="$1 days ago" --iso-8601=seconds)
    tables=$2
    shift 2
    echo "正在清理 ${before%T*} 以前的 ${tables}……" >&2
    said=$(airflow db clean --yes --skip-archive --clean-before-timestamp "${before}" --tables "${tables}" "$@" 2>&1) || {
        echo "${said}" >&2
        return 1
    }
    # Airflow 3.3.2 looks for a dag_id in the table of deadlines, which has none, whenever DAGs are named; those that are
    # named here have no deadlines. Every other table that could not be cleaned is an error, which the command hides.
    if grep 'attempting to clean table' <<< "${said}" | grep --invert-match "table 'deadline'"; then
        echo "${said}" >&2
        return 1
    fi
}

keep_house() {
    # The sweep alone makes 52,560 runs a year.
    clean "${upkeep_days}" dag_run --dag-ids sweep,watch_pages
    clean "${upkeep_days}" job,import_error,celery_taskmeta,celery_tasksetmeta
    clean "${audit_days}" log
    clean "${run_days}" dag_run
    touch "${marker}"
    echo "Airflow 数据库清理完毕：操作日志保存 ${audit_days} 天，办理流程的运行记录 ${run_days} 天，巡检的 ${upkeep_days} 天"
}

case "${1:-}" in
    '') keep_house ;;
    --daily)
        while true; do
            now=$(date +%s)
            next=$(date --date="today ${HOUSEKEEPING_AT:-03:00}" +%s)
            [ "${next}" -gt "${now}" ] || next=$(date --date="tomorrow ${HOUSEKEEPING_AT:-03:00}" +%s)
            sleep $((next - now))
            # In a process of its own: before || a function goes on after an error, and would say that all was cleaned.
            bash "${BASH_SOURCE[0]}" || echo '清理失败，明日再试' >&2
        done
        ;;
    --is-recent) [ -n "$(find "${marker}" -mmin -1560 2>/dev/null)" ] ;;
    *) echo '用法：housekeeping.sh [--daily|--is-recent]' >&2; exit 2 ;;
esac
