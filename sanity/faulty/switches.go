package main

import "slices"

// Where a switch can be proven.
const (
	onSocket = "socket"
	onTCP    = "tcp"
	onHost   = "host"
)

// a faultSwitch is one way to be wrong. Its id is that of the check that has to notice.
type faultSwitch struct {
	id      string
	where   string
	run     string   // which checks to run: an area or single checks
	wire    string   // what changes on the wire
	follows []string // checks that fail as a consequence
}

// only says which checks to run where a whole area would take too long.
func (s faultSwitch) only(checks string) faultSwitch {
	s.run = checks
	return s
}

// and names checks that fail as a consequence.
func (s faultSwitch) and(checks ...string) faultSwitch {
	s.follows = checks
	return s
}

func socket(id, wire string) faultSwitch {
	return faultSwitch{id: id, where: onSocket, run: area(id), wire: wire}
}

func tcp(id, wire string) faultSwitch {
	return faultSwitch{id: id, where: onTCP, run: area(id), wire: wire}
}

func several(id, wire string) faultSwitch {
	return faultSwitch{id: id, where: onHost, run: area(id), wire: wire}
}

func area(id string) string {
	for i := range id {
		if id[i] == '-' {
			return id[:i]
		}
	}
	return id
}

func known(id string) bool {
	return slices.ContainsFunc(switches, func(s faultSwitch) bool { return s.id == id })
}

var switches = []faultSwitch{
	tcp("TLS-01", "the server speaks TLS 1.2 at most").and("TLS-02"),
	tcp("TLS-02", "the server accepts TLS 1.2 too"),
	tcp("TLS-03", "a handshake without client certificate succeeds"),
	tcp("TLS-04", "a handshake with any client certificate succeeds"),
	tcp("TLS-05", "the served certificate is not the one in tls.crt"),
	tcp("TLS-06", "the certificate has another DNS name"),
	tcp("TLS-07", "a certificate replaced on disk is not served").only("TLS-07"),
	tcp("TLS-08", "the certificate ends in two days"),
	tcp("TLS-09", "the server agrees on no application protocol"),
	tcp("TLS-10", "CertificateRequest names an authority that issued nothing"),

	socket("SOCK-01", "the socket's path is 120 bytes long"),
	socket("SOCK-02", "a lock file lies beside the socket"),
	socket("SOCK-03", "bind fails on a socket file that is there").only("SOCK-03"),
	socket("SOCK-04", "the socket's mode is 0555"),
	socket("SOCK-05", "the fourth connection is closed when accepted").only("SOCK-05"),
	socket("SOCK-06", "GOAWAY after 300 ms without a call"),

	socket("ID-01", "GetPluginMetadata answers INTERNAL"),
	socket("ID-02", "name is empty"),
	socket("ID-03", "name has 70 characters"),
	socket("ID-04", "name ends in a dash"),
	socket("ID-05", "name has no dot"),
	socket("ID-06", "version is empty"),
	socket("ID-07", "display_name is empty"),
	socket("ID-08", "description is empty"),
	socket("ID-09", "license is empty"),
	socket("ID-10", "license_url is empty"),
	socket("ID-11", "project_url is relative"),
	socket("ID-12", "maturity is rock-solid"),
	socket("ID-13", "name is not the socket's file name"),
	socket("ID-14", "version counts the calls"),
	socket("ID-15", "Probe answers UNAVAILABLE"),
	socket("ID-16", "Probe answers OK with ready=false"),
	socket("ID-17", "every tenth Probe takes 150 ms"),

	socket("CAP-01", "a plugin capability without service"),
	socket("CAP-02", "a plugin capability of TYPE_UNSPECIFIED"),
	socket("CAP-03", "TYPE_WAL_SERVICE is there twice"),
	socket("CAP-04", "a plugin capability of type 99"),
	socket("CAP-05", "TYPE_METRICS is declared, Metrics is not registered"),
	socket("CAP-06", "TYPE_METRICS is not declared, Metrics is registered"),
	socket("CAP-07", "GetPluginCapabilities takes 1.2 s").only("CAP-07"),
	socket("CAP-08", "the list of capabilities is reversed every other time"),
	socket("CAP-09", "TYPE_INSTANCE_SIDECAR_INJECTION is missing"),
	socket("CAP-10", "TYPE_INSTANCE_JOB_SIDECAR_INJECTION is missing"),
	socket("CAP-11", "WAL.Status answers UNIMPLEMENTED"),
	socket("CAP-12", "TYPE_MUTATE_CLUSTER is not offered, MutateCluster answers"),
	socket("CAP-13", "Backup.GetCapabilities answers an empty list"),

	socket("OPR-01", "a good Cluster gets a validation error"),
	socket("OPR-02", "a bad parameter gets no validation error"),
	socket("OPR-03", "path_components is empty"),
	socket("OPR-04", "ValidateClusterCreate answers OK to broken JSON"),
	socket("OPR-05", "an unknown field gets a validation error"),
	socket("OPR-06", "MutateCluster's patch replaces what is not there"),
	socket("OPR-07", "MutateCluster's patch lengthens an annotation each time"),
	socket("OPR-08", "MutateCluster's patch renames the Cluster"),
	socket("OPR-09", "json_status is an array"),
	socket("OPR-10", "json_status counts the calls"),
	socket("OPR-11", "json_status is answered though the Cluster carries it"),
	socket("OPR-12", "json_status has 20 KiB"),
	socket("OPR-13", "the second Deregister answers NOT_FOUND"),
	socket("OPR-14", "a Cluster without status.instances is refused"),

	socket("LIF-01", "a lifecycle entry without kind and operation"),
	socket("LIF-02", "CREATE on Pod is there twice"),
	socket("LIF-03", "EVALUATE on Pod is missing"),
	socket("LIF-04", "DEREGISTER on Pod is there"),
	socket("LIF-05", "json_patch removes what is not there"),
	socket("LIF-06", "an environment variable of the sidecar counts the calls"),
	socket("LIF-07", "json_patch adds a toleration each time"),
	socket("LIF-08", "the sidecar's image is another on CREATE"),
	socket("LIF-09", "two containers have one name"),
	socket("LIF-10", "the sidecar does not mount /plugins"),
	socket("LIF-11", "the sidecar has no security context"),
	socket("LIF-12", "kinds that were not declared answer INVALID_ARGUMENT"),
	socket("LIF-13", "Jobs get an empty patch"),
	socket("LIF-14", "Pods of Clusters without the plugin are patched"),
	socket("LIF-15", "DELETE is answered with a patch"),
	socket("LIF-16", "a Cluster without status.instances is refused"),
	socket("LIF-17", "json_patch renames the Pod"),
	socket("LIF-18", "PATCH on Cluster is declared and answered with a patch"),
	socket("LIF-19", "json_patch changes the image of another plugin's sidecar"),
	socket("LIF-20", "json_patch removes an annotation of the operator"),

	socket("REC-01", "the list of kinds has a third one"),
	socket("REC-02", "Pre answers UNSPECIFIED"),
	socket("REC-03", "Post on a Cluster answers REQUEUE without requeue_after"),
	socket("REC-04", "every eighth Pre on a Cluster answers REQUEUE"),
	socket("REC-05", "Pre on a completed Backup answers TERMINATE"),
	socket("REC-06", "Pre on a Cluster answers TERMINATE"),
	socket("REC-07", "Pre on a ScheduledBackup answers INVALID_ARGUMENT"),
	socket("REC-08", "Post on a Cluster answers INTERNAL"),

	socket("PG-01", "the answer lacks max_worker_processes"),
	socket("PG-02", "the answer has another port"),
	socket("PG-03", "a value counts the calls"),
	socket("PG-04", "UPGRADE answers UNIMPLEMENTED"),
	socket("PG-05", "the answer has a parameter with a space in its name"),
	socket("PG-06", "the answer has a value with a line break"),
	socket("PG-07", "a value grows each time"),
	socket("PG-08", "the answer takes 5.2 s").only("PG-08"),
	socket("PG-09", "a Cluster without kind answers INVALID_ARGUMENT"),

	socket("MET-01", "Define answers an empty list"),
	socket("MET-02", "fq_name has a dash"),
	socket("MET-03", "value_type is unset"),
	socket("MET-04", "Collect answers a metric that Define lacks"),
	socket("MET-05", "a sample lacks its label value"),
	socket("MET-06", "a label's name begins with a digit"),
	socket("MET-07", "a counter decreases"),
	socket("MET-08", "a sample is there twice"),
	socket("MET-09", "Collect takes 3.2 s").only("MET-09"),
	socket("MET-10", "fq_name begins with cnpg_collector_"),
	socket("MET-11", "Collect answers UNAVAILABLE"),
	socket("MET-12", "Collect answers 1002 samples"),

	socket("WAL-01", "the first file restored has a byte flipped"),
	socket("WAL-02", "the same file again answers ALREADY_EXISTS"),
	socket("WAL-03", "other contents of the same name answer OK"),
	socket("WAL-04", "a missing source answers INTERNAL"),
	socket("WAL-05", "a history file answers INVALID_ARGUMENT"),
	socket("WAL-06", "an unknown file answers INTERNAL"),
	socket("WAL-07", "an unreachable store answers NOT_FOUND"),
	socket("WAL-08", "an empty file is left at the destination of an unknown file"),
	socket("WAL-09", "MODE_UNSPECIFIED answers INVALID_ARGUMENT"),
	socket("WAL-10", "MODE_REWIND writes the next file too"),
	socket("WAL-11", "an unknown file stays unknown"),
	socket("WAL-12", "check_empty_wal_archive is ignored"),
	socket("WAL-13", "a second Archive at the same time answers RESOURCE_EXHAUSTED"),
	socket("WAL-14", "a cancelled Archive leaves half a file"),
	socket("WAL-15", "first_wal is no WAL file name"),
	socket("WAL-16", "SetFirstRequired deletes all files"),
	socket("WAL-17", "a path as name is read"),
	socket("WAL-18", "a destination that is there answers ALREADY_EXISTS"),

	socket("BKP-01", "online is false"),
	socket("BKP-02", "started_at is in milliseconds"),
	socket("BKP-03", "begin_lsn has no slash"),
	socket("BKP-04", "backup_id is always the same"),
	socket("BKP-05", "after a cancelled Backup the next answers FAILED_PRECONDITION"),
	socket("BKP-06", "broken Backup JSON answers INTERNAL"),
	socket("BKP-07", "an unreachable store answers INTERNAL"),
	socket("BKP-08", "Restore of what was backed up answers NOT_FOUND"),

	socket("RST-01", "restore_config is empty"),
	socket("RST-02", "an entry of envs has no equals sign"),
	socket("RST-03", "an unknown backup answers INTERNAL"),
	socket("RST-04", "PGDATA has a file after NOT_FOUND"),
	socket("RST-05", "check_empty_wal_archive is ignored"),
	socket("RST-06", "restore_config has a password"),
	socket("RST-07", "Restore of a backup that exists answers INTERNAL"),

	socket("TRN-01", "the connection is closed after a request of more than 3 MiB"),
	socket("TRN-02", "after 32 cancelled calls a connection answers no more"),
	socket("TRN-03", "grpc-timeout is ignored"),
	socket("TRN-04", "a malformed message is answered OK"),
	tcp("TRN-05", "the health service answers the plugin's authority only"),
	socket("TRN-06", "an unknown method answers INTERNAL"),
	socket("TRN-07", "error texts count the calls"),
	socket("TRN-08", "error texts have a stack trace"),
	socket("TRN-09", "bytes that are no HTTP/2 end the process"),

	several("HOST-01", "every authority leads to the first plugin"),
	several("HOST-02", "an unknown authority leads to the first plugin"),
	several("HOST-03", "server name and authority may differ"),
	several("HOST-04", "more than 50 open calls at one plugin refuse all others'"),
	several("HOST-05", "20 refused calls at one plugin refuse all others'"),
	several("HOST-07", "the second plugin's configuration lacks the first one's"),
}
