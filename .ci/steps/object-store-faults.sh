# The object store under faults and kills: a link that fails in nine ways between plugin and store, a full disk, and a
# process that is killed two hundred times. Sourced by .ci/run; runs by itself, too.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
small=$(mktemp -d /tmp/howdah-small.XXXXXX)
disk=$small
if ! mount -t tmpfs -o size=6m tmpfs "$small"; then
  echo "object-store-faults: this machine lets nobody mount a disk: the full disk is NOT tested here." >&2
  disk=
fi

failed=0
HOWDAH_TEST_SMALL_DISK=$disk mvn -B -q -Dformat.skip -pl plugins/object-store -am \
  -Dtest='WalFaultsProof,BackupFaultsProof,KillsProof' -Dsurefire.failIfNoSpecifiedTests=false test || failed=1
[ -z "$disk" ] || umount "$small"
rmdir "$small"

reports=plugins/object-store/target/surefire-reports
for class in WalFaultsProof BackupFaultsProof KillsProof; do
  grep -h '^object-store-' "$reports"/*."$class"-output.txt || failed=1
  # A variable that didn't arrive would have skipped the full disk.
  [ -z "$disk" ] || grep -q 'errors="0" skipped="0" failures="0"' "$reports"/TEST-*."$class".xml ||
    { echo "object-store-faults: $class did not run whole." >&2; failed=1; }
done
[ "$failed" = 0 ] || exit 1
