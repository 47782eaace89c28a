package dev.howdah.host.delivery;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.SpecParameters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Which managers hold which entries of a Cluster's {@code spec.postgresql.parameters}, by its
 * {@code managedFields}.
 */
final class FieldOwners {

  private record Owner(String manager, boolean apply, String time, SortedSet<String> parameters) {}

  private final List<Owner> owners;

  private FieldOwners(List<Owner> owners) {
    this.owners = owners;
  }

  static FieldOwners of(Cluster cluster) {
    List<Owner> owners = new ArrayList<>();
    for (JsonNode entry : cluster.at("metadata", "managedFields")) {
      if (entry.path("subresource").asString("").isEmpty()) {
        owners.add(
            new Owner(
                entry.path("manager").asString(""),
                entry.path("operation").asString("").equals("Apply"),
                entry.path("time").asString(""),
                parameters(entry)));
      }
    }
    return new FieldOwners(List.copyOf(owners));
  }

  private static SortedSet<String> parameters(JsonNode entry) {
    SortedSet<String> names = new TreeSet<>();
    JsonNode fields =
        entry.path("fieldsV1").path("f:spec").path("f:postgresql").path("f:parameters");
    for (String field : fields.propertyNames()) {
      if (field.startsWith("f:")) {
        names.add(field.substring("f:".length()));
      }
    }
    return names;
  }

  /** What Howdah applied and still holds, alone or with others. */
  SortedSet<String> held() {
    SortedSet<String> held = new TreeSet<>();
    owners.stream()
        .filter(owner -> owner.apply() && owner.manager().equals(SpecParameters.MANAGER))
        .forEach(owner -> held.addAll(owner.parameters()));
    return Collections.unmodifiableSortedSet(held);
  }

  /**
   * Who most likely took a parameter back: whoever holds it now, else who changed the Cluster last.
   * The API server keeps no record of who removed a field.
   */
  String taker(String parameter) {
    return owners.stream()
        .filter(owner -> !owner.manager().equals(SpecParameters.MANAGER))
        .max(
            (one, other) -> {
              int holds =
                  Boolean.compare(
                      one.parameters().contains(parameter), other.parameters().contains(parameter));
              return holds != 0 ? holds : one.time().compareTo(other.time());
            })
        .map(Owner::manager)
        .filter(manager -> !manager.isEmpty())
        .orElse("unknown");
  }
}
