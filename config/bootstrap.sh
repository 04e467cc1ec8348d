# Makes the checkout's own environment, .venv, from hash-locked files. Sourced by ./run,
# ./test and .ci/run, which stand in the checkout's folder. Needs Python 3.11+ with venv.
# uv installs when it can be had, pip otherwise; both from the person's own mirror.

export PYTHONUTF8=1
# Compiled modules halve the time of every later start; .gitignore knows them.
unset PYTHONDONTWRITEBYTECODE

need_venv() { # $@ = lock files
  local python="${PYTHON:-}" candidate
  if [ -z "$python" ]; then
    for candidate in python3 python3.13 python3.12 python3.11; do
      if _is_fit "$candidate"; then python="$candidate"; break; fi
    done
  fi
  if [ -z "$python" ] || ! _is_fit "$python"; then
    {
      echo "需要 Python 3.11 或更新，并带 venv 模块（Debian/Ubuntu：sudo apt-get install -y python3-venv；macOS：brew install python）"
      echo "Python 3.11 or newer with the venv module is needed (Debian/Ubuntu: sudo apt-get install -y python3-venv; macOS: brew install python)"
    } >&2
    exit 1
  fi
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    rm -rf .venv
    "$python" -m venv .venv
  fi
  if ! _stamps check "$@"; then
    echo "· 正在安装依赖（只有第一次）/ installing dependencies (first time only)" >&2
    _install "$@"
    _stamps write "$@"
  fi
}

_is_fit() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# What is installed: the Python, and each lock file by its hash.
_stamps() {
  .venv/bin/python - "$@" <<'PYTHON'
import hashlib, json, pathlib, sys

action, *locks = sys.argv[1:]
file = pathlib.Path(".venv/.stamps.json")
want = {"python": sys.version, "place": sys.prefix}
want |= {lock: hashlib.sha256(pathlib.Path(lock).read_bytes()).hexdigest() for lock in locks}
try:
    have = json.loads(file.read_text("utf-8"))
except (OSError, ValueError):
    have = {}
if action == "check":
    sys.exit(not want.items() <= have.items())
file.write_text(json.dumps({**have, **want}), "utf-8")
PYTHON
}

_install() {
  local lock option wanted=() options=()
  for lock in "$@"; do wanted+=(-r "$lock"); done
  if .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
    -r config/installer.txt >/dev/null 2>&1; then
    while IFS= read -r option; do options+=("$option"); done < <(.venv/bin/python config/uv_options.py)
    # Every file is checked against its hash, so the best version of any index will do.
    if .venv/bin/python -m uv pip install -q --system-certs --index-strategy=unsafe-best-match \
      ${options[@]+"${options[@]}"} --python .venv/bin/python --no-deps --require-hashes "${wanted[@]}" 2>.venv/uv.log; then
      return 0
    fi
  fi
  echo "· uv 不可用，改用 pip / uv would not do, pip takes over" >&2
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes "${wanted[@]}"
}
