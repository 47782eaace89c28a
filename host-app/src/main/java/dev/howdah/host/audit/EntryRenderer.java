package dev.howdah.host.audit;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns an entry into the fields of its record: redacted, and no more of it than its level asks.
 */
final class EntryRenderer {

  private static final Logger log = LoggerFactory.getLogger(EntryRenderer.class);

  private final Redactor redactor;
  private final int maxPayloadBytes;

  EntryRenderer(Redactor redactor, int maxPayloadBytes) {
    this.redactor = redactor;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /** The record's own fields as a JSON object, without what the chain adds. */
  String render(AuditEntry entry, AuditRules.Decision decision) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("id", entry.id());
    body.put("kind", entry.kind().name().toLowerCase(Locale.ROOT));
    body.put("time", entry.time().toString());
    body.put("level", decision.level().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    putUnlessEmpty(body, "plugin", entry.plugin());
    putUnlessEmpty(body, "service", entry.service());
    putUnlessEmpty(body, "method", entry.method());
    putUnlessEmpty(body, "mode", entry.mode());
    putUnlessEmpty(body, "caller", entry.caller());
    putUnlessEmpty(body, "operation", entry.operation());
    body.put("outcome", entry.outcome());
    entry.latency().ifPresent(latency -> body.put("latencyMicros", latency.toNanos() / 1_000));
    if (decision.durable()) {
      body.put("durable", true);
    }
    if (entry.intended()) {
      body.put("intended", true);
    }
    entry.key().ifPresent(key -> body.put("key", key));
    entry.cluster().ifPresent(cluster -> putCluster(body.putObject("cluster"), cluster));
    entry.object().ifPresent(object -> putObject(body.putObject("object"), object));
    entry.actor().ifPresent(actor -> putActor(body.putObject("actor"), actor));
    putDetails(body, entry);
    putPayloads(body, entry, decision.level());
    return CanonicalJson.MAPPER.writeValueAsString(CanonicalJson.exact(body));
  }

  private static void putCluster(ObjectNode node, AuditEntry.ClusterRef cluster) {
    putUnlessEmpty(node, "namespace", cluster.namespace());
    putUnlessEmpty(node, "name", cluster.name());
    putUnlessEmpty(node, "uid", cluster.uid());
  }

  private static void putObject(ObjectNode node, AuditEntry.ObjectRef object) {
    putUnlessEmpty(node, "group", object.group());
    putUnlessEmpty(node, "kind", object.kind());
    putUnlessEmpty(node, "namespace", object.namespace());
    putUnlessEmpty(node, "name", object.name());
  }

  private static void putActor(ObjectNode node, AuditEntry.Actor actor) {
    putUnlessEmpty(node, "user", actor.user());
    putUnlessEmpty(node, "uid", actor.uid());
    putUnlessEmpty(node, "source", actor.source());
    if (!actor.groups().isEmpty()) {
      ArrayNode groups = node.putArray("groups");
      actor.groups().forEach(groups::add);
    }
  }

  private void putDetails(ObjectNode body, AuditEntry entry) {
    if (entry.details().isEmpty()) {
      return;
    }
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    entry.details().forEach(details::put);
    body.set("details", redactor.redact(details));
  }

  private void putPayloads(ObjectNode body, AuditEntry entry, AuditLevel level) {
    if (level.holds(AuditLevel.REQUEST)) {
      entry.request().ifPresent(request -> body.set("request", payload(entry, request)));
      if (entry.before().isPresent() || entry.after().isPresent()) {
        body.set("diff", payload(entry, () -> diff(entry)));
      }
    }
    if (level.holds(AuditLevel.REQUEST_RESPONSE)) {
      entry.response().ifPresent(response -> body.set("response", payload(entry, response)));
    }
  }

  private JsonNode diff(AuditEntry entry) {
    JsonNode nothing = JsonNodeFactory.instance.missingNode();
    return FieldDiff.between(
        entry.before().orElse(nothing), entry.after().orElse(nothing), redactor);
  }

  private JsonNode payload(AuditEntry entry, Supplier<JsonNode> supplier) {
    try {
      JsonNode redacted = redactor.redact(supplier.get());
      byte[] text =
          CanonicalJson.MAPPER.writeValueAsString(redacted).getBytes(StandardCharsets.UTF_8);
      return text.length <= maxPayloadBytes ? redacted : omitted(text);
    } catch (RuntimeException e) {
      log.atWarn()
          .addKeyValue("plugin", entry.plugin())
          .addKeyValue("method", entry.method())
          .addKeyValue("auditId", entry.id())
          .setCause(e)
          .log("An audited payload can't be rendered; its record goes without it");
      ObjectNode problem = JsonNodeFactory.instance.objectNode();
      problem.put("unrenderable", true);
      return problem;
    }
  }

  private static JsonNode omitted(byte[] text) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ObjectNode facts = node.putObject("omitted");
    facts.put("bytes", text.length);
    facts.put("sha256", CanonicalJson.sha256(text));
    return node;
  }

  private static void putUnlessEmpty(ObjectNode node, String field, String value) {
    if (!value.isEmpty()) {
      node.put(field, value);
    }
  }
}
