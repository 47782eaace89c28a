package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldDiffTest {

  private final Redactor redactor = new Redactor(List.of(), new byte[] {1});

  private String diff(String before, String after) {
    return FieldDiff.between(Trails.JSON.readTree(before), Trails.JSON.readTree(after), redactor)
        .toString();
  }

  @Test
  void each_changed_field_has_its_values_before_and_after() {
    assertThat(diff("{\"spec\":{\"a\":1,\"b\":2}}", "{\"spec\":{\"a\":1,\"b\":3,\"c\":4}}"))
        .isEqualTo(
            "[{\"path\":\"/spec/b\",\"before\":2,\"after\":3},{\"path\":\"/spec/c\",\"after\":4}]");
  }

  @Test
  void an_element_inserted_into_a_list_of_named_ones_is_one_change() {
    assertThat(
            diff(
                "{\"plugins\":[{\"name\":\"b\",\"x\":1}]}",
                "{\"plugins\":[{\"name\":\"a\"},{\"name\":\"b\",\"x\":2}]}"))
        .isEqualTo(
            "[{\"path\":\"/plugins/[name=a]\",\"after\":{\"name\":\"a\"}},"
                + "{\"path\":\"/plugins/[name=b]/x\",\"before\":1,\"after\":2}]");
  }

  @Test
  void a_changed_secret_shows_as_changed_and_neither_value_does() {
    assertThat(diff("{\"token\":\"one\"}", "{\"token\":\"two\"}"))
        .isEqualTo("[{\"path\":\"/token\",\"before\":\"[redacted]\",\"after\":\"[redacted]\"}]");
    assertThat(
            diff(
                "{\"env\":[{\"name\":\"A\",\"value\":\"one\"}]}",
                "{\"env\":[{\"name\":\"A\",\"value\":\"two\"}]}"))
        .isEqualTo(
            "[{\"path\":\"/env/[name=A]/value\",\"before\":\"[redacted]\",\"after\":\"[redacted]\"}]");
  }

  @Test
  void what_keeps_itself_up_is_left_out() {
    assertThat(
            diff(
                "{\"metadata\":{\"generation\":1,\"resourceVersion\":\"1\"},\"status\":{\"a\":1}}",
                "{\"metadata\":{\"generation\":2,\"resourceVersion\":\"2\"},\"status\":{\"a\":2}}"))
        .isEqualTo("[]");
  }
}
