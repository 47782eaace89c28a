package dev.howdah.host.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.audit.TrailReader;
import dev.howdah.host.testing.AdmissionClient;
import dev.howdah.host.testing.Http;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reviews as the API server posts them, to a host with the bundled plugins and a durable trail. */
class AdmissionTest {

  private static final String POLICY = "howdah.plugins.configuration.policies[0].";

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static AdmissionClient api;

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .classPathPlugins("dev.howdah.plugins")
            .property("howdah.admission.enabled", "true")
            .property("howdah.admission.max-body-size", "1MB")
            .property("howdah.audit.enabled", "true")
            .property("howdah.audit.rules[0].level", "request-response")
            .property("howdah.audit.rules[0].durable", "true")
            .property(POLICY + "name", "production")
            .property(POLICY + "message", "Ask the platform team.")
            .property(POLICY + "selector.namespaces[0]", "app")
            .property(POLICY + "cluster.instances.minimum", "3")
            .property(POLICY + "parameters[0].name", "work_mem")
            .property(POLICY + "parameters[0].maximum", "64MB")
            .start();
    api = new AdmissionClient(host);
  }

  @AfterAll
  static void stop() {
    api.close();
    host.close();
  }

  private static ObjectNode cluster(String name, Consumer<ObjectNode> change) {
    return OperatorObjects.cluster("cluster-minimal")
        .with(
            json -> {
              ((ObjectNode) json.path("metadata")).put("name", name).put("uid", "uid-of-" + name);
              change.accept(json);
            })
        .json();
  }

  private static ObjectNode spec(ObjectNode cluster) {
    return (ObjectNode) cluster.path("spec");
  }

  private static Consumer<ObjectNode> using(String plugin, String parameter, String value) {
    return json ->
        spec(json)
            .putArray("plugins")
            .addObject()
            .put("name", plugin)
            .putObject("parameters")
            .put(parameter, value);
  }

  private static List<JsonNode> records(String kind, String cluster) {
    try (Stream<JsonNode> lines = TrailReader.read(home.resolve("audit"))) {
      return lines
          .filter(line -> line.path("kind").asString("").equals(kind))
          .filter(line -> line.at("/cluster/name").asString("").equals(cluster))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonNode onlyChange(String cluster) {
    List<JsonNode> changes = records("change", cluster);
    assertThat(changes).hasSize(1);
    return changes.getFirst();
  }

  @Test
  void aClusterThatBreaksAPolicyIsDeniedThoughItNamesNoPlugin() {
    JsonNode response = api.create(cluster("denied", json -> spec(json).put("instances", 1)));

    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/code").asInt()).isEqualTo(422);
    assertThat(response.at("/status/reason").asString()).isEqualTo("Invalid");
    assertThat(response.at("/status/message").asString())
        .isEqualTo(
            "spec.instances: Invalid value: \"1\": at least 3 instances are needed (policy"
                + " 'production'). Ask the platform team. (configuration.howdah.dev)");
    assertThat(response.at("/status/details/causes/0/field").asString())
        .isEqualTo("spec.instances");

    JsonNode change = onlyChange("denied");
    assertThat(change.path("operation").asString()).isEqualTo("CREATE");
    assertThat(change.path("outcome").asString()).isEqualTo("INVALID_ARGUMENT");
    assertThat(change.path("intended").asBoolean(false)).isFalse();
    assertThat(change.at("/details/decision").asString()).isEqualTo("denied");
    assertThat(change.at("/details/message").asString()).contains("at least 3 instances");
    assertThat(change.at("/actor/user").asString()).isEqualTo("jane@example.com");
    assertThat(change.at("/actor/uid").asString()).isEqualTo("u-17");
    assertThat(change.at("/actor/groups/0").asString()).isEqualTo("dba");
    assertThat(change.at("/actor/source").asString()).isEqualTo("admission");
    assertThat(change.path("diff").toString()).contains("\"instances\":1");
  }

  @Test
  void wrongParametersAreDeniedWithTheirPlace() {
    JsonNode response =
        api.create(cluster("misset", using("logging.howdah.dev", "preset", "deafening")));

    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/details/causes/0/field").asString())
        .isEqualTo("spec.plugins[0].parameters.preset");
    assertThat(response.at("/status/message").asString()).contains("(logging.howdah.dev)");
    assertThat(records("call", "misset"))
        .filteredOn(call -> call.path("plugin").asString().equals("logging.howdah.dev"))
        .singleElement()
        .satisfies(
            call -> {
              assertThat(call.path("service").asString()).isEqualTo("admission");
              assertThat(call.path("method").asString()).isEqualTo("ValidateClusterCreate");
              assertThat(call.path("outcome").asString()).isEqualTo("OK");
            });
  }

  @Test
  void aChangeIsBlamedForWhatItBringsInAndNothingElse() {
    ObjectNode before =
        cluster(
            "grown",
            using("logging.howdah.dev", "preset", "deafening")
                .andThen(json -> spec(json).put("instances", 1)));

    JsonNode labelled =
        api.update(
            before, json -> ((ObjectNode) json.path("metadata")).putObject("labels").put("a", "b"));
    assertThat(labelled.path("allowed").asBoolean()).isTrue();
    assertThat(AdmissionClient.warnings(labelled))
        .anySatisfy(warning -> assertThat(warning).contains("spec.plugins[0].parameters.preset"));

    JsonNode moved =
        api.update(
            before,
            json -> {
              ObjectNode other = spec(json).objectNode().put("name", "audit.howdah.dev");
              ((tools.jackson.databind.node.ArrayNode) json.at("/spec/plugins")).insert(0, other);
            });
    assertThat(moved.path("allowed").asBoolean()).isTrue();

    JsonNode worse =
        api.update(
            before,
            json -> ((ObjectNode) json.at("/spec/postgresql/parameters")).put("work_mem", "1GB"));
    assertThat(worse.path("allowed").asBoolean()).isFalse();
    assertThat(worse.at("/status/details/causes"))
        .singleElement()
        .satisfies(
            cause ->
                assertThat(cause.path("field").asString())
                    .isEqualTo("spec.postgresql.parameters.work_mem"));
  }

  @Test
  void nobodyStandsInTheWayOfADeletion() {
    ObjectNode wrong =
        cluster(
            "leaving",
            json -> {
              spec(json).put("instances", 1);
              ((ObjectNode) json.path("metadata"))
                  .put("deletionTimestamp", "2026-05-05T05:05:05Z")
                  .putArray("finalizers")
                  .add("example.com/hold");
            });

    JsonNode finalized =
        api.update(
            wrong,
            json -> {
              ((ObjectNode) json.path("metadata")).remove("finalizers");
              spec(json).put("instances", 0);
            });
    assertThat(finalized.path("allowed").asBoolean()).isTrue();

    assertThat(
            api.validate(AdmissionClient.review("DELETE", null, wrong)).path("allowed").asBoolean())
        .isTrue();
    assertThat(records("change", "leaving"))
        .extracting(change -> change.path("operation").asString())
        .containsExactly("UPDATE", "DELETE");
  }

  @Test
  void theOperatorsWritesOfStatusAndFinalizersPassUnasked() {
    ObjectNode wrong = cluster("ailing", json -> spec(json).put("instances", 1));

    JsonNode status =
        api.update(wrong, json -> ((ObjectNode) json.path("status")).put("phase", "Failing over"));
    assertThat(status.path("allowed").asBoolean()).isTrue();
    assertThat(records("change", "ailing")).isEmpty();

    JsonNode finalizers =
        api.update(
            wrong,
            json ->
                ((ObjectNode) json.path("metadata")).putArray("finalizers").add("cnpg.io/hold"));
    assertThat(finalizers.path("allowed").asBoolean()).isTrue();
    assertThat(onlyChange("ailing").path("diff").toString()).contains("/metadata/finalizers");
    assertThat(records("call", "ailing")).isEmpty();
  }

  @Test
  void anAllowedChangeIsRecordedFieldByFieldWithoutSecretsAndOnce() {
    ObjectNode before = cluster("kept", json -> spec(json).put("instances", 3));
    ObjectNode after = before.deepCopy();
    spec(after).put("instances", 5);
    spec(after).putObject("superuserSecret").put("name", "s");
    spec(after).putArray("env").addObject().put("name", "PGPASSWORD").put("value", "hunter2");
    ObjectNode review = AdmissionClient.review("UPDATE", after, before);

    for (int i = 0; i < 3; i++) {
      assertThat(api.validate(review).path("allowed").asBoolean()).isTrue();
    }

    JsonNode change = onlyChange("kept");
    assertThat(change.path("outcome").asString()).isEqualTo("OK");
    assertThat(change.path("intended").asBoolean()).isTrue();
    assertThat(change.at("/details/review").asString())
        .isEqualTo(review.at("/request/uid").asString());
    assertThat(change.path("diff"))
        .anySatisfy(
            field -> {
              assertThat(field.path("path").asString()).isEqualTo("/spec/instances");
              assertThat(field.path("before").asInt()).isEqualTo(3);
              assertThat(field.path("after").asInt()).isEqualTo(5);
            });
    assertThat(change.toString()).contains("/spec/env").doesNotContain("hunter2");
  }

  @Test
  void aDryRunIsJudgedAndLeavesNothingInTheTrail() {
    ObjectNode review =
        AdmissionClient.review(
            "CREATE", cluster("dry", json -> spec(json).put("instances", 1)), null);
    ((ObjectNode) review.path("request")).put("dryRun", true);

    assertThat(api.validate(review).path("allowed").asBoolean()).isFalse();
    assertThat(records("change", "dry")).isEmpty();
    assertThat(records("call", "dry")).isEmpty();
  }

  @Test
  void scalingIsRecordedAsAChangeOfInstances() {
    ObjectNode before = cluster("scaled", json -> {});
    ObjectNode scale = spec(before).objectNode();
    scale.put("apiVersion", "autoscaling/v1").put("kind", "Scale");
    scale.set("metadata", spec(before).objectNode().put("name", "scaled").put("namespace", "app"));
    scale.putObject("spec").put("replicas", 3);
    ObjectNode after = scale.deepCopy();
    ((ObjectNode) after.path("spec")).put("replicas", 2);
    ObjectNode review = AdmissionClient.review("UPDATE", after, scale);
    ObjectNode request = (ObjectNode) review.path("request");
    request.put("subResource", "scale");
    ((ObjectNode) request.path("kind"))
        .put("group", "autoscaling")
        .put("version", "v1")
        .put("kind", "Scale");

    assertThat(api.validate(review).path("allowed").asBoolean()).isTrue();
    assertThat(onlyChange("scaled").path("diff").toString())
        .isEqualTo("[{\"after\":2,\"before\":3,\"path\":\"/spec/instances\"}]");
  }

  @Test
  void whatIsNoneOfOursIsAllowed() {
    ObjectNode review = AdmissionClient.review("CREATE", cluster("pooler", json -> {}), null);
    ((ObjectNode) review.at("/request/kind")).put("kind", "Pooler");
    assertThat(api.validate(review).path("allowed").asBoolean()).isTrue();
    assertThat(api.mutate(review).path("allowed").asBoolean()).isTrue();

    ObjectNode newer =
        AdmissionClient.review(
            "CREATE", cluster("newer", json -> spec(json).put("instances", 1)), null);
    ((ObjectNode) newer.at("/request/kind")).put("version", "v2");
    JsonNode response = api.validate(newer);
    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(AdmissionClient.warnings(response))
        .singleElement()
        .asString()
        .contains("version v2");

    ObjectNode status =
        AdmissionClient.review(
            "UPDATE",
            cluster("sub", json -> {}),
            cluster("sub", json -> spec(json).put("instances", 1)));
    ((ObjectNode) status.path("request")).put("subResource", "status");
    assertThat(api.validate(status).path("allowed").asBoolean()).isTrue();
    assertThat(records("change", "sub")).isEmpty();
  }

  @Test
  void aMalformedClusterIsDeniedAndNotCompleted() {
    ObjectNode review =
        AdmissionClient.review(
            "CREATE", cluster("odd", json -> spec(json).put("plugins", 5)), null);
    ObjectNode listed =
        AdmissionClient.review(
            "CREATE", cluster("odd", json -> spec(json).putArray("plugins").add("audit")), null);

    assertThat(api.validate(listed).at("/status/message").asString())
        .contains("spec.plugins.0 must be an object");
    assertThat(api.mutate(listed).path("allowed").asBoolean()).isTrue();
    assertThat(api.validate(review).path("uid").asString()).isNotEmpty();
  }

  @Test
  void whatIsNoReviewGetsAClearAnswer() {
    assertRefused(
        api.post("/admission/validate", "application/json", "{\"kind\":"), 400, "not valid JSON");
    assertRefused(
        api.post("/admission/validate", "application/json", "[]"), 400, "not an AdmissionReview");
    assertRefused(
        api.post(
            "/admission/validate",
            "application/json",
            "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1beta1\"}"),
        400,
        "admissionReviewVersions: [v1]");
    assertRefused(
        api.post(
            "/admission/validate",
            "application/json",
            "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{}}"),
        400,
        "no uid");
    assertRefused(api.post("/admission/validate", "text/yaml", "a: b"), 415, "application/json");
    assertRefused(api.post("/admission/else", "application/json", "{}"), 404, "/admission/mutate");
    assertRefused(
        api.send(
            HttpRequest.newBuilder(URI.create(host.admissionBase() + "/admission/mutate")).GET()),
        405,
        "Post");
    assertRefused(
        api.post("/admission/validate", "application/json", "x".repeat(1_100_000)), 413, "");
    assertRefused(
        api.post("/admission/validate", "application/json", "[".repeat(100_000)), 400, "JSON");
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String says) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(says);
  }

  @Test
  void reviewsAreCounted() {
    api.create(cluster("counted", json -> spec(json).put("instances", 1)));
    api.create(cluster("counted", json -> spec(json).put("instances", 3)));
    api.post("/admission/validate", "text/yaml", "a: b");

    String metrics = Http.get(host.httpBase() + "/actuator/prometheus").body();
    assertThat(metrics)
        .containsPattern(
            "howdah_admission_reviews_seconds_count\\{dry_run=\"false\",operation=\"CREATE\","
                + "outcome=\"denied\",webhook=\"validate\"\\} [1-9]")
        .containsPattern(
            "howdah_admission_reviews_seconds_count\\{dry_run=\"false\",operation=\"CREATE\","
                + "outcome=\"allowed\",webhook=\"validate\"\\} [1-9]")
        .containsPattern("howdah_admission_clusters_unaudited [1-9]")
        .containsPattern("howdah_admission_refused_total\\{reason=\"content-type\"\\} [1-9]")
        .containsPattern(
            "howdah_calls_seconds_count\\{code=\"OK\",method=\"ValidateClusterCreate\","
                + "plugin=\"configuration.howdah.dev\",service=\"admission\"\\} [1-9]");
  }
}
