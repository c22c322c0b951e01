#!/usr/bin/env bash
# Installs from the offline bundle that this script lies in, without any network: bash install.sh FOLDER
set -euo pipefail

bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${1:?用法：bash install.sh 安装到的文件夹}
python=${PYTHON:-python3.11}
tell() { echo "$1……" >&2; }

tell '正在核对安装包'
(cd "${bundle}" && sha256sum --check --quiet SHA256SUMS) || { echo '安装包已损坏，没有安装；请重新复制整个文件夹' >&2; exit 1; }
[ ! -e "${target}/.venv" ] || { echo "${target} 中已有 .venv，请先移走" >&2; exit 1; }
mkdir -p "${target}"
tar --extract --gzip --file="${bundle}/obligations.tar.gz" --directory="${target}"
"${python}" -m venv "${target}/.venv"
"${target}/.venv/bin/python" "${target}/deploy/bundle.py" check "${bundle}"
pip() { "${target}/.venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-index --find-links "${bundle}/wheels" "$@"; }
tell '正在安装程序包，约需一两分钟'
pip --no-deps --require-hashes --requirement "${bundle}/requirements.txt"
pip --no-deps --no-build-isolation --editable "${target}"
if ls "${bundle}"/fonts/*.[tToO][tT][fFcC] >/dev/null 2>&1; then
    mkdir -p "${HOME}/.local/share/fonts/obligations"
    cp "${bundle}"/fonts/*.[tToO][tT][fFcC] "${HOME}/.local/share/fonts/obligations/"
fi
echo "已安装到 ${target}；运行 ${target}/.venv/bin/obligations check 核对任务清单"
