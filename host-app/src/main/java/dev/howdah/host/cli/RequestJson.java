package dev.howdah.host.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a request as a person writes it: proto JSON, in which a field of type bytes may also be a
 * nested JSON object or {@code "@file"} instead of base64.
 */
final class RequestJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private RequestJson() {}

  /**
   * Reads the request.
   *
   * @param type the message to fill
   * @param text a JSON object
   * @throws CommandFailure if it isn't that, or a file it names can't be read
   */
  static DynamicMessage read(Descriptor type, String text) {
    DynamicMessage.Builder request = DynamicMessage.newBuilder(type);
    try {
      if (!(MAPPER.readTree(text) instanceof ObjectNode object)) {
        throw CommandFailure.usage("The request isn't a JSON object. " + fields(type));
      }
      encodeBytes(object, type);
      JsonFormat.parser().merge(MAPPER.writeValueAsString(object), request);
    } catch (JacksonException notJson) {
      throw CommandFailure.usage("The request isn't JSON: " + notJson.getOriginalMessage());
    } catch (InvalidProtocolBufferException notThisMessage) {
      throw CommandFailure.usage(
          "The request doesn't fit %s: %s. %s"
              .formatted(type.getName(), notThisMessage.getMessage(), fields(type)));
    }
    return request.build();
  }

  private static void encodeBytes(ObjectNode object, Descriptor type) {
    for (FieldDescriptor field : type.getFields()) {
      String name = object.has(field.getName()) ? field.getName() : field.getJsonName();
      JsonNode value = object.get(name);
      if (value == null) {
        continue;
      }
      if (field.getJavaType() == JavaType.BYTE_STRING) {
        byte[] bytes = bytes(field, value);
        if (bytes != null) {
          object.put(name, Base64.getEncoder().encodeToString(bytes));
        }
      } else if (field.getJavaType() == JavaType.MESSAGE && !field.isMapField()) {
        if (value instanceof ObjectNode message) {
          encodeBytes(message, field.getMessageType());
        } else if (value instanceof ArrayNode messages) {
          for (JsonNode element : messages) {
            if (element instanceof ObjectNode message) {
              encodeBytes(message, field.getMessageType());
            }
          }
        }
      }
    }
  }

  /** Nothing where the value is base64 already. */
  private static byte @Nullable [] bytes(FieldDescriptor field, JsonNode value) {
    if (value.isObject() || value.isArray()) {
      return MAPPER.writeValueAsBytes(value);
    }
    if (value.isString() && value.stringValue().startsWith("@")) {
      return file(field, Path.of(value.stringValue().substring(1)));
    }
    return null;
  }

  private static byte[] file(FieldDescriptor field, Path file) {
    try {
      String name = file.toString().toLowerCase(Locale.ROOT);
      return name.endsWith(".yaml") || name.endsWith(".yml")
          ? MAPPER.writeValueAsBytes(yaml(Files.readString(file)))
          : Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw CommandFailure.usage(
          "The file %s of field %s can't be read; paths are relative to the current directory."
              .formatted(file, field.getName()));
    } catch (YAMLException notYaml) {
      throw CommandFailure.usage(
          "The file %s of field %s isn't one YAML document: %s"
              .formatted(file, field.getName(), notYaml.getMessage()));
    }
  }

  private static Object yaml(String text) {
    LoaderOptions loading = new LoaderOptions();
    DumperOptions dumping = new DumperOptions();
    return new Yaml(
            new SafeConstructor(loading),
            new Representer(dumping),
            dumping,
            loading,
            new TimesStayText())
        .load(text);
  }

  private static String fields(Descriptor type) {
    if (type.getFields().isEmpty()) {
      return "It has no fields.";
    }
    return type.getFields().stream()
        .map(
            field ->
                field.getJavaType() == JavaType.BYTE_STRING
                    ? field.getName() + " (an object, \"@file\" or base64)"
                    : field.getName())
        .collect(Collectors.joining(", ", "Its fields: ", "."));
  }

  /** Kubernetes objects have their times as text; YAML 1.1 would make dates of them. */
  private static final class TimesStayText extends Resolver {

    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
      addImplicitResolver(Tag.INT, INT, "-+0123456789");
      addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
      addImplicitResolver(Tag.MERGE, MERGE, "<");
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }
}
