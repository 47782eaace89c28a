package dev.howdah.testkit;

/** A call of the operator's, with what becomes of one that fails. */
enum OperatorCall {
  LOAD(
      "Identity",
      "the plugin isn't loaded, and every Cluster that names it stands still, failover included"),
  EVALUATE(
      "OperatorLifecycle/LifecycleHook EVALUATE",
      "no instance can be created, and running ones aren't checked for changes"),
  LIFECYCLE(
      "OperatorLifecycle/LifecycleHook",
      "the object isn't written, the loop ends, and the next one begins in 15 s"),
  VALIDATE_CREATE("Operator/ValidateClusterCreate", "the Cluster can't be created"),
  VALIDATE_CHANGE("Operator/ValidateClusterChange", "the Cluster can't be changed"),
  MUTATE("Operator/MutateCluster", "the Cluster can't be created or changed"),
  STATUS(
      "Operator/SetStatusInCluster",
      "the Cluster isn't shown as healthy, and the next loop begins in 15 s"),
  DEREGISTER("Operator/Deregister", "the operator doesn't call it today"),
  PRE("ReconcilerHooks/Pre", "the loop ends before failover handling, and begins again in 15 s"),
  POST("ReconcilerHooks/Post", "the Cluster is shown in an error phase for 15 s"),
  ARCHIVE(
      "WAL/Archive",
      "PostgreSQL keeps the segment and tries again for ever, until its disk is full"),
  RESTORE_WAL("WAL/Restore", "PostgreSQL takes it for the end of the archive"),
  WAL_STATUS("WAL/Status", "the operator doesn't call it today"),
  FIRST_REQUIRED("WAL/SetFirstRequired", "the operator doesn't call it today"),
  BACKUP("Backup/Backup", "the Backup fails for good: it isn't tried again"),
  RESTORE("RestoreJobHooks/Restore", "the new Cluster's bootstrap Job fails"),
  ENRICH(
      "Postgres/EnrichConfiguration",
      "the instance isn't configured, and a new one isn't started at all"),
  DEFINE("Metrics/Define", "the scrape lacks the metrics of every plugin"),
  COLLECT("Metrics/Collect", "the scrape lacks the metrics of every plugin");

  private final String label;
  private final String consequence;

  OperatorCall(String label, String consequence) {
    this.label = label;
    this.consequence = consequence;
  }

  String label() {
    return label;
  }

  String consequence() {
    return consequence;
  }
}
