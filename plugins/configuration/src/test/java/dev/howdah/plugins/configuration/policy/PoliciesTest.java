package dev.howdah.plugins.configuration.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.configuration.ConfigurationSettings;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.offline.OfflineConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoliciesTest {

  /** A Cluster that keeps none of the rules below. */
  private static final String POOR =
      """
      {"metadata": {"name": "orders", "namespace": "app-prod", "labels": {"tier": "gold"}},
       "spec": {"instances": 1, "imageName": "docker.io/postgres:latest",
         "enableSuperuserAccess": true,
         "storage": {"size": "1Gi", "storageClass": "slow"},
         "resources": {"requests": {"memory": "1Gi", "cpu": "9"}, "limits": {"memory": "64Gi"}},
         "postgresql": {
           "parameters": {"work_mem": "2GB", "ssl_min_protocol_version": "TLSv1.2", "fsync": "off",
                          "statement_timeout": "0", "password_encryption": "md5"},
           "pg_hba": ["host all all 0.0.0.0/0 trust", "hostssl app app 10.0.0.0/8 scram-sha-256",
                      "host all all all reject"]}}}
      """;

  @TempDir Path folder;

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("cluster: {instances: {minimum: 3}}", "spec.instances"),
        Arguments.of("cluster: {storage: {minimum-size: 10Gi}}", "spec.storage.size"),
        Arguments.of("cluster: {storage: {maximum-size: 500Mi}}", "spec.storage.size"),
        Arguments.of("cluster: {storage: {classes: [fast]}}", "spec.storage.storageClass"),
        Arguments.of("cluster: {storage: {separate-wal: true}}", "spec.walStorage"),
        Arguments.of("cluster: {images: ['ghcr.io/cloudnative-pg/*']}", "spec.imageName"),
        Arguments.of(
            "cluster: {resources: {maximum-memory: 32Gi}}", "spec.resources.limits.memory"),
        Arguments.of("cluster: {resources: {maximum-cpu: 8}}", "spec.resources.requests.cpu"),
        Arguments.of("cluster: {resources: {guaranteed: true}}", "spec.resources.requests.memory"),
        Arguments.of("cluster: {labels: [{name: team}]}", "metadata.labels.team"),
        Arguments.of("cluster: {labels: [{name: tier, value: silver}]}", "metadata.labels.tier"),
        Arguments.of(
            "cluster: {tls: {minimum-version: TLSv1.3}}",
            "spec.postgresql.parameters.ssl_min_protocol_version"),
        Arguments.of(
            "cluster: {tls: {own-certificates: true}}", "spec.certificates.serverTLSSecret"),
        Arguments.of("cluster: {pg-hba: {forbidden-methods: [trust]}}", "spec.postgresql.pg_hba.0"),
        Arguments.of("cluster: {pg-hba: {require-tls: true}}", "spec.postgresql.pg_hba.0"),
        Arguments.of("cluster: {pg-hba: {forbid-any-address: true}}", "spec.postgresql.pg_hba.0"),
        Arguments.of("cluster: {backup: {required: true}}", "spec.backup"),
        Arguments.of("cluster: {superuser-access: false}", "spec.enableSuperuserAccess"),
        Arguments.of(
            "parameters: [{name: work_mem, maximum: 64MB}]", "spec.postgresql.parameters.work_mem"),
        Arguments.of(
            "parameters: [{name: statement_timeout, minimum: 1s}]",
            "spec.postgresql.parameters.statement_timeout"),
        Arguments.of(
            "parameters: [{name: fsync, required: true}]", "spec.postgresql.parameters.fsync"),
        Arguments.of(
            "parameters: [{name: fsync, forbidden: true}]", "spec.postgresql.parameters.fsync"),
        Arguments.of(
            "parameters: [{name: password_encryption, allowed: [scram-sha-256]}]",
            "spec.postgresql.parameters.password_encryption"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void findsWhereARuleIsBroken(String rule, String path) throws IOException {
    List<Violation> violations = violations("{name: rule, " + rule + "}");

    assertThat(violations)
        .singleElement()
        .extracting(violation -> String.join(".", violation.path()))
        .isEqualTo(path);
  }

  @Test
  void equalValuesAreEqualHoweverTheyAreWritten() throws IOException {
    assertThat(
            violations(
                "{name: rule, parameters: [{name: work_mem, required: 2048MB}, {name: fsync,"
                    + " required: 'no'}]}"))
        .isEmpty();
  }

  @Test
  void selectorsChooseByNamespaceAndLabel() throws IOException {
    String rule = "cluster: {instances: {minimum: 3}}";

    assertThat(violations("{name: r, selector: {namespaces: ['*-prod']}, " + rule + "}"))
        .hasSize(1);
    assertThat(violations("{name: r, selector: {namespaces: ['*-test']}, " + rule + "}")).isEmpty();
    assertThat(violations("{name: r, selector: {except-namespaces: [app-prod]}, " + rule + "}"))
        .isEmpty();
    assertThat(violations("{name: r, selector: {labels: [{name: tier, value: g*}]}, " + rule + "}"))
        .hasSize(1);
    assertThat(violations("{name: r, selector: {labels: [{name: team}]}, " + rule + "}")).isEmpty();
  }

  @Test
  void thePlatformTeamsWordsReachTheUser() throws IOException {
    assertThat(
            violations(
                "{name: ha, message: Ask in the channel databases., cluster: {instances: {minimum:"
                    + " 3}}}"))
        .singleElement()
        .extracting(Violation::message)
        .isEqualTo("at least 3 instances are needed (policy 'ha'). Ask in the channel databases.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{name: p, cluster: {storage: {minimum-size: large}}}",
        "{name: p, cluster: {tls: {minimum-version: SSLv3}}}",
        "{name: p, parameters: [{name: work_mem}]}",
        "{name: p, parameters: [{name: work_mem, maximum: much}]}",
        "{cluster: {backup: {required: true}}}",
        "{name: p, unknown: 1}",
        "{name: p}, {name: p}"
      })
  void refusesPoliciesThatCanNotHold(String policy) {
    assertThatIllegalArgumentException().isThrownBy(() -> violations(policy));
  }

  private List<Violation> violations(String policy) throws IOException {
    Path file = folder.resolve("application.yaml");
    Files.writeString(file, "howdah: {plugins: {configuration: {policies: [" + policy + "]}}}\n");
    Policies policies =
        OfflineConfiguration.read(file, "configuration")
            .bind(ConfigurationSettings.class)
            .checked();
    return policies.violations(
        Cluster.decode(POOR.getBytes(StandardCharsets.UTF_8)), Catalogue.of(17));
  }
}
