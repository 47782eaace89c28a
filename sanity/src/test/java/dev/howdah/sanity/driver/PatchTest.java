package dev.howdah.sanity.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class PatchTest {
  private static final ObjectNode OBJECT =
      (ObjectNode) Json.read("{\"spec\": {\"list\": [1]}, \"text\": \"a\"}");

  @Test
  void nothingChangesNothing() throws Exception {
    assertThat(Patch.apply(OBJECT, ByteString.EMPTY)).isEqualTo(OBJECT);
  }

  @Test
  void operationsBuildOnEachOther() throws Exception {
    ByteString patch =
        ByteString.copyFromUtf8(
            """
            [{"op": "add", "path": "/spec/list/-", "value": 2},
             {"op": "remove", "path": "/spec/list/0"},
             {"op": "test", "path": "/spec/list/0", "value": 2}]
            """);

    assertThat(Patch.apply(OBJECT, patch).at("/spec/list").toString()).isEqualTo("[2]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no JSON",
        "{}",
        "[{\"op\": \"remove\", \"path\": \"/spec/none\"}]",
        "[{\"op\": \"replace\", \"path\": \"/none\", \"value\": 1}]",
        "[{\"op\": \"add\", \"path\": \"/none/deeper\", \"value\": 1}]",
        "[{\"op\": \"test\", \"path\": \"/text\", \"value\": \"b\"}]",
        "[{\"op\": \"invent\", \"path\": \"/text\"}]"
      })
  void whatTheOperatorWouldRefuseIsRefused(String patch) {
    assertThatThrownBy(() -> Patch.apply(OBJECT, ByteString.copyFromUtf8(patch)))
        .isInstanceOf(PatchException.class);
  }

  @Test
  void jsonIsPrintedAsGoPrintsIt() {
    assertThat(Json.text(Json.read("{\"a\" : \"<b> & c\"}")))
        .isEqualTo("{\"a\":\"\\u003cb\\u003e \\u0026 c\"}");
  }
}
