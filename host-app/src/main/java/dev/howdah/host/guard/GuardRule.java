package dev.howdah.host.guard;

import java.util.Locale;

/** The rules that a plugin's answers have to keep; each names what breaking it would do. */
public enum GuardRule {
  /** The operator would look for the plugin under another name than it answers to. */
  METADATA_NAME,
  /** The operator would call a service or RPC that isn't there, or dereference nothing. */
  CAPABILITY_EMPTY_SERVICE,
  /** The operator would never call what isn't declared together with its service. */
  CAPABILITY_UNDECLARED_SERVICE,
  /** The operator would call the hook once for each entry. */
  CAPABILITY_DUPLICATE,
  /** The operator asks EVALUATE of Pods only. */
  CAPABILITY_EVALUATE,
  /** A hook gave nothing where an answer is needed. */
  ANSWER_MISSING,
  /** The operator can't decode a changed object of this kind. */
  PATCH_KIND,
  /** The object would become another one. */
  PATCH_IDENTITY,
  /** The Pod would run no PostgreSQL, or be refused by the API server. */
  PATCH_CONTAINERS,
  /** The operator would write into a map that isn't there. */
  PATCH_ANNOTATIONS,
  /** The operator's result would not be the object that the plugin wanted. */
  PATCH_UNFAITHFUL,
  /** The operator takes JSON objects only. */
  STATUS_NOT_OBJECT,
  /** The status is stored in the Cluster, which every component reads in every loop. */
  STATUS_TOO_LARGE,
  /** A status that changes by itself starts the operator's loop again and again. */
  STATUS_UNSTABLE,
  /** The operator would read beyond the end of an empty path. */
  FINDING_MALFORMED,
  /** The operator would take the delay for another one. */
  RECONCILE_DELAY,
  /** The instance manager would crash, or serve no metrics at all. */
  METRIC_DEFINITION,
  /** The scrape would lose the metrics of all plugins. */
  METRIC_SAMPLE,
  /** PostgreSQL would not start, or not be what the operator believes it is. */
  CONFIGURATION_FIXED,
  /** PostgreSQL would refuse its configuration file. */
  CONFIGURATION_SYNTAX,
  /** The recovery would not find its WAL, or not start. */
  RESTORE_CONFIGURATION,
  /** The instance manager would refuse the environment. */
  RESTORE_ENVIRONMENT,
  /** The Backup's status would be wrong for good. */
  BACKUP_RESULT,
  /** A WAL archive's state would be misread. */
  WAL_STATUS;

  /** The rule's name in metrics and logs, such as {@code patch-identity}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
