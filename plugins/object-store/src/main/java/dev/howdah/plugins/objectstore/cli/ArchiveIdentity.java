package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.config.ObjectStoreResources;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What tells an archive from others, to find out whether a Cluster is the one that writes to it.
 * Backups are named by the second in which they began, so those of two Clusters may share an id;
 * the wrong Cluster would lose a Backup resource whose data is still there.
 *
 * @param location where it is, for messages
 * @param server the server's name
 * @param destination the store's root
 * @param databases system identifiers of the databases whose backups it holds
 */
record ArchiveIdentity(String location, String server, String destination, Set<String> databases) {

  /** Copies the set. */
  ArchiveIdentity {
    databases = Set.copyOf(databases);
  }

  /**
   * Makes sure that it is a Cluster's archive: the server's name is the Cluster's, and so are the
   * destination and the database, as far as the Cluster says them; one of the two it must say. The
   * address of a service isn't compared: people reach it by another one than Pods do.
   *
   * @param plugin the plugin's name
   * @param stores the ObjectStores beside the Cluster
   * @throws PluginException of kind {@code PRECONDITION} if it isn't, or nobody can tell
   */
  void requireOf(Cluster cluster, String plugin, ObjectStoreResources stores) {
    Map<String, String> parameters =
        cluster.plugins().stream()
            .filter(entry -> entry.name().equals(plugin) && entry.enabled())
            // Of duplicates the last holds.
            .reduce((first, second) -> second)
            .map(PluginEntry::parameters)
            .orElseThrow(() -> notOf(cluster, "it does not use " + plugin));
    String archivesAs = parameters.getOrDefault("serverName", cluster.name());
    if (!archivesAs.equals(server)) {
      throw notOf(cluster, "it archives as server '%s'".formatted(archivesAs));
    }
    Optional<String> database =
        Optional.of(cluster.at("status", "systemID").asString("")).filter(id -> !id.isEmpty());
    boolean databasesKnown = !databases.isEmpty() && !databases.contains(Catalogue.UNKNOWN);
    if (databasesKnown && database.isPresent() && !databases.contains(database.get())) {
      throw notOf(
          cluster,
          "its database has the system identifier %s, and the backups are of %s"
              .formatted(database.get(), String.join(", ", databases)));
    }
    Optional<String> archivesTo =
        Optional.ofNullable(parameters.get("barmanObjectName"))
            .flatMap(name -> stores.find(cluster.namespace(), name))
            .map(store -> store.at("/spec/configuration/destinationPath").asString(""));
    if (archivesTo.isPresent() && !plain(archivesTo.get()).equals(plain(destination))) {
      throw notOf(cluster, "it archives to " + archivesTo.get());
    }
    if (archivesTo.isEmpty() && !(databasesKnown && database.isPresent())) {
      throw notOf(
          cluster,
          "it neither names an ObjectStore that is there nor says its system identifier, so that"
              + " nobody can tell");
    }
  }

  private PluginException notOf(Cluster cluster, String why) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        ("%s is not known to be the archive of Cluster %s: %s. So nothing is deleted; if the"
                + " Cluster has left this archive, leave out --cluster and delete its Backups by"
                + " kubectl")
            .formatted(location, cluster.qualifiedName(), why));
  }

  // The same destination may be written with more or fewer slashes.
  private static String plain(String destination) {
    return destination.replaceFirst("^([a-z0-9]+):/*", "$1:/").replaceFirst("/+$", "");
  }
}
