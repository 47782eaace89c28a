package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What is said of a Cluster before it is stored. */
class AdmissionHooksTest extends PluginOnInstance {

  @Test
  void admissionNamesTheFieldOfTheObjectStoreThatIsWrong() throws Exception {
    Files.writeString(
        scratch.resolve("definitions/shop/wrong.yaml"),
        """
        metadata: {name: wrong}
        spec:
          configuration:
            destinationPath: s3://backups/
            s3Credentials: {accessKeyId: {name: keys, key: id}}
            wal: {compression: rar, archiveAdditionalCommandArgs: [--read-timeout=60]}
        """);
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'wrong'}");

    assertThat(plugin.admission().create(cluster))
        .allSatisfy(
            finding -> assertThat(finding.path()).containsExactly("spec", "barmanObjectName"))
        .extracting(ValidationFinding::severity, ValidationFinding::message)
        .containsExactly(
            tuple(
                Severity.ERROR,
                "ObjectStore wrong: spec.configuration.s3Credentials.secretAccessKey is required,"
                    + " too"),
            tuple(
                Severity.ERROR,
                "ObjectStore wrong: spec.configuration.wal.compression 'rar' is none of bzip2,"
                    + " gzip, lz4, snappy, xz and zstd"),
            tuple(
                Severity.WARNING,
                "ObjectStore wrong: spec.configuration.wal.archiveAdditionalCommandArgs has no"
                    + " effect: there is no child process to give arguments to"));
    assertThat(plugin.admission().change(cluster.cluster(), cluster))
        .extracting(ValidationFinding::severity)
        .containsOnly(Severity.WARNING);
  }

  @Test
  void admissionWarnsOfAnObjectStoreThatIsMissingAndOfWalThatNobodyWasToldToArchive() {
    assertThat(plugin.admission().create(cluster("'parameters': {'barmanObjectName': 'later'}")))
        .extracting(ValidationFinding::message)
        .satisfiesExactly(
            missing -> assertThat(missing).contains("there is no ObjectStore later"),
            nobody -> assertThat(nobody).contains("isWALArchiver is not true"));
  }

  @Test
  void admissionRefusesAServerNameThatIsNoFolder() {
    assertThat(
            plugin
                .admission()
                .create(cluster("'isWALArchiver': true, 'parameters': {'serverName': 'a/b'}")))
        .singleElement()
        .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.ERROR))
        .satisfies(finding -> assertThat(finding.path()).endsWith("serverName"));
  }
}
