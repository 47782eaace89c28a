package dev.howdah.plugins.audit;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Publishes objects that the operator is about to write. What comes again unchanged with the same
 * operation is published once; a deletion in between makes it new again.
 */
final class ObjectObserver {

  private static final int REMEMBERED = 20_000;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final AuditPublisher publisher;
  private final LastSeen seen = new LastSeen(REMEMBERED);

  ObjectObserver(AuditPublisher publisher) {
    this.publisher = publisher;
  }

  void observed(ObjectType<?> type, HasMetadata object, LifecycleContext context) {
    String operation = context.operation().name();
    JsonNode content = MAPPER.valueToTree(object);
    String namespace = orEmpty(object.getMetadata().getNamespace());
    String name = orEmpty(object.getMetadata().getName());
    String thing = String.join(" ", context.cluster().uid(), type.toString(), namespace, name);
    // The digest stays in memory: of a Secret it could be compared with guessed contents.
    if (!seen.isNew(thing, operation + " " + Digest.sha256(content))) {
      return;
    }
    AuditEvent.Builder event =
        AuditEvent.intended("object." + operation.toLowerCase(Locale.ROOT))
            .cluster(context.cluster())
            .object(new AuditEvent.ObjectIdentity(type.group(), type.kind(), namespace, name));
    if (context.operation() != LifecycleOperation.DELETE) {
      JsonNode shown = isSecret(type) ? nameOnly(namespace, name) : content;
      event.detail("digest", "sha256:" + Digest.sha256(shown)).payload(shown);
    }
    publisher.publish(event.build());
  }

  private static boolean isSecret(ObjectType<?> type) {
    return type.group().isEmpty() && type.kind().equals("Secret");
  }

  private static ObjectNode nameOnly(String namespace, String name) {
    ObjectNode secret = JsonNodeFactory.instance.objectNode();
    secret.put("apiVersion", "v1");
    secret.put("kind", "Secret");
    ObjectNode metadata = secret.putObject("metadata");
    metadata.put("namespace", namespace);
    metadata.put("name", name);
    return secret;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
