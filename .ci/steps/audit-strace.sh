# Watches a host with strace: under a durable audit rule the fdatasync of a call's record must be over before the
# call's answer leaves the socket. Sourced by .ci/run; runs by itself, too.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mvn -B -q -Dformat.skip -pl host-app -am -Dtest=AuditStraceProof -Dsurefire.failIfNoSpecifiedTests=false test
