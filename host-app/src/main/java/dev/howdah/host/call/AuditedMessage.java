package dev.howdah.host.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.howdah.host.audit.AuditEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A message of the protocol as the audit trail sees it: what it is about, and all of it as JSON.
 */
final class AuditedMessage {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Fields that hold the Cluster, by name; the first that is there counts. */
  private static final List<String> CLUSTERS =
      List.of("cluster_definition", "cluster", "new_cluster", "definition");

  private static final List<String> OBJECTS =
      List.of("object_definition", "resource_definition", "backup_definition");

  private static final String VERB = "TYPE_";

  private final Message message;

  AuditedMessage(Message message) {
    this.message = message;
  }

  /** Says which Cluster, object and operation it is about, as far as it says so itself. */
  void describe(AuditEntry.Builder entry) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.getName().equals("operation_type")
          && field.getType() == FieldDescriptor.Type.MESSAGE) {
        operation((Message) message.getField(field), entry);
      }
    }
    Map<String, String> cluster = identity(CLUSTERS);
    if (cluster.containsKey("name")) {
      entry.cluster(
          cluster.getOrDefault("namespace", ""),
          cluster.getOrDefault("name", ""),
          cluster.getOrDefault("uid", ""));
    }
    Map<String, String> object = identity(OBJECTS);
    if (object.containsKey("name")) {
      String version = object.getOrDefault("apiVersion", "");
      entry.object(
          version.contains("/") ? version.substring(0, version.indexOf('/')) : "",
          object.getOrDefault("kind", ""),
          object.getOrDefault("namespace", ""),
          object.getOrDefault("name", ""));
    }
  }

  private static void operation(Message type, AuditEntry.Builder entry) {
    for (Map.Entry<FieldDescriptor, Object> field : type.getAllFields().entrySet()) {
      if (field.getValue() instanceof EnumValueDescriptor verb) {
        entry.operation(verb.getName().replaceFirst("^" + VERB, ""));
      }
    }
  }

  private Map<String, String> identity(List<String> candidates) {
    for (String name : candidates) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
      if (field != null
          && field.getType() == FieldDescriptor.Type.BYTES
          && message.getField(field) instanceof ByteString bytes
          && !bytes.isEmpty()) {
        return identity(bytes);
      }
    }
    return Map.of();
  }

  /**
   * Reads who an object is from the beginning of its JSON: the operator writes kind, version and
   * name before everything else, so most of a Cluster is never parsed here.
   */
  private static Map<String, String> identity(ByteString json) {
    Map<String, String> found = new HashMap<>();
    try (JsonParser parser = MAPPER.createParser(json.newInput())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return found;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("metadata") && value == JsonToken.START_OBJECT) {
          metadata(parser, found);
          return found;
        }
        if (value == JsonToken.VALUE_STRING && (name.equals("kind") || name.equals("apiVersion"))) {
          found.put(name, parser.getString());
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      // The service refuses what isn't JSON; here what was read until then has to do.
      return found;
    }
    return found;
  }

  private static void metadata(JsonParser parser, Map<String, String> found) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME && !found.containsKey("uid")) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING) {
        switch (name) {
          case "name", "namespace", "uid" -> found.put(name, parser.getString());
          default -> {
            // Labels, times and the like say nothing about who it is.
          }
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  /** The whole message; fields that hold JSON as JSON, other bytes as their number. */
  JsonNode json() {
    return json(message);
  }

  private static ObjectNode json(Message message) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      FieldDescriptor descriptor = field.getKey();
      if (descriptor.isMapField()) {
        node.set(descriptor.getName(), map((List<?>) field.getValue()));
      } else if (descriptor.isRepeated()) {
        ArrayNode list = node.putArray(descriptor.getName());
        ((List<?>) field.getValue()).forEach(value -> list.add(value(value)));
      } else {
        node.set(descriptor.getName(), value(field.getValue()));
      }
    }
    return node;
  }

  private static ObjectNode map(List<?> entries) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    for (Object entry : entries) {
      if (entry instanceof Message pair) {
        FieldDescriptor key = pair.getDescriptorForType().findFieldByNumber(1);
        FieldDescriptor value = pair.getDescriptorForType().findFieldByNumber(2);
        node.set(String.valueOf(pair.getField(key)), value(pair.getField(value)));
      }
    }
    return node;
  }

  private static JsonNode value(Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value) {
      case Message nested -> json(nested);
      case ByteString bytes -> bytes(bytes);
      case EnumValueDescriptor constant -> nodes.stringNode(constant.getName());
      case Boolean flag -> nodes.booleanNode(flag);
      case Integer number -> nodes.numberNode(number);
      case Long number -> nodes.numberNode(number);
      case Double number -> nodes.numberNode(number);
      case Float number -> nodes.numberNode(number);
      default -> nodes.stringNode(String.valueOf(value));
    };
  }

  private static JsonNode bytes(ByteString bytes) {
    try {
      return MAPPER.readTree(bytes.toByteArray());
    } catch (JacksonException e) {
      return JsonNodeFactory.instance.stringNode(bytes.size() + " bytes");
    }
  }
}
