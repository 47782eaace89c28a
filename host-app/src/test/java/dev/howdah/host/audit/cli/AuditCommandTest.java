package dev.howdah.host.audit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditSettings;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.audit.TrailKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

class AuditCommandTest {

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String trail;
  private String heads;
  private String key;

  @BeforeEach
  void writeTrail() {
    trail = folder.resolve("trail").toString();
    heads = folder.resolve("heads").toString();
    key = folder.resolve("key.pem").toString();
    AuditSettings settings =
        AuditSettings.inFolder("host-a", TrailKey.load(Path.of(key), true), Path.of(trail))
            .with(AuditSettings.Heads.in(Path.of(heads)));
    try (AuditTrail open =
        AuditTrail.open(settings, new SimpleMeterRegistry(), Clock.systemUTC())) {
      open.record(
          AuditEntry.call("hello.example.com", "s", "LifecycleHook")
              .time(Instant.parse("2026-03-01T12:00:00Z"))
              .cluster("app", "orders", "u")
              .build());
      open.record(
          AuditEntry.call("metrics.howdah.dev", "s", "SetStatusInCluster")
              .time(Instant.parse("2026-03-02T12:00:00Z"))
              .cluster("app", "billing", "u")
              .outcome("INTERNAL")
              .build());
      open.record(
          AuditEntry.change("DELETE")
              .time(Instant.parse("2026-03-03T12:00:00Z"))
              .cluster("app", "billing", "u")
              .actor(new AuditEntry.Actor("jane", "", List.of(), "admission"))
              .build());
    }
  }

  private int run(String... args) {
    return new CommandLine(new AuditCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  @Test
  void verify_with_key_and_heads_proves_everything() {
    assertThat(run("verify", trail, "--heads", heads, "--key", key + ".pub", "--strict")).isZero();
    assertThat(out.toString()).endsWith("INTACT\n").doesNotContain("NOT PROVEN");
  }

  @Test
  void show_finds_a_record_by_the_id_that_a_log_line_gives() {
    assertThat(run("show", trail, "--json", "--outcome", "error")).isZero();
    String id = new JsonMapper().readTree(out.toString()).path("id").asString();
    out.getBuffer().setLength(0);

    assertThat(run("show", trail, "--id", id)).isZero();

    assertThat(out.toString().lines().skip(1))
        .singleElement()
        .asString()
        .contains("SetStatusInCluster");
  }

  @Test
  void show_names_the_managers_where_no_user_is_known() {
    AuditSettings settings =
        AuditSettings.inFolder("host-a", TrailKey.load(Path.of(key), true), Path.of(trail));
    try (AuditTrail open =
        AuditTrail.open(settings, new SimpleMeterRegistry(), Clock.systemUTC())) {
      open.record(
          AuditEntry.foundChange("UPDATE")
              .cluster("app", "old", "u")
              .actor(new AuditEntry.Actor("", "", List.of(), "managedFields"))
              .detail("managers", "kubectl-edit")
              .build());
    }

    assertThat(run("show", trail, "--cluster", "old")).isZero();

    assertThat(out.toString()).contains("UPDATE by an unknown user of kubectl-edit");
  }

  @Test
  void verify_without_them_says_what_it_cannot_prove() {
    assertThat(run("verify", trail)).isZero();
    assertThat(out.toString())
        .contains("NOT PROVEN: No key was given")
        .contains("intact to 8, tail not attested");
    assertThat(run("verify", trail, "--strict")).isEqualTo(3);
  }

  @Test
  void verify_of_a_changed_trail_ends_with_one() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(trail))) {
      Path file = files.filter(f -> f.toString().endsWith(".jsonl")).findFirst().orElseThrow();
      Files.writeString(file, Files.readString(file).replace("jane", "john"));
    }

    assertThat(run("verify", trail, "--json")).isEqualTo(1);
    assertThat(out.toString()).contains("\"CHANGED\"");
  }

  @Test
  void verify_of_nothing_ends_with_two() {
    assertThat(run("verify", folder.resolve("none").toString())).isEqualTo(2);
    assertThat(run("verify", heads)).isEqualTo(2);
    assertThat(run("verify", trail, "--key", trail)).isEqualTo(2);
  }

  @Test
  void show_prints_what_all_filters_match() {
    assertThat(run("show", trail, "--namespace", "app", "--cluster", "billing")).isZero();
    assertThat(out.toString().lines()).hasSize(3);
    assertThat(out.toString()).contains("DELETE by jane").doesNotContain("hello.example.com");
  }

  @Test
  void show_filters_by_time_and_outcome() {
    assertThat(
            run("show", trail, "--since", "2026-03-02T00:00:00Z", "--outcome", "error", "--json"))
        .isZero();
    assertThat(out.toString().lines()).singleElement().asString().contains("metrics.howdah.dev");
  }

  @Test
  void show_prints_once_what_two_replicas_recorded() {
    for (String host : List.of("host-b", "host-c")) {
      AuditSettings settings =
          AuditSettings.inFolder(host, TrailKey.load(Path.of(key), false), Path.of(trail));
      try (AuditTrail open =
          AuditTrail.open(settings, new SimpleMeterRegistry(), Clock.systemUTC())) {
        open.record(
            AuditEntry.change("UPDATE")
                .key("admission/5e1f/allowed")
                .cluster("app", "twice", "u")
                .build());
      }
    }

    assertThat(run("show", trail, "--cluster", "twice", "--json")).isZero();
    assertThat(out.toString().lines()).hasSize(1);
    assertThat(run("show", trail, "--cluster", "twice", "--json", "--repeated")).isZero();
    assertThat(out.toString().lines()).hasSize(1 + 2);
  }

  @Test
  void show_refuses_a_time_that_is_none() {
    assertThat(run("show", trail, "--since", "yesterday")).isEqualTo(2);
    assertThat(err.toString()).contains("'yesterday' is not a time such as");
  }
}
