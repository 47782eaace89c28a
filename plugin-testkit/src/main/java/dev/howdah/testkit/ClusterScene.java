package dev.howdah.testkit;

import com.google.protobuf.ByteString;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.backup.BackupResult;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.postgres.ConfigurationOperation;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.backup.BackupRequest;
import dev.howdah.proto.metrics.CollectMetricsRequest;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.metrics.MetricsGrpc;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.OperatorMutateClusterRequest;
import dev.howdah.proto.operator.OperatorValidateClusterChangeRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.operator.ValidationError;
import dev.howdah.proto.postgres.EnrichConfigurationRequest;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.proto.postgres.PostgresGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.restorejob.RestoreRequest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Cluster that names the plugin, and all that the operator does with it. Immutable: what changes
 * the Cluster gives a new scene.
 *
 * <p>Every call that must be deterministic is made twice, and every answer that must be idempotent
 * is put to the plugin again; a difference is the test's failure, with what the operator would do
 * about it.
 */
public final class ClusterScene {

  private static final String ENRICH = "howdah.dev/enrich";

  private final RunningPlugin plugin;
  private final Cluster cluster;

  private ClusterScene(RunningPlugin plugin, Cluster cluster) {
    this.plugin = plugin;
    this.cluster = cluster;
  }

  static ClusterScene of(RunningPlugin plugin, Cluster cluster) {
    boolean named =
        cluster.plugins().stream().anyMatch(entry -> entry.name().equals(plugin.name()));
    return new ClusterScene(
        plugin,
        named
            ? cluster
            : cluster.with(
                json -> {
                  ObjectNode entry = plugins(json).addObject();
                  entry.put("name", plugin.name()).put("enabled", true);
                }));
  }

  /** Gives the plugin a parameter. */
  public ClusterScene with(String parameter, String value) {
    return change(json -> entry(json).withObject("/parameters").put(parameter, value));
  }

  /** Takes the plugin out of the Cluster. */
  public ClusterScene withoutPlugin() {
    return change(
        json ->
            plugins(json).removeIf(entry -> entry.path("name").asString("").equals(plugin.name())));
  }

  /** Makes the plugin the Cluster's WAL archiver, in place of any other. */
  public ClusterScene asWalArchiver() {
    return change(
        json -> {
          for (JsonNode other : plugins(json)) {
            ((ObjectNode) other).remove("isWALArchiver");
          }
          entry(json).put("isWALArchiver", true);
        });
  }

  /**
   * Lets the Cluster be recovered from an external cluster that the plugin provides.
   *
   * @param parameters the plugin's parameters there
   */
  public ClusterScene recoveringFrom(String externalCluster, Map<String, String> parameters) {
    return change(
        json -> {
          ObjectNode spec = json.withObject("/spec");
          ObjectNode external = spec.withArray("/externalClusters").addObject();
          external.put("name", externalCluster);
          ObjectNode source = external.putObject("plugin").put("name", plugin.name());
          parameters.forEach(source.putObject("parameters")::put);
          spec.putObject("bootstrap").putObject("recovery").put("source", externalCluster);
        });
  }

  /** Changes anything in the Cluster's JSON. */
  public ClusterScene change(Consumer<ObjectNode> change) {
    return new ClusterScene(plugin, cluster.with(change));
  }

  /** The Cluster as it is sent. */
  public Cluster cluster() {
    return cluster;
  }

  // --- objects that the operator writes

  /**
   * Asks how a Pod would look if it were created now, as the operator does before creating an
   * instance and in every loop for each running one. Asked twice, and again about the answer.
   *
   * @param pod name of one of the {@link OperatorObjects}, such as {@code pod-instance}
   */
  public ObjectAnswer evaluates(String pod) {
    return lifecycle(LifecycleOperation.EVALUATE, Models.tree(OperatorObjects.json(pod)));
  }

  /** Like {@link #evaluates(String)}, with a Pod of the test's own. */
  public ObjectAnswer evaluates(HasMetadata pod) {
    return lifecycle(LifecycleOperation.EVALUATE, Models.tree(pod));
  }

  /**
   * Creates an object. A Pod goes through EVALUATE first and its specification is kept in an
   * annotation, as the operator does.
   *
   * @param object name of one of the {@link OperatorObjects}, such as {@code pod-instance}, {@code
   *     job-initdb} or {@code service-rw}
   */
  public ObjectAnswer creates(String object) {
    return creates(Models.tree(OperatorObjects.json(object)));
  }

  /** Like {@link #creates(String)}, with an object of the test's own. */
  public ObjectAnswer creates(HasMetadata object) {
    return creates(Models.tree(object));
  }

  private ObjectAnswer creates(ObjectNode object) {
    if (!object.path("kind").asString("").equals("Pod")) {
      return lifecycle(LifecycleOperation.CREATE, object);
    }
    ObjectNode evaluated = lifecycle(LifecycleOperation.EVALUATE, object).tree();
    ObjectNode pod = evaluated.deepCopy();
    pod.withObject("/metadata")
        .withObject("/annotations")
        .put("cnpg.io/podSpec", Models.JSON.writeValueAsString(evaluated.path("spec")));
    ObjectAnswer created = lifecycle(LifecycleOperation.CREATE, pod);
    if (!created.tree().path("spec").equals(evaluated.path("spec"))) {
      throw new AssertionError(
          "CREATE changed the Pod's specification beyond what EVALUATE answered; the operator compares with EVALUATE, so it would never notice a change of that part. EVALUATE:%n  %s%nCREATE:%n  %s"
              .formatted(evaluated.path("spec"), created.tree().path("spec")));
    }
    return created.comparedWith(object);
  }

  /** Replaces an object. */
  public ObjectAnswer updates(String object) {
    return lifecycle(LifecycleOperation.UPDATE, Models.tree(OperatorObjects.json(object)));
  }

  /** Changes parts of an object. */
  public ObjectAnswer patches(String object) {
    return lifecycle(LifecycleOperation.PATCH, Models.tree(OperatorObjects.json(object)));
  }

  /** Deletes an object. */
  public ObjectAnswer deletes(String object) {
    return lifecycle(LifecycleOperation.DELETE, Models.tree(OperatorObjects.json(object)));
  }

  private ObjectAnswer lifecycle(LifecycleOperation operation, ObjectNode object) {
    return new LifecycleExchange(plugin, cluster, operation).with(object);
  }

  // --- the Cluster's definition

  /** Validates the Cluster as one that shall be created. */
  public ValidationAnswer validatesCreate() {
    return validation(
        OperatorConnection.callTwice(
                OperatorCall.VALIDATE_CREATE,
                "users are told other reasons each time",
                () ->
                    operator()
                        .validateClusterCreate(
                            OperatorValidateClusterCreateRequest.newBuilder()
                                .setDefinition(bytes(cluster))
                                .build()))
            .getValidationErrorsList());
  }

  /**
   * Validates a change of the Cluster.
   *
   * @param change what is changed, such as {@code scene -> scene.with("owner", "another")}
   */
  public ValidationAnswer validatesChange(Function<ClusterScene, ClusterScene> change) {
    Cluster after = change.apply(this).cluster;
    return validation(
        OperatorConnection.callTwice(
                OperatorCall.VALIDATE_CHANGE,
                "users are told other reasons each time",
                () ->
                    operator()
                        .validateClusterChange(
                            OperatorValidateClusterChangeRequest.newBuilder()
                                .setOldCluster(bytes(cluster))
                                .setNewCluster(bytes(after))
                                .build()))
            .getValidationErrorsList());
  }

  private static ValidationAnswer validation(List<ValidationError> errors) {
    return new ValidationAnswer(
        errors.stream()
            .map(
                error ->
                    ValidationFinding.error(
                        error.getPathComponentsList(), error.getValue(), error.getMessage()))
            .toList());
  }

  /** Lets the plugin complete the Cluster; the answer is the Cluster as it would be stored. */
  public ClusterScene completes() {
    ObjectNode completed = completed(cluster);
    Cluster once = Cluster.of(completed);
    if (!completed(once).equals(completed)) {
      throw new AssertionError(
          "%s isn't idempotent: it changes its own answer. The consequence: every change of the Cluster changes more than the user wrote."
              .formatted(OperatorCall.MUTATE.label()));
    }
    return new ClusterScene(plugin, once);
  }

  private ObjectNode completed(Cluster before) {
    byte[] patch =
        OperatorConnection.callTwice(
                OperatorCall.MUTATE,
                "Clusters differ from what GitOps tools expect",
                () ->
                    operator()
                        .mutateCluster(
                            OperatorMutateClusterRequest.newBuilder()
                                .setDefinition(bytes(before))
                                .build()))
            .getJsonPatch()
            .toByteArray();
    return Models.patched(before.json(), patch);
  }

  /**
   * Asks for the plugin's status, stores it in the Cluster as the operator does, and asks again.
   *
   * @throws AssertionError if the plugin answers another status then
   */
  public StatusAnswer reportsStatus() {
    byte[] first = status(cluster);
    if (first.length > 0) {
      byte[] second = status(storing(first));
      if (second.length > 0 && !Models.tree(second).equals(Models.tree(first))) {
        throw new AssertionError(
            "The status changes by itself: first%n  %s%nand, with that stored in the Cluster,%n  %s%nThe consequence: each change starts the operator's next loop, so it never rests."
                .formatted(Models.tree(first), Models.tree(second)));
      }
    }
    return new StatusAnswer(
        first.length == 0 ? Models.JSON.createObjectNode() : Models.tree(first));
  }

  private byte[] status(Cluster of) {
    return OperatorConnection.call(
            OperatorCall.STATUS,
            () ->
                operator()
                    .setStatusInCluster(
                        SetStatusInClusterRequest.newBuilder().setCluster(bytes(of)).build()))
        .getJsonStatus()
        .toByteArray();
  }

  private Cluster storing(byte[] status) {
    return cluster.with(
        json -> {
          ArrayNode statuses = json.withObject("/status").withArray("/pluginStatus");
          statuses.removeIf(entry -> entry.path("name").asString("").equals(plugin.name()));
          statuses
              .addObject()
              .put("name", plugin.name())
              .put("status", Models.JSON.writeValueAsString(Models.tree(status)));
        });
  }

  // --- the loops

  /** Runs before the Cluster's loop; twice, as two loops would. */
  public ReconcileAnswer reconciles() {
    return reconcile(OperatorCall.PRE, cluster.toBytes());
  }

  /** Runs after a successful loop of the Cluster. */
  public ReconcileAnswer reconcilesAfterwards() {
    return reconcile(OperatorCall.POST, cluster.toBytes());
  }

  /**
   * Runs before the loop of a Backup.
   *
   * @param backup name of one of the {@link OperatorObjects}, such as {@code backup-plugin}
   */
  public ReconcileAnswer reconcilesBackup(String backup) {
    return reconcile(OperatorCall.PRE, OperatorObjects.json(backup));
  }

  private ReconcileAnswer reconcile(OperatorCall call, byte[] resource) {
    ReconcilerHooksRequest request =
        ReconcilerHooksRequest.newBuilder()
            .setClusterDefinition(bytes(cluster))
            .setResourceDefinition(ByteString.copyFrom(resource))
            .build();
    var hooks =
        ReconcilerHooksGrpc.newBlockingStub(plugin.connection().operator())
            .withDeadlineAfter(Duration.ofSeconds(OperatorConnection.CALL_SECONDS));
    ReconcilerHooksResult result =
        OperatorConnection.callTwice(
            call,
            "two loops over the same Cluster end differently",
            () -> call == OperatorCall.PRE ? hooks.pre(request) : hooks.post(request));
    return new ReconcileAnswer(
        switch (result.getBehavior()) {
          case BEHAVIOR_CONTINUE -> Reconcile.proceed();
          case BEHAVIOR_REQUEUE -> Reconcile.requeue(Duration.ofSeconds(result.getRequeueAfter()));
          case BEHAVIOR_TERMINATE -> Reconcile.terminate();
          case BEHAVIOR_UNSPECIFIED, UNRECOGNIZED ->
              throw new AssertionError("The answer doesn't say whether the loop goes on.");
        });
  }

  // --- inside the instance

  /** The archive of this Cluster, as PostgreSQL's archive and restore commands see it. */
  public WalScene wal() {
    return new WalScene(plugin, cluster);
  }

  /**
   * Scrapes the instance's exporter: Define, then Collect, checked as the exporter checks them.
   *
   * @throws AssertionError if the scrape would fail
   */
  public MetricsAnswer scrapes() {
    var metrics = MetricsGrpc.newBlockingStub(plugin.connection().instance());
    var defined =
        OperatorConnection.callTwice(
            OperatorCall.DEFINE,
            "metrics change their names between Define and Collect",
            () ->
                metrics.define(
                    DefineMetricsRequest.newBuilder()
                        .setClusterDefinition(bytes(cluster))
                        .build()));
    var collected =
        OperatorConnection.call(
            OperatorCall.COLLECT,
            () ->
                metrics.collect(
                    CollectMetricsRequest.newBuilder()
                        .setClusterDefinition(bytes(cluster))
                        .build()));
    return MetricsAnswer.of(defined, collected);
  }

  /**
   * Lets the plugin add to PostgreSQL's configuration in the instance's loop, with the newest
   * revision of its enrichment active.
   *
   * @param configuration name of one of the {@link OperatorObjects}, such as {@code enrich-configs}
   */
  public ConfigurationAnswer enriches(String configuration) {
    return enriches(OperatorObjects.configuration(configuration), ConfigurationOperation.RECONCILE);
  }

  /** Like {@link #enriches(String)}, with a configuration of the test's own. */
  public ConfigurationAnswer enriches(
      Map<String, String> configuration, ConfigurationOperation operation) {
    SortedMap<String, String> before = new TreeMap<>(configuration);
    SortedMap<String, String> after = enriched(before, operation);
    if (!enriched(after, operation).equals(after)) {
      throw new AssertionError(
          "%s isn't idempotent: it changes its own answer. The consequence: instances end up with different configurations, and the operator rolls nothing out while they do."
              .formatted(OperatorCall.ENRICH.label()));
    }
    return new ConfigurationAnswer(before, after);
  }

  private SortedMap<String, String> enriched(
      SortedMap<String, String> configuration, ConfigurationOperation operation) {
    EnrichConfigurationRequest request =
        EnrichConfigurationRequest.newBuilder()
            .putAllConfigs(configuration)
            .setClusterDefinition(bytes(activated()))
            .setOperationType(
                OperationType.newBuilder()
                    .setType(
                        switch (operation) {
                          case INIT -> OperationType.Type.TYPE_INIT;
                          case RESTORE -> OperationType.Type.TYPE_RESTORE;
                          case RECONCILE -> OperationType.Type.TYPE_RECONCILE;
                          case UPGRADE -> OperationType.Type.TYPE_UPGRADE;
                        }))
            .build();
    Map<String, String> answer =
        OperatorConnection.callTwice(
                OperatorCall.ENRICH,
                "instances have different configurations, and the operator rolls nothing out while"
                    + " they do",
                () ->
                    PostgresGrpc.newBlockingStub(plugin.connection().instance())
                        .enrichConfiguration(request))
            .getConfigsMap();
    // An empty answer is no opinion: the operator keeps what it has.
    return answer.isEmpty() ? configuration : new TreeMap<>(answer);
  }

  /** The Cluster once every instance has a sidecar that knows the newest revision. */
  private Cluster activated() {
    SortedMap<Integer, ?> revisions = plugin.hooks().enrichment();
    if (revisions.isEmpty() || cluster.annotations().containsKey(ENRICH)) {
      return cluster;
    }
    return cluster.with(
        json ->
            json.withObject("/metadata")
                .withObject("/annotations")
                .put(ENRICH, plugin.id() + "@" + revisions.lastKey()));
  }

  /** Makes a base backup, as the instance manager asks for it. */
  public BackupAnswer backsUp() {
    Backup backup = Backup.of(backupOfPlugin());
    var result =
        OperatorConnection.call(
            OperatorCall.BACKUP,
            () ->
                BackupGrpc.newBlockingStub(plugin.connection().instance())
                    .backup(
                        BackupRequest.newBuilder()
                            .setClusterDefinition(bytes(cluster))
                            .setBackupDefinition(ByteString.copyFrom(backup.toBytes()))
                            .putAllParameters(backup.pluginParameters())
                            .build()));
    return new BackupAnswer(
        new BackupResult(
            result.getBackupId(),
            result.getBackupName(),
            Instant.ofEpochSecond(result.getStartedAt()),
            Instant.ofEpochSecond(result.getStoppedAt()),
            result.getBeginWal(),
            result.getEndWal(),
            result.getBeginLsn(),
            result.getEndLsn(),
            result.getBackupLabelFile().toStringUtf8(),
            result.getTablespaceMapFile().toStringUtf8(),
            result.getInstanceId(),
            result.getOnline(),
            result.getMetadataMap()));
  }

  private ObjectNode backupOfPlugin() {
    ObjectNode backup = Models.tree(OperatorObjects.json("backup-plugin"));
    ObjectNode configuration = backup.withObject("/spec").putObject("pluginConfiguration");
    configuration.put("name", plugin.name());
    return backup;
  }

  /**
   * Restores a data directory, as the recovery Job asks for it; see {@link #recoveringFrom}.
   *
   * @return how PostgreSQL shall go on
   */
  public RestoreAnswer restoresDataDirectory() {
    var response =
        OperatorConnection.call(
            OperatorCall.RESTORE,
            () ->
                RestoreJobHooksGrpc.newBlockingStub(plugin.connection().instance())
                    .restore(
                        RestoreRequest.newBuilder()
                            .setClusterDefinition(bytes(cluster))
                            .setCheckEmptyWalArchive(true)
                            .build()));
    Map<String, String> environment = new LinkedHashMap<>();
    for (String variable : response.getEnvsList()) {
      int equals = variable.indexOf('=');
      if (equals < 1) {
        throw new AssertionError(
            "The variable '%s' has no '='; the Job fails.".formatted(variable));
      }
      environment.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    return new RestoreAnswer(new RestoreResult(response.getRestoreConfig(), environment));
  }

  // --- errors

  /**
   * Expects a call to fail.
   *
   * <pre>{@code
   * plugin.onCluster().with("labels", "no JSON")
   *     .fails(scene -> scene.evaluates("pod-instance"))
   *     .withMessageContaining("labels");
   * }</pre>
   *
   * @param call the call, such as {@code scene -> scene.creates("pod-instance")}
   */
  public FailureAnswer fails(Consumer<ClusterScene> call) {
    return FailureAnswer.of(() -> call.accept(this));
  }

  private OperatorGrpc.OperatorBlockingStub operator() {
    return OperatorGrpc.newBlockingStub(plugin.connection().operator())
        .withDeadlineAfter(Duration.ofSeconds(OperatorConnection.CALL_SECONDS));
  }

  static ByteString bytes(Cluster cluster) {
    return ByteString.copyFrom(cluster.toBytes());
  }

  private static ArrayNode plugins(ObjectNode cluster) {
    return cluster.withObject("/spec").withArray("/plugins");
  }

  private ObjectNode entry(ObjectNode json) {
    for (JsonNode entry : plugins(json)) {
      if (entry instanceof ObjectNode object
          && entry.path("name").asString("").equals(plugin.name())) {
        return object;
      }
    }
    return plugins(json).addObject().put("name", plugin.name()).put("enabled", true);
  }
}
