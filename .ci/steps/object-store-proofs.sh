# The object store's long proofs: recovery on every supported PostgreSQL, and archives exchanged with Barman
# in both directions. Sourced.
proofs() { # packages and classes below dev.howdah.plugins.objectstore, joined by commas; then options
  classes=$1
  shift
  mvn -q -B -pl plugins/object-store -am -Dformat.skip -Dtest="$(echo "$classes" | sed 's/[a-z]*\.//g')" \
    -Dsurefire.failIfNoSpecifiedTests=false "$@" test
  for class in ${classes//,/ }; do
    report=plugins/object-store/target/surefire-reports/dev.howdah.plugins.objectstore.$class
    grep -q 'errors="0" skipped="0" failures="0"' "${report%/*}/TEST-${report##*/}.xml" ||
      { echo "object-store-proofs: $class did not run whole." >&2; exit 1; }
    grep -h '^object-store-' "$report-output.txt" || true
  done
}

# The build itself tests these with 16.
recovered=postgres.BackupTest,postgres.RecoveryTest,postgres.RestoreTest,postgres.WalRecordsTest,postgres.StandbyBackupTest
say "object store: recovery on PostgreSQL 16"
proofs proof.RecoveryTargetsProof
for version in 14.24.0 15.19.0 17.11.0 18.6.0; do
  say "object store: recovery on PostgreSQL $version"
  proofs "$recovered",proof.RecoveryTargetsProof -Dembedded-postgres.version="$version"
done

say "object store: archives exchanged with Barman"
command -v python3 >/dev/null 2>&1 || { echo "object-store-proofs: python3 is missing." >&2; exit 1; }
barman=$(mktemp -d)
python3 -m venv "$barman"
"$barman/bin/pip" install -q 'barman[cloud]==3.19.1' zstandard lz4 python-snappy
HOWDAH_TEST_BARMAN=$barman/bin proofs postgres.BarmanInteropTest
rm -rf "$barman"
