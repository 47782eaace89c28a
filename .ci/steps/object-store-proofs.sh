# The object store's long proofs: recovery on every supported PostgreSQL, and archives exchanged with Barman
# in both directions. Sourced.
proofs() { # class, then options
  class=$1
  shift
  mvn -q -B -pl plugins/object-store -am -Dformat.skip -Dtest="$class" \
    -Dsurefire.failIfNoSpecifiedTests=false "$@" test
  grep -q 'errors="0" skipped="0" failures="0"' \
    plugins/object-store/target/surefire-reports/TEST-dev.howdah.plugins.objectstore.postgres."$class".xml ||
    { echo "object-store-proofs: $class did not run whole." >&2; exit 1; }
}

# 16 is what the build itself tests with.
for version in 14.24.0 15.19.0 17.11.0 18.6.0; do
  say "object store: recovery on PostgreSQL $version"
  proofs BackupAndRecoveryTest -Dembedded-postgres.version="$version"
done

say "object store: archives exchanged with Barman"
command -v python3 >/dev/null 2>&1 || { echo "object-store-proofs: python3 is missing." >&2; exit 1; }
barman=$(mktemp -d)
python3 -m venv "$barman"
"$barman/bin/pip" install -q 'barman[cloud]==3.19.1' zstandard lz4 python-snappy
HOWDAH_TEST_BARMAN=$barman/bin proofs BarmanInteropTest
rm -rf "$barman"
