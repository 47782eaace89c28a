package dev.howdah.host.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/reference/properties.md equal to the properties' own descriptions. */
class PropertyReferenceTest {

  private static final Path PAGE = Path.of("../docs/reference/properties.md");

  @Test
  void thePageIsWhatTheCodeSays() throws IOException {
    String page = page();
    if (Boolean.getBoolean("howdah.docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as(
            "write it anew with: mvn -pl host-app -am -Dtest=PropertyReferenceTest"
                + " -Dhowdah.docs.write=true verify")
        .content()
        .isEqualTo(page);
  }

  private static String page() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Properties

            Made from the code. What Spring Boot names (`server.*`, `management.*`, `logging.*`) keeps Boot's name and is described there.
            Below `howdah.plugins.<id>` everything else is the plugin's own; `./howdah plugins explain <id>` shows it.

            | property of a plugin | default | what it is |
            |---|---|---|
            | `howdah.plugins.<id>.enabled` | `true` | Whether the plugin is instantiated at all |
            | `howdah.plugins.<id>.required` | `false` | Whether the health group `plugins` goes down while it doesn't work |
            | `howdah.plugins.<id>.aliases` |  | Further names it is called by, such as its Services' names |
            | `howdah.plugins.<id>.fail-policy.<rpc>` |  | `ignore` or `fail`, for `pre`, `post`, `set-status-in-cluster`, `define`, `collect`, `validate-cluster-create`, … |
            | `howdah.plugins.<id>.limits.*` |  | `threads`, `queue` and `deadlines.<rpc>` of this plugin |

            | property of the host | default | what it is |
            |---|---|---|
            """);
    for (Map.Entry<String, JsonNode> property : properties().entrySet()) {
      JsonNode value = property.getValue();
      page.append(
          "| `%s` | %s | %s |%n"
              .formatted(property.getKey(), defaultOf(value), description(value)));
    }
    return page.toString();
  }

  private static String defaultOf(JsonNode property) {
    JsonNode value = property.path("defaultValue");
    return value.isMissingNode()
        ? ""
        : "`" + (value.isString() ? value.stringValue() : value) + "`";
  }

  private static String description(JsonNode property) {
    String text = property.path("description").asString("");
    assertThat(text).as("every property has a description: " + property).isNotBlank();
    String plain =
        text.replaceAll("\\{@\\w+ ([^}]*)}", "`$1`").replaceAll("\\s+", " ").replace("|", "\\|");
    return plain.substring(0, 1).toUpperCase(Locale.ROOT) + plain.substring(1);
  }

  private static Map<String, JsonNode> properties() throws IOException {
    try (InputStream in =
        PropertyReferenceTest.class.getResourceAsStream(
            "/META-INF/spring-configuration-metadata.json")) {
      assertThat(in).isNotNull();
      Map<String, JsonNode> properties = new TreeMap<>();
      for (JsonNode property : JsonMapper.shared().readTree(in.readAllBytes()).path("properties")) {
        properties.put(property.path("name").stringValue(), property);
      }
      return properties;
    }
  }
}
