package dev.howdah.host.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DoctorCommandTest {

  @TempDir private Path folder;

  /** What the command said, and how it ended. */
  private record Said(int code, String out, String err) {}

  @Test
  void findsNothingWrongWhereAllIsWell() throws IOException {
    Said said = examine(Installation.healthy());

    assertThat(said.out()).contains("Nothing is wrong.", "Looked at 2 plugins and 1 Clusters");
    assertThat(said.code()).isEqualTo(DoctorCommand.HEALTHY);
  }

  @Test
  void findsAServiceInAnotherNamespace() throws IOException {
    assertSick(
        Installation.healthy()
            .replace(
                "name: howdah-audit\n      namespace: cnpg-system",
                "name: howdah-audit\n      namespace: app"),
        "Service app/howdah-audit",
        "in another namespace than the operator, which looks for plugins in cnpg-system only",
        "It names the plugin audit.howdah.dev, which no Service in cnpg-system serves");
  }

  @Test
  void findsAServiceWithTheWrongLabel() throws IOException {
    assertSick(
        broken("cnpg.io/pluginName: audit.howdah.dev", "cnpg.io/plugin: audit.howdah.dev"),
        "It has a plugin's annotations, but not the label cnpg.io/pluginName");
  }

  @Test
  void findsAMissingAnnotation() throws IOException {
    assertSick(
        broken(
            "        cnpg.io/pluginPort: \"9090\"\n        cnpg.io/pluginServerName: audit",
            "        cnpg.io/pluginServerName: audit"),
        "It lacks the annotation cnpg.io/pluginPort");
  }

  @Test
  void findsAPortThatTheServiceHasNot() throws IOException {
    assertSick(
        broken("cnpg.io/pluginPort: \"9090\"", "cnpg.io/pluginPort: \"9091\""),
        "The operator dials port 9091, but the Service has 9090");
  }

  @Test
  void findsAPortThatIsNoNumber() throws IOException {
    assertSick(
        broken("cnpg.io/pluginPort: \"9090\"", "cnpg.io/pluginPort: grpc"),
        "is 'grpc', which is no number");
  }

  @Test
  void findsTwoServicesOfOnePlugin() throws IOException {
    assertSick(
        broken("cnpg.io/pluginName: metrics.howdah.dev", "cnpg.io/pluginName: audit.howdah.dev"),
        "It claims the plugin audit.howdah.dev, which Service howdah-audit does, too");
  }

  @Test
  void findsAServiceWithoutReadyPods() throws IOException {
    assertSick(broken("ready: true", "ready: false"), "No Pod behind it is ready");
  }

  @Test
  void findsAMissingSecret() throws IOException {
    assertSick(
        broken("metadata: {name: howdah-client-tls,", "metadata: {name: other,"),
        "It names the Secret howdah-client-tls, which isn't in cnpg-system");
  }

  @Test
  void findsASecretWithoutACertificate() throws IOException {
    assertSick(
        Installation.healthy().replaceFirst("tls.crt: [^,]+", "tls.crt: bm90aGluZw=="),
        "Its tls.crt holds no certificate");
  }

  @Test
  void findsAnExpiredCertificate() throws IOException {
    assertSick(
        Installation.healthy()
            .replaceFirst(
                "tls.crt: [^,]+", "tls.crt: " + Installation.server("2026-05-31T00:00:00Z")),
        "Secret cnpg-system/howdah-server-tls",
        "Its certificate expired on 2026-05-31T00:00:00Z");
  }

  @Test
  void warnsOfACertificateThatEndsSoon() throws IOException {
    Said said =
        examine(
            Installation.healthy()
                .replaceFirst(
                    "tls.crt: [^,]+", "tls.crt: " + Installation.server("2026-06-10T00:00:00Z")));

    assertThat(said.out()).contains("WARNING", "Its certificate ends on 2026-06-10T00:00:00Z");
    assertThat(said.code()).isEqualTo(DoctorCommand.HEALTHY);
  }

  @Test
  void findsACertificateWithoutTheNameThatTheOperatorAsksFor() throws IOException {
    assertSick(
        Installation.healthy()
            .replaceFirst(
                "tls.crt: [^,]+",
                "tls.crt: "
                    + Installation.server(
                        "2027-01-01T00:00:00Z",
                        "howdah-audit",
                        "howdah-metrics",
                        "*.howdah-metrics",
                        "metrics.howdah.dev")),
        "lacks the DNS name audit.howdah.dev, by which the operator asks");
  }

  @Test
  void takesAWildcardForTheNamesItCovers() throws IOException {
    Said said =
        examine(
            Installation.healthy()
                .replaceFirst(
                    "tls.crt: [^,]+",
                    "tls.crt: "
                        + Installation.server(
                            "2027-01-01T00:00:00Z",
                            "*.howdah.dev",
                            "howdah-audit",
                            "howdah-metrics")));

    assertThat(said.out()).contains("Nothing is wrong.");
  }

  @Test
  void findsAClientCertificateThatIsForServers() throws IOException {
    assertSick(
        Installation.healthy()
            .replace(Installation.healthyClient(), Installation.server("2027-01-01T00:00:00Z")),
        "Its certificate isn't for client authentication");
  }

  @Test
  void findsAClusterWithAPluginThatNobodyServes() throws IOException {
    assertSick(
        broken("- name: audit.howdah.dev", "- name: audits.howdah.dev"),
        "Cluster app/orders",
        "It names the plugin audits.howdah.dev, which no Service in cnpg-system serves",
        "Served are: audit.howdah.dev, metrics.howdah.dev");
  }

  @Test
  void explainsAClusterThatStoppedBecauseOfAPlugin() throws IOException {
    assertSick(
        broken(
            "phase: Cluster in healthy state",
            "phase: Cluster cannot proceed to reconciliation due to an error while interacting with"
                + " plugins\n  phaseReason: connection refused"),
        "A plugin failed: connection refused");
  }

  @Test
  void findsAPluginThatIsIncludedEverywhereButServedNowhere() throws IOException {
    assertSick(
        broken("value: \"audit.howdah.dev\"", "value: \"audit.howdah.dev, gone.example.com\""),
        "INCLUDE_PLUGINS adds the plugin gone.example.com to every Cluster");
  }

  @Test
  void warnsOfAPluginNamedTwice() throws IOException {
    Said said =
        examine(
            broken(
                "- name: metrics.howdah.dev\n",
                "- name: audit.howdah.dev\n    - name: metrics.howdah.dev\n"));

    assertThat(said.out()).contains("It has two entries for the plugin audit.howdah.dev");
  }

  @Test
  void findsAPodWithoutTheSidecar() throws IOException {
    assertSick(
        broken("initContainers: [{name: howdah,", "initContainers: [{name: other,"),
        "Pod app/orders-1",
        "It has no container howdah, which metrics.howdah.dev need inside the instance",
        "kubectl cnpg restart orders -n app");
  }

  @Test
  void warnsOfPodsWithSidecarsOfDifferentVersions() throws IOException {
    String healthy = Installation.healthy();
    String pod = healthy.substring(healthy.lastIndexOf("---"));
    Said said =
        examine(healthy + pod.replace("orders-1", "orders-2").replace("howdah:1", "howdah:2"));

    assertThat(said.out())
        .contains("sidecars of different images: example/howdah:1, example/howdah:2");
  }

  @Test
  void warnsOfAForeignPluginThatMayEraseWhatOursEnrich() throws IOException {
    Said said =
        examine(
            broken(
                    "- name: metrics.howdah.dev\n",
                    "- name: metrics.howdah.dev\n    - name: zebra.example.com\n")
                .replace(
                    "pluginStatus:\n",
                    "pluginStatus:\n"
                        + "    - name: zebra.example.com\n"
                        + "      capabilities: [TYPE_INSTANCE_SIDECAR_INJECTION]\n"));

    assertThat(said.out())
        .contains("zebra.example.com is served elsewhere and sorts after metrics.howdah.dev");
  }

  @Test
  void findsAnOperatorThatIsTooOld() throws IOException {
    assertSick(
        broken("cloudnative-pg:1.30.0", "cloudnative-pg:1.26.3"),
        "Version 1.26.3 is older than 1.27");
  }

  @Test
  void saysWhatAnOldOperatorIgnores() throws IOException {
    Said said = examine(broken("cloudnative-pg:1.30.0", "cloudnative-pg:1.27.1"));

    assertThat(said.out()).contains("NOTE", "ignores cnpg.io/pluginServerName");
    assertThat(said.code()).isEqualTo(DoctorCommand.HEALTHY);
  }

  @Test
  void findsTwoPluginsThatArchiveOneCluster() throws IOException {
    assertSick(
        broken(
            "- name: audit.howdah.dev\n    - name: metrics.howdah.dev",
            "- name: audit.howdah.dev\n"
                + "      isWALArchiver: true\n"
                + "    - name: metrics.howdah.dev\n"
                + "      isWALArchiver: true"),
        "more than one WAL archiver: the plugin audit.howdah.dev, the plugin metrics.howdah.dev");
  }

  @Test
  void findsTwoPluginsOnOneArchive() throws IOException {
    String store = "\n      parameters: {barmanObjectName: store, serverName: shared}";
    assertSick(
        broken(
            "- name: audit.howdah.dev\n    - name: metrics.howdah.dev",
            "- name: audit.howdah.dev" + store + "\n    - name: metrics.howdah.dev" + store),
        "writes to folder shared of ObjectStore app/store");
  }

  @Test
  void goesOnWithoutWhatItMayNotRead() throws IOException {
    String healthy = Installation.healthy();
    Said said =
        examine(healthy.replaceAll("(?m)^  - apiVersion: v1\n    kind: Secret\n.*\n.*\n", ""));

    assertThat(said.out())
        .contains("certificates weren't looked at", "Not read: ConfigMap, Secret");
    assertThat(said.code()).isEqualTo(DoctorCommand.HEALTHY);
  }

  @Test
  void printsFindingsForPrograms() throws IOException {
    Said said = examine(broken("cloudnative-pg:1.30.0", "cloudnative-pg:1.26.3"), "--json");

    assertThat(said.out())
        .contains("\"severity\" : \"ERROR\"", "\"subject\" : \"Deployment cnpg-system/cnpg-contr");
  }

  @Test
  void saysWhichFileItCannotRead() throws IOException {
    assertThat(examine("{ not: [yaml").err()).contains("objects.yaml is no YAML");
    assertThat(examine("{ not: [yaml").code()).isEqualTo(DoctorCommand.UNREADABLE);
    assertThat(examine("").err()).contains("There are no Kubernetes objects");
  }

  @Test
  void saysThatThereIsNoServer() throws IOException {
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: u, user: {}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        current-context: x
        """);

    Said said = run("--kubeconfig", kubeconfig.toString());

    assertThat(said.err()).contains("there is no API server to ask");
    assertThat(said.code()).isEqualTo(DoctorCommand.NO_SERVER);
  }

  private String broken(String healthy, String instead) {
    String objects = Installation.healthy();
    assertThat(objects).contains(healthy);
    return objects.replaceFirst(Pattern.quote(healthy), Matcher.quoteReplacement(instead));
  }

  private void assertSick(String objects, String... says) throws IOException {
    Said said = examine(objects);
    assertThat(said.out()).contains(says);
    assertThat(said.code()).isEqualTo(DoctorCommand.SICK);
  }

  private Said examine(String objects, String... further) throws IOException {
    Path file = folder.resolve("objects.yaml");
    Files.writeString(file, objects);
    String[] arguments = new String[further.length + 2];
    arguments[0] = "--from";
    arguments[1] = file.toString();
    System.arraycopy(further, 0, arguments, 2, further.length);
    return run(arguments);
  }

  private static Said run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new DoctorCommand(Clock.fixed(Installation.NOW, ZoneOffset.UTC)))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Said(code, out.toString(), err.toString());
  }
}
