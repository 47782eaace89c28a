package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CanonicalJsonTest {

  private static String canonical(String json) {
    return new String(CanonicalJson.bytes(json), StandardCharsets.UTF_8);
  }

  private static JsonNode exact(String json) {
    return CanonicalJson.exact(CanonicalJson.MAPPER.readTree(json));
  }

  @Test
  void names_are_sorted_and_spaces_go() {
    assertThat(canonical("{ \"b\" : 1.0, \"a\" : [ true, null ], \"\u20ac\" : \"\\u20ac\" }"))
        .isEqualTo("{\"a\":[true,null],\"b\":1,\"\u20ac\":\"\u20ac\"}");
  }

  @Test
  void a_number_that_a_double_cannot_hold_becomes_text() {
    assertThat(exact("{\"a\":12345678901234567890,\"b\":0.1,\"c\":9007199254740992,\"d\":1e400}"))
        .hasToString(
            "{\"a\":\"12345678901234567890\",\"b\":0.1,\"c\":9007199254740992,\"d\":\"1E+400\"}");
  }

  @Property(tries = 500)
  void any_text_survives_and_canonical_form_is_stable(@ForAll String text) {
    JsonNode node = CanonicalJson.exact(CanonicalJson.MAPPER.createObjectNode().put(text, text));
    byte[] bytes = CanonicalJson.bytes(node);

    assertThat(CanonicalJson.MAPPER.readTree(bytes)).isEqualTo(node);
    assertThat(CanonicalJson.bytes(new String(bytes, StandardCharsets.UTF_8))).isEqualTo(bytes);
  }
}
