package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RedactorTest {

  private static final Path OBJECTS =
      Path.of("../plugin-testkit/src/main/resources/dev/howdah/testkit/objects");

  private final Redactor redactor = new Redactor(List.of(), new byte[] {1});

  private static JsonNode json(String text) {
    return Trails.JSON.readTree(text);
  }

  private static JsonNode object(String name) throws IOException {
    return json(Files.readString(OBJECTS.resolve(name)));
  }

  private String redacted(String text) {
    return redactor.redact(json(text)).toString();
  }

  @Test
  void of_a_secret_only_the_name_is_left() throws Exception {
    assertThat(redactor.redact(object("secret-app.json")).toString())
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\","
                + "\"metadata\":{\"namespace\":\"app\",\"name\":\"orders-app\"}}");
  }

  @Test
  void of_a_secret_inside_something_else_only_the_name_is_left() throws Exception {
    String list =
        "{\"kind\":\"List\",\"items\":[%s]}".formatted(object("secret-app.json").toString());
    String quoted = Trails.JSON.createObjectNode().put("annotation", list).toString();

    assertThat(redacted(list)).contains("orders-app").doesNotContain("NotARealPassword");
    assertThat(redacted(quoted)).contains("orders-app").doesNotContain("NotARealPassword");
  }

  @Test
  void values_of_environment_variables_go_and_their_names_and_sources_stay() throws Exception {
    String pod = redactor.redact(object("pod-instance-create.json")).toString();

    assertThat(pod)
        .contains("\"name\":\"PGDATA\",\"value\":\"[redacted]\"")
        .doesNotContain("\"value\":\"/var/lib/postgresql/data/pgdata\"")
        .as("also in the annotation that holds the Pod's spec as text")
        .doesNotContain("\\\"value\\\":\\\"/var/lib/postgresql/data/pgdata\\\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"password\":\"hunter2\"}",
        "{\"password\":12345,\"password2\":\"hunter2\"}",
        "{\"adminPassword\":\"hunter2\"}",
        "{\"s3_secret_access_key\":\"hunter2\"}",
        "{\"accessToken\":\"hunter2\"}",
        "{\"apiKey\":\"hunter2\"}",
        "{\"tokens\":[\"hunter2\"]}",
        "{\"PGPASSWORD\":\"hunter2\"}",
        "{\"connectionString\":\"hunter2\"}",
        "{\"x\":\"postgresql://app:hunter2@db:5432/app\"}",
        "{\"x\":\"postgresql://app:hunt@er2@db/app hunter1\"}",
        "{\"x\":\"jdbc:postgresql://db/app?password=hunter2&user=app\"}",
        "{\"x\":\"host=db password=hunter2 user=app\"}",
        "{\"x\":\"host=db password = 'hunter2 with '' quotes' user=app\"}",
        "{\"x\":\"ALTER ROLE app WITH PASSWORD 'hunter2'\"}",
        "{\"x\":\"alter role app password $$hunter2$$\"}",
        "{\"x\":\"curl -H 'Authorization: Bearer hunter2hunter2'\"}",
        "{\"x\":\"tool --db-password hunter2 --verbose\"}",
        "{\"x\":\"AccountKey=hunter2==;EndpointSuffix=core\"}",
        "{\"x\":\"-----BEGIN PRIVATE KEY-----\\nhunter2\\n-----END PRIVATE KEY-----\"}",
        "{\"x\":\"{\\\"password\\\":\\\"hunter2\\\"}\"}",
        "{\"x\":\"[{\\\"nested\\\":\\\"{\\\\\\\"token\\\\\\\":\\\\\\\"hunter2\\\\\\\"}\\\"}]\"}",
        "{\"env\":[{\"name\":\"ANY\",\"value\":\"hunter2\"}]}",
      })
  void a_secret_is_taken_out_wherever_it_is_recognised(String payload) {
    assertThat(redacted(payload)).doesNotContain("hunter2").contains("[redacted]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"password_encryption\":\"scram-sha-256\"}",
        "{\"serverTLSSecret\":\"orders-server\"}",
        "{\"secretKeyRef\":{\"key\":\"password\",\"name\":\"orders-app\"}}",
        "{\"passwordSecret\":{\"name\":\"orders-app\"}}",
        "{\"automountServiceAccountToken\":false}",
        "{\"x\":\"work_mem = 4MB\"}",
        "{\"design\":\"sigma=1\"}",
      })
  void what_is_no_secret_stays(String payload) {
    assertThat(redacted(payload)).isEqualTo(payload);
  }

  @Test
  void what_a_cluster_says_about_itself_stays() throws Exception {
    JsonNode cluster = object("cluster-minimal.json");
    JsonNode redacted = redactor.redact(cluster);

    assertThat(redacted.path("spec")).isEqualTo(cluster.path("spec"));
    assertThat(redacted.path("status")).isEqualTo(cluster.path("status"));
  }

  @Test
  void pointers_remove_hash_or_keep() {
    Redactor ruled =
        new Redactor(
            List.of(
                new RedactionRule("/spec/env/*/value", RedactionRule.Action.KEEP),
                new RedactionRule("/spec/owner", RedactionRule.Action.HASH),
                new RedactionRule("/metadata/labels", RedactionRule.Action.REMOVE)),
            new byte[] {1});
    JsonNode payload =
        json(
            "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"env\":[{\"name\":\"TZ\","
                + "\"value\":\"UTC\"}],\"owner\":\"jane\"}}");

    JsonNode redacted = ruled.redact(payload);
    assertThat(redacted.at("/metadata/labels").asString()).isEqualTo("[redacted]");
    assertThat(redacted.at("/spec/env/0/value").asString()).isEqualTo("UTC");
    assertThat(redacted.at("/spec/owner").asString())
        .matches("\\[hash:[0-9a-f]{32}]")
        .isEqualTo(ruled.redact(payload).at("/spec/owner").asString());
  }

  @Test
  void no_pointer_keeps_the_data_of_a_secret() throws Exception {
    Redactor ruled =
        new Redactor(
            List.of(new RedactionRule("/stringData", RedactionRule.Action.KEEP)), new byte[] {1});

    assertThat(ruled.redact(object("secret-app.json")).toString())
        .doesNotContain("NotARealPassword");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "a.",
        "password",
        "password ",
        "password '",
        "--",
        "-",
        "eyJ-",
        "://",
        "://a:",
        "-----BEGIN PRIVATE KEY-----",
        "xoxa-",
        "token=",
        "password $$",
        "'",
        "{",
        "A",
        "key=",
        "basic ",
        "password ''"
      })
  void no_text_that_a_user_can_choose_makes_redaction_slow(String part) {
    JsonNode payload =
        json(Trails.JSON.writeValueAsString(Map.of("x", part.repeat(300_000 / part.length()))));

    Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> redactor.redact(payload));
  }

  @Property(tries = 300)
  void a_password_never_survives_beside_any_text(
      @ForAll("innocent") String before, @ForAll("innocent") String after) {
    String secret = "hunter2hunter2";
    String uri = before + " postgresql://app:" + secret + "@db/app " + after;
    String conninfo = before + " password=" + secret + " " + after;

    assertThat(redactor.redactText(uri)).doesNotContain(secret);
    assertThat(redactor.redactText(conninfo)).doesNotContain(secret);
  }

  @Property(tries = 300)
  void redacting_twice_is_redacting_once(@ForAll("innocent") String text) {
    JsonNode payload = json(Trails.JSON.writeValueAsString(Map.of("token", text, "x", text)));
    JsonNode once = redactor.redact(payload);

    assertThat(redactor.redact(once)).isEqualTo(once);
  }

  @Provide
  Arbitrary<String> innocent() {
    return Arbitraries.strings().ascii().ofMaxLength(60).filter(this::isInnocent);
  }

  private boolean isInnocent(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length == text.length();
  }
}
