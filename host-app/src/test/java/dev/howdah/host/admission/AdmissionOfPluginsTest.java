package dev.howdah.host.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.audit.TrailReader;
import dev.howdah.host.testing.AdmissionClient;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What plugins make of reviews, well or badly; the certificate comes from an SSL bundle. */
@Timeout(120)
class AdmissionOfPluginsTest {

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static AdmissionClient api;

  @BeforeAll
  static void start() {
    EmbeddedHost issuing = EmbeddedHost.in(home).classPathPlugins().start();
    issuing.close();
    Path tls = home.resolve("tls");
    host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .property("howdah.admission.enabled", "true")
            .property("howdah.admission.tls.bundle", "webhooks")
            .property("howdah.admission.timeout", "2s")
            .property("spring.ssl.bundle.pem.webhooks.keystore.certificate", tls + "/server.crt")
            .property("spring.ssl.bundle.pem.webhooks.keystore.private-key", tls + "/server.key")
            .property("howdah.audit.enabled", "true")
            .property("howdah.audit.rules[0].level", "metadata")
            .property("howdah.audit.rules[0].durable", "true")
            .property("howdah.plugins.forgiven.fail-policy.validate-cluster-create", "ignore")
            .property("howdah.plugins.forgiven.fail-policy.mutate-cluster", "ignore")
            .plugin("a-first", TestPlugin.of("a-first.example.com", it -> it.defaults(adds("a"))))
            .plugin("b-second", TestPlugin.of("b-second.example.com", it -> it.defaults(adds("b"))))
            .plugin(
                "warns",
                TestPlugin.of(
                    "warns.example.com",
                    it ->
                        it.validateCreate(
                            context ->
                                List.of(
                                    ValidationFinding.warning(
                                        List.of("spec", "instances"), "3", "an odd\nnumber")))))
            .plugin("fails", failing("fails.example.com"))
            .plugin("forgiven", failing("forgiven.example.com"))
            .plugin(
                "hangs",
                TestPlugin.of(
                    "hangs.example.com",
                    it ->
                        it.validateCreate(
                            context -> {
                              hang();
                              return List.of();
                            })))
            .plugin(
                "broken",
                TestPlugin.metadata("broken.example.com"),
                () -> {
                  throw new IllegalStateException("can't start");
                })
            .start();
    api = new AdmissionClient(host);
  }

  @AfterAll
  static void stop() {
    api.close();
    host.close();
  }

  /** Adds a letter to a label, so that the order shows. */
  private static DefaultsHook adds(String letter) {
    return context -> {
      String before = context.cluster().labels().getOrDefault("letters", "");
      return before.contains(letter)
          ? context.cluster()
          : context
              .cluster()
              .with(
                  json ->
                      ((ObjectNode) json.path("metadata"))
                          .withObject("labels")
                          .put("letters", before + letter));
    };
  }

  private static TestPlugin failing(String name) {
    return TestPlugin.of(
        name,
        it -> {
          it.validateCreate(
              context -> {
                throw new PluginException(PluginException.Kind.UNAVAILABLE, "the store is away");
              });
          it.defaults(
              context -> {
                throw new PluginException(PluginException.Kind.UNAVAILABLE, "the store is away");
              });
        });
  }

  private static void hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ObjectNode naming(String... plugins) {
    return Clusters.naming(plugins).json();
  }

  @Test
  void pluginsCompleteAClusterOneAfterTheOtherAndOnePatchHoldsAll() {
    ObjectNode cluster = naming("b-second.example.com", "a-first.example.com");

    JsonNode response = api.mutate(AdmissionClient.review("CREATE", cluster, null));

    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(response.path("patchType").asString()).isEqualTo("JSONPatch");
    assertThat(AdmissionClient.patch(response).toString())
        .isEqualTo("[{\"op\":\"add\",\"path\":\"/metadata/labels/letters\",\"value\":\"ab\"}]");

    ObjectNode completed =
        Cluster.of(cluster)
            .with(json -> ((ObjectNode) json.at("/metadata/labels")).put("letters", "ab"))
            .json();
    JsonNode again = api.mutate(AdmissionClient.review("CREATE", completed, null));
    assertThat(again.has("patch")).isFalse();
  }

  @Test
  void warningsAreOneLineEach() {
    JsonNode response = api.create(naming("warns.example.com"));

    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(AdmissionClient.warnings(response))
        .containsExactly("spec.instances: an odd number (warns.example.com)");
  }

  @Test
  void aPluginThatFailsDeniesAndSaysHowToDoWithoutIt() {
    JsonNode response = api.create(naming("fails.example.com"));

    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/code").asInt()).isEqualTo(500);
    assertThat(response.at("/status/message").asString())
        .isEqualTo(
            "fails.example.com: the store is away. To let Clusters through without it, set"
                + " howdah.plugins.fails.fail-policy.validate-cluster-create=ignore.");
  }

  @Test
  void aPluginWhoseFailureIsIgnoredLetsThroughWithAWarning() {
    JsonNode validated = api.create(naming("forgiven.example.com"));
    assertThat(validated.path("allowed").asBoolean()).isTrue();
    assertThat(AdmissionClient.warnings(validated))
        .containsExactly("forgiven.example.com: this plugin failed and was not heard.");

    JsonNode completed =
        api.mutate(
            AdmissionClient.review(
                "CREATE", naming("forgiven.example.com", "a-first.example.com"), null));
    assertThat(completed.path("allowed").asBoolean()).isTrue();
    assertThat(AdmissionClient.patch(completed).at("/0/value").asString()).isEqualTo("a");
  }

  @Test
  void aPluginThatDidNotStartCountsAsFailedForClustersThatNameIt() {
    JsonNode response = api.create(naming("broken.example.com"));

    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/message").asString())
        .startsWith("broken.example.com doesn't serve");
    assertThat(api.create(naming("warns.example.com")).path("allowed").asBoolean()).isTrue();
  }

  @Test
  void anAnswerComesInTimeWhateverAPluginDoes() {
    Instant begin = Instant.now();
    JsonNode response = api.create(naming("hangs.example.com"));

    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(8));
    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/message").asString())
        .startsWith("hangs.example.com: Operator/ValidateClusterCreate took longer");
  }

  @Test
  void whatTheFirstWebhookDeniesIsRecordedSinceTheSecondIsNotAsked() throws IOException {
    ObjectNode cluster = naming("fails.example.com");
    ((ObjectNode) cluster.path("metadata")).put("name", "halfway");

    assertThat(
            api.mutate(AdmissionClient.review("CREATE", cluster, null)).path("allowed").asBoolean())
        .isFalse();

    try (Stream<JsonNode> lines = TrailReader.read(home.resolve("audit"))) {
      assertThat(
              lines
                  .filter(line -> line.at("/cluster/name").asString("").equals("halfway"))
                  .toList())
          .extracting(line -> line.path("kind").asString() + " " + line.path("outcome").asString())
          .containsExactly("call UNAVAILABLE", "change UNAVAILABLE");
    }
  }
}
