package dev.howdah.host.call;

import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.OperatorRpc;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.Capabilities.WalRpc;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The RPCs that run plugin code, with what holds for each of them. Identity and {@code
 * GetCapabilities} are answered from the catalogue and are not among them.
 *
 * <p>The operator gives up on a TCP call after 30 s and never on one over a socket, so the host's
 * own limits are shorter, and are there at all.
 */
public enum Rpc {
  /** {@code Operator/ValidateClusterCreate}. */
  VALIDATE_CLUSTER_CREATE("Operator", "ValidateClusterCreate", 10, Failure.DECIDED_FAIL),
  /** {@code Operator/ValidateClusterChange}. */
  VALIDATE_CLUSTER_CHANGE("Operator", "ValidateClusterChange", 10, Failure.DECIDED_FAIL),
  /** {@code Operator/MutateCluster}. */
  MUTATE_CLUSTER("Operator", "MutateCluster", 10, Failure.DECIDED_FAIL),
  /** {@code Operator/SetStatusInCluster}. */
  SET_STATUS_IN_CLUSTER("Operator", "SetStatusInCluster", 10, Failure.DECIDED_IGNORE),
  /** {@code Operator/Deregister}. */
  DEREGISTER("Operator", "Deregister", 10, Failure.DECIDED_FAIL),
  /**
   * {@code OperatorLifecycle/LifecycleHook}. Never answered neutrally: a Pod would be created
   * without what the plugin adds, and a neutral EVALUATE would roll Pods out.
   */
  LIFECYCLE_HOOK("OperatorLifecycle", "LifecycleHook", 10, Failure.ALWAYS_FAIL),
  /** {@code ReconcilerHooks/Pre}. */
  PRE("ReconcilerHooks", "Pre", 10, Failure.DECIDED_IGNORE),
  /** {@code ReconcilerHooks/Post}. */
  POST("ReconcilerHooks", "Post", 10, Failure.DECIDED_IGNORE),
  /** {@code WAL/Archive}; may take as long as it takes, the caller can cancel. */
  ARCHIVE("WAL", "Archive", 0, Failure.ALWAYS_FAIL),
  /** {@code WAL/Restore}; may take as long as it takes, the caller can cancel. */
  RESTORE_WAL("WAL", "Restore", 0, Failure.ALWAYS_FAIL),
  /** {@code WAL/Status}. */
  WAL_STATUS("WAL", "Status", 30, Failure.ALWAYS_FAIL),
  /** {@code WAL/SetFirstRequired}. */
  SET_FIRST_REQUIRED("WAL", "SetFirstRequired", 30, Failure.ALWAYS_FAIL),
  /** {@code Backup/Backup}; takes hours, the caller can cancel. */
  BACKUP("Backup", "Backup", 0, Failure.ALWAYS_FAIL),
  /** {@code RestoreJobHooks/Restore}; takes hours, the caller can cancel. */
  RESTORE("RestoreJobHooks", "Restore", 0, Failure.ALWAYS_FAIL),
  /**
   * {@code Postgres/EnrichConfiguration}. A neutral answer on one instance would make its
   * configuration differ from the others'.
   */
  ENRICH_CONFIGURATION("Postgres", "EnrichConfiguration", 5, Failure.ALWAYS_FAIL),
  /** {@code Metrics/Define}. */
  DEFINE("Metrics", "Define", 3, Failure.DECIDED_IGNORE),
  /** {@code Metrics/Collect}. */
  COLLECT("Metrics", "Collect", 3, Failure.DECIDED_IGNORE);

  /** What may happen when a plugin fails in an RPC. */
  public enum Failure {
    /** The call fails, whatever is configured. */
    ALWAYS_FAIL,
    /** The call fails unless configured otherwise. */
    DECIDED_FAIL,
    /** The call is answered neutrally unless configured otherwise. */
    DECIDED_IGNORE
  }

  private static final Map<String, Rpc> BY_KEY =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Rpc::key, Function.identity()));

  private final String service;
  private final String method;
  private final Duration deadline;
  private final Failure failure;

  Rpc(String service, String method, int deadlineSeconds, Failure failure) {
    this.service = service;
    this.method = method;
    this.deadline = Duration.ofSeconds(deadlineSeconds);
    this.failure = failure;
  }

  /** The RPC that a configuration key stands for, such as {@code lifecycle-hook}. */
  public static Optional<Rpc> ofKey(String key) {
    return Optional.ofNullable(BY_KEY.get(key.toLowerCase(Locale.ROOT)));
  }

  /** Its key in {@code deadlines} and {@code fail-policy}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The service's short name. */
  public String service() {
    return service;
  }

  /** The method's name. */
  public String method() {
    return method;
  }

  /** How long a hook may take unless configured otherwise; zero for as long as the caller waits. */
  public Duration deadline() {
    return deadline;
  }

  /** What may happen when a plugin fails. */
  public Failure failure() {
    return failure;
  }

  /**
   * Whether a plugin declares it. What its mode leaves out isn't served either: who is never asked
   * for something must not do it by mistake.
   */
  public boolean isOffered(Capabilities capabilities) {
    return switch (this) {
      case VALIDATE_CLUSTER_CREATE ->
          capabilities.operator().contains(OperatorRpc.VALIDATE_CLUSTER_CREATE);
      case VALIDATE_CLUSTER_CHANGE ->
          capabilities.operator().contains(OperatorRpc.VALIDATE_CLUSTER_CHANGE);
      case MUTATE_CLUSTER -> capabilities.operator().contains(OperatorRpc.MUTATE_CLUSTER);
      case SET_STATUS_IN_CLUSTER ->
          capabilities.operator().contains(OperatorRpc.SET_STATUS_IN_CLUSTER);
      case DEREGISTER -> capabilities.operator().contains(OperatorRpc.DEREGISTER);
      case LIFECYCLE_HOOK -> capabilities.declares(ServiceCapability.LIFECYCLE_SERVICE);
      case PRE, POST -> capabilities.declares(ServiceCapability.RECONCILER_HOOKS);
      case ARCHIVE -> capabilities.wal().contains(WalRpc.ARCHIVE_WAL);
      case RESTORE_WAL -> capabilities.wal().contains(WalRpc.RESTORE_WAL);
      case WAL_STATUS -> capabilities.wal().contains(WalRpc.STATUS);
      case SET_FIRST_REQUIRED -> capabilities.wal().contains(WalRpc.SET_FIRST_REQUIRED);
      case BACKUP -> capabilities.declares(ServiceCapability.BACKUP_SERVICE);
      case RESTORE -> capabilities.declares(ServiceCapability.RESTORE_JOB);
      case ENRICH_CONFIGURATION -> capabilities.declares(ServiceCapability.POSTGRES);
      case DEFINE, COLLECT -> capabilities.declares(ServiceCapability.METRICS);
    };
  }

  /** {@code Service/Method}, for messages. */
  public String label() {
    return service + "/" + method;
  }
}
