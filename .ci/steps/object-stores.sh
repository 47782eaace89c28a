# Azure Blob Storage and Google Cloud Storage pass the same contract test as the others, on emulators that
# this step installs and starts. Sourced.
for tool in npm go; do
  command -v "$tool" >/dev/null 2>&1 || { echo "object-stores: $tool is missing." >&2; exit 1; }
done
emulators=$(mktemp -d)
(cd "$emulators" && npm install --silent --no-audit --no-fund azurite@3.35.0 &&
  GOBIN=$emulators go install github.com/fsouza/fake-gcs-server@v1.56.1)

"$emulators/node_modules/.bin/azurite-blob" --inMemoryPersistence --skipApiVersionCheck --silent \
  --blobHost 127.0.0.1 --blobPort 21000 &
azurite=$!
"$emulators/fake-gcs-server" -backend memory -scheme http -host 127.0.0.1 -port 21001 -log-level error \
  -public-host 127.0.0.1:21001 -external-url http://127.0.0.1:21001 &
gcs=$!
stop_emulators() {
  kill "$azurite" "$gcs" 2>/dev/null || true
  rm -rf "$emulators"
}
for port in 21000 21001; do
  for _ in $(seq 1 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.2
  done
done

failed=0
HOWDAH_TEST_AZURITE=http://127.0.0.1:21000 HOWDAH_TEST_FAKE_GCS=http://127.0.0.1:21001 \
  mvn -q -B -o -pl plugins/object-store -am -Dformat.skip -Dtest='AzureStoreTest,GoogleStoreTest' \
  -Dsurefire.failIfNoSpecifiedTests=false test || failed=1
# A variable that didn't arrive would have skipped them all.
for store in Azure Google; do
  report=plugins/object-store/target/surefire-reports/TEST-dev.howdah.plugins.objectstore.store.${store}StoreTest.xml
  grep -q 'skipped="0"' "$report" || { echo "object-stores: ${store}StoreTest did not run." >&2; failed=1; }
done
stop_emulators
[ "$failed" = 0 ] || exit 1
