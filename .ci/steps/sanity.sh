# The conformance tool: each check is proven against a plugin that is wrong on purpose, then the tool
# meets a host, and a Go plugin that uses none of our code. Sourced by .ci/run.

say "sanity: each check against its switch"
sanity/prove

say "sanity: the hosted plugins, on sockets and over TCP"
# With an image for the sidecar, or what runs inside the instance has nowhere to run.
start_host --set howdah.sidecar.inline.revisions.1.image=registry.example/howdah:1
./howdah sanity --known-failing .ci/sanity-known-failing --dir "$HOST_HOME/plugins"
names=()
for socket in "$HOST_HOME"/plugins/*; do
  name=$(basename "$socket")
  names+=(--server-name "$name" --plugin-name "$name")
done
./howdah sanity --known-failing .ci/sanity-known-failing \
  --target 127.0.0.1:9090 "${names[@]}" --ca "$HOST_HOME/tls/server.crt" \
  --cert "$HOST_HOME/tls/client.crt" --key "$HOST_HOME/tls/client.key"
stop_host

say "sanity: a plugin on the official Go module, on a socket and over TCP"
scratch=$(mktemp -d /tmp/howdah-ci.XXXXXX)
mkdir "$scratch/plugins" "$scratch/tls"
(cd interop && go build -o "$scratch/correct-plugin" ./correct-plugin)
sanity/target/faulty --tls "$scratch/tls" --names correct.interop.howdah.dev
"$scratch/correct-plugin" serve --debug=false --plugin-path "$scratch/plugins" >"$scratch/out" 2>&1 &
on_socket=$!
"$scratch/correct-plugin" serve --debug=false --server-address 127.0.0.1:19191 \
  --server-cert "$scratch/tls/server.crt" --server-key "$scratch/tls/server.key" \
  --client-cert "$scratch/tls/client.crt" >>"$scratch/out" 2>&1 &
on_tcp=$!
code=0
for _ in $(seq 50); do
  if [ -S "$scratch/plugins/correct.interop.howdah.dev" ]; then break; fi
  sleep 0.1
done
./howdah sanity --dir "$scratch/plugins" --bad-parameter 'label=not a label!' || code=$?
./howdah sanity --target 127.0.0.1:19191 --server-name correct.interop.howdah.dev \
  --plugin-name correct.interop.howdah.dev --bad-parameter 'label=not a label!' \
  --ca "$scratch/tls/server.crt" --cert "$scratch/tls/client.crt" --key "$scratch/tls/client.key" ||
  code=$?
kill "$on_socket" "$on_tcp"
wait "$on_socket" "$on_tcp" || true
rm -rf "$scratch"
if [ "$code" -ne 0 ]; then
  echo "The Go plugin does not pass, or could not be reached." >&2
  false
fi
