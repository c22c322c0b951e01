#!/usr/bin/env bash
# Prepares the databases, roles and pools; repeating it changes nothing. Runs before any component, at every start.
set -euo pipefail

: "${ADMIN_PASSWORD_FILE:=/run/secrets/admin_password}"

airflow db migrate
obligations migrate
obligations check
airflow sync-perm
obligations roles
airflow pools set incidents "${INCIDENT_SLOTS:-16}" '突发事件和事件登记'
airflow pools set default_pool "${AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT:?}" '普通事项：与普通工作进程的任务数一致'

# The one account that makes the others; whoever logs in by OIDC needs none of it.
python - "${ADMIN_PASSWORD_FILE}" <<'PYTHON'
import sys
from pathlib import Path

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

with get_application_builder() as builder:
    manager = builder.sm
    if manager.find_user(username="admin") is None:
        password = Path(sys.argv[1]).read_text("utf-8").strip()
        made = manager.add_user("admin", "系统", "管理员", "admin@localhost", manager.find_role("Admin"), password)
        if not made:
            sys.exit("建立管理员账号 admin 失败")
PYTHON
