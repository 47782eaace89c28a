# Starts and stops a host for .ci/run. Sourced.

HOST_PID=
HOST_HOME=

# start_host FLAGS...: starts `./howdah serve` in a folder of its own and waits until it serves.
start_host() {
  HOST_HOME=$(mktemp -d /tmp/howdah-ci.XXXXXX)
  # A shell without job control starts what runs beside it with SIGINT ignored, and whoever started this script may have done
  # so before; then Ctrl-C could not be tried.
  set -m
  HOWDAH_HOME=$HOST_HOME env --default-signal=INT ./howdah serve "$@" >"$HOST_HOME/out" 2>&1 &
  HOST_PID=$!
  set +m
  for _ in $(seq 240); do
    if grep -q 'Stop with Ctrl-C' "$HOST_HOME/out"; then
      cat "$HOST_HOME/out"
      return
    fi
    if ! kill -0 "$HOST_PID" 2>/dev/null; then break; fi
    sleep 0.5
  done
  cat "$HOST_HOME/out" >&2
  echo "The host did not start." >&2
  return 1
}

# stop_host: stops it as Ctrl-C would; it must end with 0, within 5 s, and leave no socket behind.
stop_host() {
  local begin=$SECONDS code=0
  kill -INT "$HOST_PID"
  # A host that doesn't stop fails this step, and doesn't hold up the whole run.
  (sleep 60; kill -9 "$HOST_PID") >/dev/null 2>&1 &
  local watchdog=$!
  wait "$HOST_PID" || code=$?
  kill "$watchdog" 2>/dev/null || true
  HOST_PID=
  if [ "$code" -ne 0 ]; then echo "The host ended with $code instead of 0." >&2; return 1; fi
  if [ $((SECONDS - begin)) -gt 6 ]; then echo "The host took longer than 5 s to stop." >&2; return 1; fi
  if [ -n "$(ls -A "$HOST_HOME/plugins")" ]; then echo "The host left sockets behind." >&2; return 1; fi
  rm -rf "$HOST_HOME"
}

trap 'if [ -n "$HOST_PID" ]; then kill -9 "$HOST_PID" 2>/dev/null || true; fi' EXIT
