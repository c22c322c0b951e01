# The image of every Airflow component and worker. Offline: lay wheels into ./wheels first (make bundle); they are used
# where they are, and nothing is fetched for what they hold.
ARG AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.11
FROM ${AIRFLOW_IMAGE}

ARG SYSTEM_FONTS=fonts-noto-cjk
USER root
# Drafts carry their own Noto fonts (pylopdf-fonts-zh-cn); the system's are for what people open in the container. Where
# there is no mirror of Debian, build with SYSTEM_FONTS= and mount fonts as docs/fonts.zh-CN.md says.
RUN if [ -n "${SYSTEM_FONTS}" ]; then \
        apt-get update && apt-get install --yes --no-install-recommends ${SYSTEM_FONTS} \
        && apt-get clean && rm -rf /var/lib/apt/lists/*; \
    fi \
    && install --directory --owner=airflow --group=root --mode=0775 \
        /opt/obligations /var/lib/obligations /var/log/obligations /var/backups/obligations \
    && pg_dump --version

USER airflow
WORKDIR /opt/obligations
COPY --chown=airflow:root requirements.txt wheel[s] /tmp/wheels/
RUN if ls /tmp/wheels/*.whl >/dev/null 2>&1; then \
        pip install --no-cache-dir --no-deps --require-hashes --no-index --find-links /tmp/wheels --requirement /tmp/wheels/requirements.txt; \
    else \
        pip install --no-cache-dir --no-deps --require-hashes --requirement /tmp/wheels/requirements.txt; \
    fi && rm -rf /tmp/wheels
COPY --chown=airflow:root include include
COPY --chown=airflow:root dags dags
COPY --chown=airflow:root plugins plugins
COPY --chown=airflow:root templates templates
COPY --chown=airflow:root deploy deploy

# Nothing below / is written once it runs: what is made again and again is made in memory, and modules are compiled here.
ENV PYTHONPATH=/opt/obligations/include \
    MPLCONFIGDIR=/tmp/matplotlib \
    XDG_CACHE_HOME=/tmp/cache \
    TZ=Asia/Shanghai
RUN printf '#!/bin/sh\nexec python -m obligations "$@"\n' > "${HOME}/.local/bin/obligations" \
    && chmod 0755 "${HOME}/.local/bin/obligations" \
    && obligations check \
    && python -m compileall -q /opt/obligations/include
USER 50000:0
