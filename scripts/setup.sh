# Sets the project up in its own folder; read by ./demo and ./test, never run by itself.
#
#   set_up WHAT ARGUMENT...   makes .venv with `uv sync ARGUMENT...`, unless it stands already
#
# Nothing is installed outside the folder, except Python itself (and root certificates) where they are
# missing and we may install them. Everything works as root and as an ordinary user.

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "forbear: $*"
    exit 1
}

# Install Debian packages if this is a Debian-like machine and we are root, or sudo asks for no password.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    local as_root=""
    if [ "$(id -u)" != 0 ]; then
        sudo -n true >/dev/null 2>&1 || return 1
        as_root="sudo -n"
    fi
    say "Installing $* with apt-get."
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
}

# uv from the PATH if it is recent enough, else a private copy under .tools/; its path goes to UV.
find_uv() {
    local found
    found="$(uv --version 2>/dev/null)" || found=""
    case "$found" in
        "" | "uv 0."[0-7].*) ;;
        *) UV=uv && return ;;
    esac
    UV="$ROOT/.tools/uv/bin/uv"
    "$UV" --version >/dev/null 2>&1 && return
    if ! command -v python3 >/dev/null 2>&1; then
        apt_install python3 ca-certificates || stop "Python 3 is missing, and so is uv. Install one of them:
  apt-get install python3       on Debian or Ubuntu, as root
  or see the uv documentation   on any machine, without root
and run this again."
    fi
    say "Fetching uv, the package manager, into .tools/ (once)."
    mkdir -p "$ROOT/.tools"
    fetch_uv || stop "uv could not be fetched (see above). Give the machine a way to a Python package index,
for example with PIP_INDEX_URL or HTTPS_PROXY, or install uv yourself, and run this again."
}

fetch_uv() {
    local status=0
    python3 "$ROOT/scripts/fetch_uv.py" "$ROOT/.tools/uv" || status=$?
    # 3: no root certificates on this machine
    if [ "$status" = 3 ] && apt_install ca-certificates; then
        status=0
        python3 "$ROOT/scripts/fetch_uv.py" "$ROOT/.tools/uv" || status=$?
    fi
    return "$status"
}

# A machine's own certificates count (a company's proxy signs with its own), if it has any.
use_certificates() {
    local bundle
    for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
        if [ -s "$bundle" ]; then
            export SSL_CERT_FILE="${SSL_CERT_FILE:-$bundle}"
            return
        fi
    done
}

# What .venv was made from; another lock file, other groups or another place make it anew.
stamp() {
    printf '%s\n' "$ROOT" "$@"
    cat "$ROOT/uv.lock" "$ROOT/pyproject.toml" | cksum
}

set_up() {
    local what="$1"
    shift
    VENV="$ROOT/.venv"
    local kept="$VENV/.set-up-for-$what" wanted
    wanted="$(stamp "$@")"
    if [ -x "$VENV/bin/python" ] && [ "$(cat "$kept" 2>/dev/null)" = "$wanted" ] && "$VENV/bin/python" -c "" 2>/dev/null; then
        return
    fi
    [ -w "$ROOT" ] || stop "$ROOT can't be written to. Copy it to a folder of yours and run this again."
    use_certificates
    find_uv
    use_certificates # they may have come with Python just now
    if [ ! -w "${HOME:-/nowhere}" ]; then
        export UV_CACHE_DIR="${UV_CACHE_DIR:-$ROOT/.tools/cache}"
    fi
    say "Setting up .venv (once)."
    (cd "$ROOT" && unset VIRTUAL_ENV && UV_PROJECT_ENVIRONMENT="$VENV" "$UV" sync --frozen --inexact "$@") >&2 ||
        stop "the set-up failed (see above). Nothing outside $ROOT was changed. Mend what it names and run this again."
    printf '%s\n' "$wanted" >"$kept"
}
