package dev.howdah.host.admission;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.call.InnerCalls;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.config.PluginSettings.FailPolicy;
import dev.howdah.host.guard.PatchGuard;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.cluster.Cluster;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Judges and completes Clusters by what the hosted plugins say. Never refused is what nobody may
 * stand in the way of: deletions, changes of Clusters that are being deleted, and writes that leave
 * spec, labels and annotations as they are, such as the operator's of status and finalizers.
 * Thread-safe.
 */
final class ClusterAdmission {

  static final String SERVICE = "admission";

  private static final String VERSION = "v1";

  private final PluginCatalog catalog;
  private final InnerCalls calls;
  private final DefinitionChecks checks;
  private final ParameterBinder binder;
  private final PatchGuard patchGuard = new PatchGuard();

  ClusterAdmission(
      PluginCatalog catalog, InnerCalls calls, DefinitionChecks checks, ParameterBinder binder) {
    this.catalog = catalog;
    this.calls = calls;
    this.checks = checks;
    this.binder = binder;
  }

  /** One plugin's part: what it found, or that its failure is to be ignored. */
  private record Said(PluginHandle plugin, List<ValidationFinding> findings, boolean ignored) {}

  /** One plugin's failure that isn't to be ignored. */
  private record Failed(PluginHandle plugin, Status status) {}

  /** Says whether what a review is about may be. */
  CompletionStage<Verdict> validate(Review review, String client, TimeLimit limit) {
    Optional<Verdict> atOnce = withoutAsking(review);
    if (atOnce.isPresent()) {
      return CompletableFuture.completedStage(atOnce.get());
    }
    Cluster after;
    Optional<Cluster> before;
    Participants participants;
    Rpc rpc =
        review.operation().equals("CREATE")
            ? Rpc.VALIDATE_CLUSTER_CREATE
            : Rpc.VALIDATE_CLUSTER_CHANGE;
    try {
      after = Cluster.of(review.object().orElseThrow());
      before = review.oldObject().map(Cluster::of);
      participants = Participants.of(catalog, rpc, after, binder);
    } catch (PluginException e) {
      return CompletableFuture.completedStage(malformed(e));
    }
    List<CompletableFuture<Object>> asked =
        participants.serving().stream()
            .map(plugin -> ask(plugin, rpc, review, client, limit, before, after))
            .toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(
            nothing ->
                judge(
                    asked.stream().map(CompletableFuture::join).toList(),
                    participants.absent(),
                    rpc));
  }

  private static Optional<Verdict> withoutAsking(Review review) {
    if (!review.ofCluster()
        || review.deleting()
        || review.leavesDefinitionAlone()
        || review.object().isEmpty()
        || !List.of("CREATE", "UPDATE").contains(review.operation())) {
      return Optional.of(Verdict.allowed());
    }
    if (!review.version().equals(VERSION)) {
      return Optional.of(
          Verdict.allowed(
              List.of(
                  "howdah: Clusters of version %s aren't checked, only those of %s; set matchPolicy: Equivalent."
                      .formatted(review.version(), VERSION))));
    }
    return Optional.empty();
  }

  private static Verdict malformed(PluginException problem) {
    return Verdict.denied(
        Verdict.Refusal.invalid("The Cluster is malformed: " + problem.getMessage(), List.of()),
        List.of());
  }

  private CompletableFuture<Object> ask(
      PluginHandle plugin,
      Rpc rpc,
      Review review,
      String client,
      TimeLimit limit,
      Optional<Cluster> before,
      Cluster after) {
    Said neutral = new Said(plugin, List.of(), true);
    return calls
        .run(
            new InnerCalls.Call(plugin, rpc, SERVICE, limit.left(), record(review, client, after)),
            neutral,
            call -> {
              call.about(after);
              return new Said(plugin, findings(call, rpc, before, after), false);
            })
        .<Object>thenApply(said -> said)
        .exceptionally(failure -> new Failed(plugin, status(failure)))
        .toCompletableFuture();
  }

  private List<ValidationFinding> findings(
      HookCall call, Rpc rpc, Optional<Cluster> before, Cluster after) {
    return rpc == Rpc.VALIDATE_CLUSTER_CREATE || before.isEmpty()
        ? checks.create(call, after)
        : introduced(call, before.get(), checks.change(call, before.get(), after), after);
  }

  /**
   * Of the errors those that the change brings in; the others become warnings. Else a Cluster that
   * was there before a rule couldn't be changed at all.
   */
  private List<ValidationFinding> introduced(
      HookCall call, Cluster before, List<ValidationFinding> findings, Cluster after) {
    if (findings.stream().noneMatch(ClusterAdmission::isError)) {
      return findings;
    }
    Set<String> standing = new HashSet<>();
    checks.standing(call, before).stream()
        .filter(ClusterAdmission::isError)
        .forEach(finding -> standing.add(identity(finding, before)));
    return findings.stream()
        .map(
            finding ->
                isError(finding) && standing.contains(identity(finding, after))
                    ? ValidationFinding.warning(finding.path(), finding.value(), finding.message())
                    : finding)
        .toList();
  }

  private static boolean isError(ValidationFinding finding) {
    return finding.severity() == Severity.ERROR;
  }

  private static String identity(ValidationFinding finding, Cluster cluster) {
    return String.join(
        "\u0000",
        FieldPath.named(finding.path(), cluster.json()),
        finding.value(),
        finding.message());
  }

  private static Optional<Consumer<AuditEntry.Builder>> record(
      Review review, String client, Cluster cluster) {
    if (review.dryRun()) {
      return Optional.empty();
    }
    return Optional.of(
        entry ->
            entry
                .caller(client)
                .operation(review.operation())
                .cluster(cluster.namespace(), cluster.name(), cluster.uid())
                .detail("review", review.uid())
                .request(
                    () -> {
                      ObjectNode request = JsonNodeFactory.instance.objectNode();
                      review.object().ifPresent(object -> request.set("definition", object));
                      return request;
                    }));
  }

  private static Status status(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return Status.fromThrowable(cause);
  }

  private static Verdict judge(List<Object> answers, List<PluginHandle> absent, Rpc rpc) {
    List<Verdict.Cause> causes = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Verdict.@Nullable Refusal unanswered = null;
    for (PluginHandle plugin : absent) {
      if (ignores(plugin, rpc)) {
        warnings.add(notAsked(plugin));
      } else {
        unanswered = unserved(plugin, rpc);
      }
    }
    for (Object answer : answers) {
      switch (answer) {
        case Said said when said.ignored() -> warnings.add(notAsked(said.plugin()));
        case Said said -> {
          for (ValidationFinding finding : said.findings()) {
            if (isError(finding)) {
              causes.add(new Verdict.Cause(FieldPath.shown(finding.path()), finding.message()));
              wrong.add(Messages.error(said.plugin().name(), finding));
            } else {
              warnings.add(Messages.warning(said.plugin().name(), finding));
            }
          }
        }
        case Failed failed -> unanswered = failure(failed, rpc);
        default -> throw new IllegalStateException("Unexpected answer " + answer);
      }
    }
    if (!wrong.isEmpty()) {
      return Verdict.denied(Verdict.Refusal.invalid(Messages.all(wrong), causes), warnings);
    }
    return unanswered == null ? Verdict.allowed(warnings) : Verdict.denied(unanswered, warnings);
  }

  private static boolean ignores(PluginHandle plugin, Rpc rpc) {
    return plugin.descriptor().settings().failPolicy().get(rpc.key()) == FailPolicy.IGNORE;
  }

  private static String notAsked(PluginHandle plugin) {
    return "%s: this plugin failed and was not heard.".formatted(plugin.name());
  }

  private static Verdict.Refusal unserved(PluginHandle plugin, Rpc rpc) {
    return Verdict.Refusal.unanswered(
        Status.Code.UNAVAILABLE.name(),
        "%s doesn't serve, so nobody can tell whether this Cluster is valid. %s"
            .formatted(plugin.name(), remedy(plugin, rpc)));
  }

  private static Verdict.Refusal failure(Failed failed, Rpc rpc) {
    return Verdict.Refusal.unanswered(
        failed.status().getCode().name(),
        "%s. %s"
            .formatted(
                Messages.sentence(
                    Objects.requireNonNullElse(
                        failed.status().getDescription(), failed.plugin().name() + " failed")),
                remedy(failed.plugin(), rpc)));
  }

  private static String remedy(PluginHandle plugin, Rpc rpc) {
    return "To let Clusters through without it, set howdah.plugins.%s.fail-policy.%s=ignore."
        .formatted(plugin.id(), rpc.key());
  }

  /** Completes the Cluster of a review, plugin by plugin; each sees what those before it added. */
  CompletionStage<Verdict> mutate(Review review, String client, TimeLimit limit) {
    if (withoutAsking(review).isPresent()
        // Without a name a Cluster is nothing that hooks know; the API server makes one later.
        || review.object().map(it -> it.at("/metadata/name").asString("")).orElse("").isEmpty()) {
      return CompletableFuture.completedStage(Verdict.allowed());
    }
    Cluster cluster;
    Participants participants;
    try {
      cluster = Cluster.of(review.object().orElseThrow());
      participants = Participants.of(catalog, Rpc.MUTATE_CLUSTER, cluster, binder);
    } catch (PluginException e) {
      // The API server knows the schema and refuses it next.
      return CompletableFuture.completedStage(Verdict.allowed());
    }
    CompletionStage<Chain> chain =
        CompletableFuture.completedStage(new Chain(cluster, List.of(), null));
    List<PluginHandle> plugins = participants.serving();
    for (int i = 0; i < plugins.size(); i++) {
      PluginHandle plugin = plugins.get(i);
      int left = plugins.size() - i;
      chain = chain.thenCompose(so -> complete(so, plugin, review, client, limit, left));
    }
    return chain.thenApply(end -> conclude(cluster, end));
  }

  /** How far completing has come. */
  private record Chain(Cluster cluster, List<String> warnings, Verdict.@Nullable Refusal refusal) {
    Chain warned(String warning) {
      List<String> more = new ArrayList<>(warnings);
      more.add(warning);
      return new Chain(cluster, List.copyOf(more), refusal);
    }
  }

  /** What one plugin made of the Cluster; without one its failure is to be ignored. */
  private record Completed(Optional<Cluster> cluster) {}

  private CompletionStage<Chain> complete(
      Chain chain, PluginHandle plugin, Review review, String client, TimeLimit limit, int left) {
    if (chain.refusal() != null) {
      return CompletableFuture.completedStage(chain);
    }
    Cluster cluster = chain.cluster();
    return calls
        .run(
            new InnerCalls.Call(
                plugin,
                Rpc.MUTATE_CLUSTER,
                SERVICE,
                limit.share(left),
                record(review, client, cluster)),
            new Completed(Optional.empty()),
            call -> {
              call.about(cluster);
              Optional<DefaultsHook> hook = call.plugin().hooks().defaults();
              return new Completed(
                  Optional.of(
                      hook.isEmpty() ? cluster : checks.completed(call, hook.get(), cluster)));
            })
        .thenApply(
            completed ->
                completed
                    .cluster()
                    .map(next -> new Chain(next, chain.warnings(), null))
                    .orElseGet(() -> chain.warned(notAsked(plugin))))
        .exceptionally(
            failure ->
                new Chain(
                    cluster,
                    chain.warnings(),
                    failure(new Failed(plugin, status(failure)), Rpc.MUTATE_CLUSTER)));
  }

  private Verdict conclude(Cluster original, Chain end) {
    if (end.refusal() != null) {
      return Verdict.denied(end.refusal(), end.warnings());
    }
    return new Verdict(
        Optional.empty(),
        end.warnings(),
        patchGuard.clusterPatch("howdah", original, end.cluster()));
  }
}
