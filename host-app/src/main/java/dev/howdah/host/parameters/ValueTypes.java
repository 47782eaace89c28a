package dev.howdah.host.parameters;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds how values of a Java type are read: {@link ScalarTypes}, and what is made of them. */
final class ValueTypes {

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ValueTypes() {}

  /**
   * Finds a type.
   *
   * @param type a component's type
   * @param records reads nested records
   * @return empty if a parameter can't have this type
   */
  static Optional<ValueType> of(Type type, Function<Class<? extends Record>, ValueType> records) {
    if (type instanceof Class<?> plain) {
      if (plain == JsonNode.class || plain == ObjectNode.class || plain == ArrayNode.class) {
        return Optional.of(new JsonType(plain));
      }
      return plain.isRecord()
          ? Optional.of(records.apply(plain.asSubclass(Record.class)))
          : ScalarTypes.of(plain);
    }
    if (!(type instanceof ParameterizedType parameterized)) {
      return Optional.empty();
    }
    Type[] arguments = parameterized.getActualTypeArguments();
    return switch (parameterized.getRawType().getTypeName()) {
      case "java.util.Optional" -> of(arguments[0], records).map(OptionalType::new);
      case "java.util.List" -> of(arguments[0], records).map(ListType::new);
      case "java.util.Map" ->
          arguments[0] == String.class
              ? of(arguments[1], records).map(MapType::new)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** Reads JSON text. */
  static JsonNode json(String text, String expected) throws InvalidValueException {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node != null && !node.isMissingNode()) {
        return node;
      }
    } catch (JacksonException e) {
      // Said below, without the parser's own words, which change with its version.
    }
    throw new InvalidValueException("must be " + expected);
  }

  /** Reads a JSON object into texts, as if each of its fields had been written as a parameter. */
  static Map<String, String> fields(String text, String expected) throws InvalidValueException {
    if (!(json(text, expected) instanceof ObjectNode object)) {
      throw new InvalidValueException("must be " + expected);
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!field.getValue().isNull()) {
        fields.put(field.getKey(), text(field.getValue()));
      }
    }
    return fields;
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.stringValue() : node.toString();
  }

  private record JsonType(Class<?> node) implements ValueType {

    @Override
    public String words() {
      if (node == JsonNode.class) {
        return "JSON";
      }
      return node == ObjectNode.class ? "JSON object" : "JSON array";
    }

    @Override
    public Object read(String text) throws InvalidValueException {
      String expected = node == JsonNode.class ? "valid JSON" : "a valid " + words();
      JsonNode value = json(text, expected);
      if (!node.isInstance(value)) {
        throw new InvalidValueException("must be " + expected);
      }
      return value;
    }
  }

  /** Optionals say that a parameter may be left out; what is written is the value itself. */
  record OptionalType(ValueType value) implements ValueType {

    @Override
    public String words() {
      return value.words();
    }

    @Override
    public Object read(String text) throws InvalidValueException {
      return Optional.of(value.read(text));
    }
  }

  record ListType(ValueType element) implements ValueType {

    @Override
    public String words() {
      return "list, with commas or as a JSON array, of: " + element.words();
    }

    @Override
    public Object read(String text) throws InvalidValueException {
      List<Object> values = new ArrayList<>();
      int position = 0;
      for (String part : parts(text)) {
        position++;
        try {
          values.add(element.read(part));
        } catch (InvalidValueException e) {
          throw new InvalidValueException(
              "is wrong in entry %d: it %s".formatted(position, e.getMessage()));
        }
      }
      return List.copyOf(values);
    }

    private static List<String> parts(String text) throws InvalidValueException {
      String list = text.strip();
      if (list.isEmpty()) {
        return List.of();
      }
      if (!list.startsWith("[")) {
        return Arrays.stream(list.split(",", -1)).map(String::strip).toList();
      }
      List<String> parts = new ArrayList<>();
      for (JsonNode element : json(list, "a list with commas or a valid JSON array")) {
        parts.add(text(element));
      }
      return parts;
    }

    private static String text(JsonNode node) {
      return ValueTypes.text(node);
    }
  }

  record MapType(ValueType value) implements ValueType {

    @Override
    public String words() {
      return "JSON object with values of: " + value.words();
    }

    @Override
    public Object read(String text) throws InvalidValueException {
      Map<String, Object> values = new LinkedHashMap<>();
      for (Map.Entry<String, String> field :
          fields(text, "a valid JSON object, such as {\"name\": \"value\"}").entrySet()) {
        try {
          values.put(field.getKey(), value.read(field.getValue()));
        } catch (InvalidValueException e) {
          throw new InvalidValueException(
              "is wrong at '%s': it %s".formatted(field.getKey(), e.getMessage()));
        }
      }
      return Collections.unmodifiableMap(values);
    }
  }
}
