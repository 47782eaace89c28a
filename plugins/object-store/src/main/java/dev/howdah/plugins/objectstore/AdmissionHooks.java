package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.config.ObjectStoreReader;
import dev.howdah.plugins.objectstore.config.ObjectStoreResources;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Looks at what a Cluster says about its archives before it is used: parameters, the ObjectStores
 * that they name, and who archives WAL. Thread-safe.
 */
final class AdmissionHooks {

  private static final Logger log = LoggerFactory.getLogger(AdmissionHooks.class);

  private final String pluginName;
  private final ObjectStoreResources resources;

  AdmissionHooks(String pluginName, ObjectStoreResources resources) {
    this.pluginName = pluginName;
    this.resources = resources;
  }

  /** What is wrong with a new Cluster. */
  List<ValidationFinding> create(HookContext context) {
    return findings(context, Severity.ERROR);
  }

  /**
   * What is wrong with a Cluster that is to become another. An ObjectStore that can't be used is
   * only warned of: the Cluster couldn't be changed in any other way until somebody repairs it.
   */
  List<ValidationFinding> change(Cluster before, HookContext context) {
    return findings(context, Severity.WARNING);
  }

  private List<ValidationFinding> findings(HookContext context, Severity unusable) {
    List<ValidationFinding> findings = new ArrayList<>();
    for (PluginUse use : context.uses()) {
      ObjectStoreParameters parameters = use.parameters().as(ObjectStoreParameters.class);
      List<String> path = use.parameters().path();
      checkServerName(parameters, path).ifPresent(findings::add);
      parameters
          .barmanObjectName()
          .ifPresent(
              name ->
                  checkObjectStore(context.cluster(), name, use, unusable).forEach(findings::add));
    }
    context.own().ifPresent(own -> checkArchiving(context.cluster(), own).ifPresent(findings::add));
    return findings;
  }

  private static Optional<ValidationFinding> checkServerName(
      ObjectStoreParameters parameters, List<String> path) {
    String name = parameters.serverName().orElse("");
    try {
      new ArchiveLayout(name.isEmpty() ? "server" : name);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(
          ValidationFinding.error(below(path, "serverName"), name, String.valueOf(e.getMessage())));
    }
  }

  private List<ValidationFinding> checkObjectStore(
      Cluster cluster, String name, PluginUse use, Severity unusable) {
    List<String> path = use.parameters().path();
    List<String> at = below(path, "barmanObjectName");
    Optional<JsonNode> resource;
    try {
      resource = resources.find(cluster.namespace(), name);
    } catch (PluginException e) {
      log.atDebug()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("objectStore", name)
          .setCause(e)
          .log("An ObjectStore can't be read, so it is not checked at admission");
      return List.of();
    }
    if (resource.isEmpty()) {
      return List.of(
          ValidationFinding.warning(
              at,
              name,
              "there is no ObjectStore %s in the Cluster's namespace yet".formatted(name)));
    }
    ObjectStoreReader.Result result = ObjectStoreReader.read(resource.get());
    List<ValidationFinding> findings = new ArrayList<>();
    for (String problem : result.problems()) {
      findings.add(
          new ValidationFinding(unusable, at, name, "ObjectStore %s: %s".formatted(name, problem)));
    }
    if (keepsAll(use, result)) {
      findings.add(
          ValidationFinding.warning(
              below(path, "verificationInterval"),
              "off",
              ("retention of ObjectStore %s counts only backups that were verified, and nobody"
                   + " verifies any: it will keep what it can't count; use the command verify, or"
                   + " set redundancyCounts to whole")
                  .formatted(name)));
    }
    for (String notice : result.notices()) {
      findings.add(
          ValidationFinding.warning(at, name, "ObjectStore %s: %s".formatted(name, notice)));
    }
    return findings;
  }

  private static boolean keepsAll(PluginUse use, ObjectStoreReader.Result result) {
    ObjectStoreParameters parameters = use.parameters().as(ObjectStoreParameters.class);
    return use instanceof PluginUse.Own
        && result.problems().isEmpty()
        && result.spec().retentionPolicy().isPresent()
        && parameters.verifiesEvery().isEmpty()
        && parameters.counting() == RetentionPolicy.Counting.VERIFIED;
  }

  private Optional<ValidationFinding> checkArchiving(Cluster cluster, PluginUse.Own own) {
    ObjectStoreParameters parameters = own.parameters().as(ObjectStoreParameters.class);
    List<String> at = below(own.path(), "isWALArchiver");
    String value = String.valueOf(own.walArchiver());
    if (!parameters.archives()) {
      return Optional.of(
          ValidationFinding.warning(
              below(own.parameters().path(), "walArchiving"),
              parameters.walArchiving(),
              "this plugin archives no WAL and refuses backups"));
    }
    if (own.walArchiver() && cluster.at("spec", "backup", "barmanObjectStore").isObject()) {
      return Optional.of(
          ValidationFinding.warning(
              at, value, "spec.backup.barmanObjectStore archives WAL as well; remove it"));
    }
    return switch (ArchivingRule.of(cluster, own, parameters, pluginName)) {
      case ArchivingRule.StandBack standBack -> Optional.empty();
      case ArchivingRule.Archive archive ->
          archive.warning().map(warning -> ValidationFinding.warning(at, value, warning));
    };
  }

  private static List<String> below(List<String> path, String field) {
    List<String> below = new ArrayList<>(path);
    below.add(field);
    return below;
  }
}
