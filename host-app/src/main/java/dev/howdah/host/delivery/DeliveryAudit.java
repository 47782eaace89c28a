package dev.howdah.host.delivery;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.compose.DesiredParameters;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.SpecParameters;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Puts each applied set into the audit trail: all of it, and whose wish each parameter was. */
final class DeliveryAudit implements Consumer<Deliveries.Applied> {

  private final Optional<AuditTrail> trail;
  private final String mode;

  DeliveryAudit(Optional<AuditTrail> trail, String mode) {
    this.trail = trail;
    this.mode = mode;
  }

  @Override
  public void accept(Deliveries.Applied applied) {
    trail.ifPresent(
        kept -> {
          var unused = kept.record(entry(applied));
        });
  }

  private AuditEntry entry(Deliveries.Applied applied) {
    Cluster cluster = applied.cluster();
    return AuditEntry.event("", "parameters-applied")
        .mode(mode)
        .cluster(cluster.namespace(), cluster.name(), cluster.uid())
        .object("postgresql.cnpg.io", "Cluster", cluster.namespace(), cluster.name())
        .operation("UPDATE")
        .detail("digest", applied.digest())
        .detail("manager", SpecParameters.MANAGER)
        .request(() -> content(applied))
        .build();
  }

  private static JsonNode content(Deliveries.Applied applied) {
    ArrayNode parameters = JsonNodeFactory.instance.arrayNode();
    applied
        .parameters()
        .chosen()
        .forEach(
            (name, choice) -> {
              if (applied.set().containsKey(name)) {
                ObjectNode one = parameters.addObject().put("name", name);
                describe(one, name, choice.winner(), applied);
                choice
                    .losers()
                    .forEach(
                        loser ->
                            describe(
                                one.withArrayProperty("over").addObject(), name, loser, applied));
              }
            });
    return parameters;
  }

  private static void describe(
      ObjectNode node, String name, DesiredParameters.Wish wish, Deliveries.Applied applied) {
    node.put("value", wish.value())
        .put("plugin", wish.plugin())
        .put("layer", wish.layer().name().toLowerCase(Locale.ROOT));
    String rule = applied.rules().get(new Wishes.Wish(wish.plugin(), wish.layer(), name));
    if (rule != null) {
      node.put("rule", rule);
    }
  }
}
