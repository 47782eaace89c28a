package dev.howdah.host.cli;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an answer for people and pipes: proto JSON under the protocol's field names, with every
 * field of a plain type shown, and bytes that hold a JSON object or array shown as that.
 */
final class AnswerJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence();

  private AnswerJson() {}

  static String write(Message answer) {
    try {
      JsonNode tree = MAPPER.readTree(PRINTER.print(answer));
      decodeBytes(tree, answer.getDescriptorForType().getFields());
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException("an answer without Any fields can't be printed", impossible);
    }
  }

  private static void decodeBytes(JsonNode tree, List<FieldDescriptor> fields) {
    if (!(tree instanceof ObjectNode object)) {
      return;
    }
    for (FieldDescriptor field : fields) {
      JsonNode value = object.get(field.getName());
      if (value == null) {
        continue;
      }
      if (field.getJavaType() == JavaType.BYTE_STRING && value.isString()) {
        object.set(field.getName(), decoded(value));
      } else if (field.getJavaType() == JavaType.MESSAGE && !field.isMapField()) {
        List<FieldDescriptor> inner = field.getMessageType().getFields();
        if (value.isArray()) {
          value.forEach(element -> decodeBytes(element, inner));
        } else {
          decodeBytes(value, inner);
        }
      }
    }
  }

  private static JsonNode decoded(JsonNode base64) {
    try {
      JsonNode held = MAPPER.readTree(Base64.getDecoder().decode(base64.stringValue()));
      return held.isObject() || held.isArray() ? held : base64;
    } catch (JacksonException notJson) {
      return base64;
    }
  }
}
