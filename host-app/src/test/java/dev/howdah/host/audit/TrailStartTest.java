package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a trail from being opened, and the key that it needs. */
class TrailStartTest {

  @TempDir private Path folder;
  private final TrailKey key = TrailKey.ephemeral();

  private Path trailFolder() {
    return folder.resolve("trail");
  }

  private AuditSettings settings() {
    return AuditSettings.inFolder("host-a", key, trailFolder());
  }

  @Test
  void durable_records_on_ephemeral_storage_are_refused_at_start() throws Exception {
    Path memory = Path.of("/dev/shm");
    assumeThat(Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs"))
        .as("Ephemeral storage is told by the file system's type, and only Linux has one to try.")
        .isTrue();
    Path trail = Files.createTempDirectory(memory, "howdah-audit");
    try {
      AuditSettings settings = AuditSettings.inFolder("host-a", key, trail).with(Trails.DURABLE);

      assertThatThrownBy(() -> Trails.open(settings))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining(trail + " is on tmpfs")
          .hasMessageContaining("Mount a persistent volume");
    } finally {
      Files.delete(trail);
    }
  }

  @Test
  void durable_records_without_a_file_sink_are_refused_at_start() {
    AuditSettings s = settings().with(Trails.DURABLE);
    AuditSettings noFile =
        new AuditSettings(
            s.host(),
            s.rules(),
            s.redaction(),
            s.key(),
            Optional.empty(),
            s.stdout(),
            s.webhook(),
            s.heads(),
            s.queue(),
            s.maxPayloadBytes(),
            s.syncInterval(),
            s.stopTimeout());

    assertThatThrownBy(() -> Trails.open(noFile))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("the file sink is off");
  }

  @Test
  void heads_inside_the_trail_are_refused_at_start() {
    AuditSettings settings =
        settings().with(AuditSettings.Heads.in(trailFolder().resolve("heads")));

    assertThatThrownBy(() -> Trails.open(settings))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("lies in the trail");
  }

  @Test
  void the_signing_key_is_made_once_for_its_owner_only_and_read_again() throws Exception {
    Path file = folder.resolve("keys/audit.pem");
    TrailKey made = TrailKey.load(file, true);

    assertThat(TrailKey.load(file, false).publicKey().id()).isEqualTo(made.publicKey().id());
    assertThat(TrailPublicKey.load(folder.resolve("keys/audit.pem.pub")).id())
        .isEqualTo(made.publicKey().id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void a_missing_signing_key_is_said_with_what_to_do() {
    assertThatThrownBy(() -> TrailKey.load(folder.resolve("none.pem"), false))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("openssl genpkey -algorithm ed25519");
  }
}
