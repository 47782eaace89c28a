package dev.howdah.host.doctor;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is in the cluster, as far as it could be read.
 *
 * @param operatorNamespace where the operator runs, and so where it looks for plugins
 * @param all the objects
 * @param unread kinds that could not be read; nothing can be said of what is missing among them
 */
record ClusterObjects(String operatorNamespace, List<KubernetesObject> all, Set<String> unread) {

  ClusterObjects {
    all = List.copyOf(all);
    unread = Set.copyOf(unread);
  }

  List<KubernetesObject> of(String kind) {
    return all.stream().filter(object -> object.kind().equals(kind)).toList();
  }

  Optional<KubernetesObject> find(String kind, String namespace, String name) {
    return of(kind).stream()
        .filter(it -> it.namespace().equals(namespace) && it.name().equals(name))
        .findFirst();
  }

  /** Whether a kind was read at all: without, nothing is missing, it just wasn't looked at. */
  boolean knows(String kind) {
    return !unread.contains(kind);
  }

  List<KubernetesObject> clusters() {
    return of("Cluster").stream()
        .filter(it -> it.text("apiVersion").startsWith("postgresql.cnpg.io/"))
        .toList();
  }

  /** Services that the operator takes for plugins. */
  List<PluginService> plugins() {
    return of("Service").stream()
        .filter(it -> it.namespace().equals(operatorNamespace))
        .flatMap(it -> PluginService.of(it).stream())
        .toList();
  }

  /** Pods of a Cluster's instances. */
  List<KubernetesObject> instances(KubernetesObject cluster) {
    return of("Pod").stream()
        .filter(pod -> pod.namespace().equals(cluster.namespace()))
        .filter(pod -> pod.label("cnpg.io/cluster").filter(cluster.name()::equals).isPresent())
        .filter(pod -> pod.label("cnpg.io/podRole").filter("instance"::equals).isPresent())
        .toList();
  }
}
