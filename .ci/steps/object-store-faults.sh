# The object store under faults: a link that fails in nine ways between plugin and store, and a full disk. Sourced by .ci/run; runs by itself, too.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
small=$(mktemp -d /tmp/howdah-small.XXXXXX)
mount -t tmpfs -o size=6m tmpfs "$small" ||
  { echo "object-store-faults: only root can mount the small disk that this step fills." >&2; exit 1; }

failed=0
HOWDAH_TEST_SMALL_DISK=$small mvn -B -q -Dformat.skip -pl plugins/object-store -am \
  -Dtest='WalFaultsProof,BackupFaultsProof' -Dsurefire.failIfNoSpecifiedTests=false test || failed=1
umount "$small"
rmdir "$small"

reports=plugins/object-store/target/surefire-reports
for class in WalFaultsProof BackupFaultsProof; do
  grep -h '^object-store-' "$reports"/*."$class"-output.txt || failed=1
  # A variable that didn't arrive would have skipped the full disk.
  grep -q 'errors="0" skipped="0" failures="0"' "$reports"/TEST-*."$class".xml ||
    { echo "object-store-faults: $class did not run whole." >&2; failed=1; }
done
[ "$failed" = 0 ] || exit 1
