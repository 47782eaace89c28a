package dev.howdah.host.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.audit.TrailReader;
import dev.howdah.host.testing.AdmissionClient;
import dev.howdah.host.testing.ApiServer;
import dev.howdah.host.testing.Kubeconfig;
import dev.howdah.host.testing.SettableClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Changes of Clusters at an API server that asks the webhook of a host for some of them and not for
 * others, as one does that lost its way to it.
 */
class UnseenChangesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static ApiServer api;
  private static SettableClock clock;
  private static EmbeddedHost host;
  private static AdmissionClient webhook;

  private String name = "";
  private String key = "";

  @BeforeAll
  static void start() throws IOException {
    api = new ApiServer();
    clock = new SettableClock(Instant.parse("2026-01-05T12:00:00Z"));
    host = replica("replica-0");
    webhook = new AdmissionClient(host);
  }

  @AfterAll
  static void stop() {
    try {
      webhook.close();
      host.close();
    } finally {
      api.close();
    }
  }

  private static EmbeddedHost replica(String identity) throws IOException {
    Path home = Files.createDirectories(folder.resolve(identity));
    return EmbeddedHost.in(home)
        .classPathPlugins()
        .property("howdah.kubernetes.kubeconfig", Kubeconfig.write(home, api.url(), "howdah"))
        .property("howdah.kubernetes.identity", identity)
        .property("howdah.kubernetes.lease-duration", "30s")
        .property("howdah.delivery.enabled", "false")
        .property("howdah.admission.enabled", "true")
        .property("howdah.audit.enabled", "true")
        .property("howdah.audit.rules[0].level", "request")
        .property("howdah.audit.rules[0].durable", "true")
        .property("howdah.audit.managed-fields.interval", "200ms")
        .bean(Clock.class, clock)
        .start();
  }

  @BeforeEach
  void choose(TestInfo test) {
    name = "c" + Integer.toHexString(test.getDisplayName().hashCode());
    key = "app/" + name;
  }

  @Test
  void aClusterThatIsOlderThanTheWebhookIsRecordedOnceFromItsManagers() {
    api.put("kubectl-create", manifest());
    api.update("kubectl-edit", key, instances(5));

    roundsLater();

    assertThat(changes(folder.resolve("replica-0")))
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.path("service").asString()).isEqualTo("managedFields");
              assertThat(change.path("operation").asString()).isEqualTo("UPDATE");
              assertThat(change.at("/cluster/uid").asString()).isEqualTo("uid-" + name);
              assertThat(change.at("/object/kind").asString()).isEqualTo("Cluster");
              assertThat(change.path("intended").asBoolean(false)).isFalse();
              assertThat(change.at("/actor/source").asString()).isEqualTo("managedFields");
              assertThat(change.path("actor").has("user")).isFalse();
              assertThat(change.at("/details/user").asString()).startsWith("unknown");
              assertThat(change.at("/details/generations").asString()).isEqualTo("1-2");
              assertThat(change.at("/details/managers").asString())
                  .isEqualTo("kubectl-create, kubectl-edit");
              JsonNode editor = change.at("/request/managers/1");
              assertThat(editor.path("manager").asString()).isEqualTo("kubectl-edit");
              assertThat(editor.path("operation").asString()).isEqualTo("Update");
              assertThat(editor.path("time").asString()).isEqualTo(change.path("time").asString());
              assertThat(editor.path("holds").toString()).isEqualTo("[\"/spec/instances\"]");
            });
  }

  @Test
  void whatTheWebhookRecordedIsNotRecordedASecondTime() {
    create();
    seen(instances(5));

    roundsLater();

    assertThat(changes(folder.resolve("replica-0")))
        .extracting(change -> change.path("service").asString())
        .containsExactly("admission", "admission");
  }

  @Test
  void oneOfManyThatTheWebhookMissedIsFoundByItsGeneration() {
    create();
    double before = counted();
    api.update(
        "kubectl-edit", key, json -> json.withObjectProperty("spec").put("description", "by hand"));
    seen(instances(4));

    roundsLater();

    assertThat(found())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.at("/details/generations").asString()).isEqualTo("2");
              assertThat(change.at("/details/managers").asString()).contains("kubectl-edit");
            });
    assertThat(counted()).isEqualTo(before + 1);
  }

  @Test
  void aChangeInPlaceOfOneThatWasRefusedInTheEndIsFoundByItsContent() {
    create();
    // Another webhook refuses it, and what comes next has the same generation.
    webhook.update(api.cluster(key), instances(7));
    api.update("argocd-controller", key, instances(4));

    roundsLater();

    assertThat(found())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.at("/details/generations").asString()).isEqualTo("2");
              assertThat(change.at("/details/managers").asString()).isEqualTo("argocd-controller");
            });
  }

  @Test
  void scalingThatTheWebhookSawIsNotRecordedASecondTime() {
    create();
    ObjectNode scale = scale(4);
    webhook.validate(ofScale(scale, scale(3)));
    api.scale("kubectl-scale", key, 4);

    roundsLater();

    assertThat(found()).isEmpty();
  }

  @Test
  void labelsAndStatusAreNoChangeOfTheDefinition() {
    create();
    api.update(
        "kubectl-label",
        key,
        json -> json.withObjectProperty("metadata").putObject("labels").put("team", "a"));
    api.status(key, status -> status.put("phase", "Cluster in healthy state"));

    roundsLater();

    assertThat(found()).isEmpty();
  }

  @Test
  void aDeletionThatNobodySawIsRecordedAndOneThatWasSeenIsNot() {
    create();
    roundsLater();
    api.delete(key);

    roundsLater();

    assertThat(found())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.path("operation").asString()).isEqualTo("DELETE");
              assertThat(change.at("/details/user").asString()).startsWith("unknown");
            });

    name = name + "-seen";
    key = "app/" + name;
    create();
    roundsLater();
    webhook.validate(AdmissionClient.review("DELETE", null, api.cluster(key)));
    api.delete(key);

    roundsLater();

    assertThat(found()).isEmpty();
  }

  @Test
  void aCreationThatWasRefusedInTheEndIsNoDeletion() {
    webhook.create(manifest());

    roundsLater();

    assertThat(found()).isEmpty();
  }

  @Test
  void anotherReplicaRecordsNothingAgain() throws IOException {
    create();
    api.update("kubectl-edit", key, instances(5));
    roundsLater();
    assertThat(found()).hasSize(1);

    webhook.close();
    host.close();
    host = replica("replica-1");
    webhook = new AdmissionClient(host);
    roundsLater();

    assertThat(changes(folder.resolve("replica-1"))).isEmpty();
    host.close();
    webhook.close();
    host = replica("replica-0");
    webhook = new AdmissionClient(host);
  }

  /** A creation that the webhook sees. */
  private void create() {
    api.put("kubectl-create", manifest());
    webhook.create(api.cluster(key));
  }

  /** A change that the webhook sees. */
  private void seen(Consumer<ObjectNode> change) {
    ObjectNode before = api.cluster(key);
    api.update("kubectl-apply", key, change);
    webhook.validate(AdmissionClient.review("UPDATE", api.cluster(key), before));
  }

  private ObjectNode manifest() {
    return OperatorObjects.cluster("cluster-minimal")
        .with(
            json -> {
              ObjectNode metadata = json.withObjectProperty("metadata");
              metadata.put("name", name).put("namespace", "app").put("uid", "uid-" + name);
              metadata.remove(List.of("managedFields", "resourceVersion", "generation"));
              json.withObjectProperty("spec").put("instances", 3);
            })
        .json();
  }

  private static Consumer<ObjectNode> instances(int number) {
    return json -> json.withObjectProperty("spec").put("instances", number);
  }

  private ObjectNode scale(int replicas) {
    ObjectNode scale = manifest();
    scale.put("kind", "Scale").put("apiVersion", "autoscaling/v1");
    scale.putObject("spec").put("replicas", replicas);
    return scale;
  }

  private static ObjectNode ofScale(ObjectNode after, ObjectNode before) {
    ObjectNode review = AdmissionClient.review("UPDATE", after, before);
    ObjectNode request = review.withObjectProperty("request");
    request.put("subResource", "scale");
    request.putObject("kind").put("group", "autoscaling").put("version", "v1").put("kind", "Scale");
    return review;
  }

  /** The leader looks, the time for other replicas passes, and it looks again. */
  private static void roundsLater() {
    rounds();
    clock.pass(Duration.ofMinutes(1));
    rounds();
  }

  private static void rounds() {
    long before = lists();
    await().atMost(PATIENCE).until(() -> lists() >= before + 3);
  }

  private static long lists() {
    return api.requests().stream()
        .filter(it -> it.path().equals("/apis/postgresql.cnpg.io/v1/clusters"))
        .count();
  }

  private List<JsonNode> found() {
    return changes(folder.resolve("replica-0")).stream()
        .filter(change -> change.path("service").asString().equals("managedFields"))
        .toList();
  }

  private List<JsonNode> changes(Path home) {
    try (Stream<JsonNode> lines = TrailReader.read(home.resolve("audit"))) {
      return lines
          .filter(line -> line.path("kind").asString("").equals("change"))
          .filter(line -> line.at("/cluster/name").asString("").equals(name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double counted() {
    return host.context()
        .getBean(MeterRegistry.class)
        .get("howdah.audit.changes.unseen")
        .counter()
        .count();
  }
}
