package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** A host in an instance's Pod: the named plugins on their sockets, and nothing else. */
@Timeout(60)
class InstanceModeTest {

  private static final String ARCHIVER = "archiver.example.com";
  private static final String BROKEN = "broken.example.com";
  private static final String OTHER = "other.example.com";
  private static final String UNKNOWN = "unknown.example.com";

  @TempDir Path home;

  private final CountDownLatch archiving = new CountDownLatch(1);
  private final CountDownLatch mayEnd = new CountDownLatch(1);

  private EmbeddedHost.Builder host() {
    return EmbeddedHost.in(home)
        .classPathPlugins()
        .property("howdah.mode", "instance")
        .property("howdah.sockets.directory", home.resolve("plugins"))
        .property("howdah.instance.readiness-file", readinessFile())
        .plugin(
            "archiver",
            TestPlugin.of(
                ARCHIVER,
                hooks ->
                    hooks.archiveWal(
                        (request, context) -> {
                          archiving.countDown();
                          await(mayEnd);
                        })))
        .plugin(
            "broken",
            TestPlugin.of(
                BROKEN,
                hooks -> {
                  throw new IllegalStateException("no credentials");
                }))
        .plugin("other", TestPlugin.of(OTHER, hooks -> {}));
  }

  @Test
  void exactlyTheNamedPluginsHaveSockets() throws Exception {
    try (EmbeddedHost host =
        host().property("howdah.instance.plugins", ARCHIVER + ", broken," + UNKNOWN).start()) {
      try (Stream<Path> sockets = Files.list(home.resolve("plugins"))) {
        assertThat(sockets.map(it -> it.getFileName().toString()))
            .containsExactlyInAnyOrder(ARCHIVER, BROKEN, UNKNOWN);
      }
      assertThat(host.catalog().find(OTHER)).isEmpty();
    }
  }

  @Test
  void aPluginThatFailsOrIsntThereAnswersUnavailableAloneAndSaysWhy() {
    try (EmbeddedHost host =
            host()
                .property("howdah.instance.plugins", ARCHIVER + "," + BROKEN + "," + UNKNOWN)
                .start();
        HostClient client = new HostClient(host)) {
      assertThat(HostClient.load(client.socket(ARCHIVER)).metadata().getName()).isEqualTo(ARCHIVER);

      Status broken = metadata(client.socket(BROKEN));
      assertThat(broken.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(broken.getDescription()).contains(BROKEN).contains("no credentials");

      Status unknown = metadata(client.socket(UNKNOWN));
      assertThat(unknown.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(unknown.getDescription())
          .isEqualTo(
              "The plugin 'unknown.example.com' doesn't serve: howdah.instance.plugins names it,"
                  + " but this image has no such plugin, or it is switched off.");
    }
  }

  @Test
  void thereIsNoHttpServerAndNoTcp() {
    try (EmbeddedHost host = host().property("howdah.instance.plugins", ARCHIVER).start()) {
      assertThat(host.context()).isNotInstanceOf(WebServerApplicationContext.class);
      assertThat(host.context().getEnvironment().getProperty("local.server.port")).isNull();
    }
  }

  @Test
  void theReadinessFileIsThereWhileTheHostServes() throws Exception {
    Files.createDirectories(readinessFile().getParent());
    Files.writeString(readinessFile(), "left behind");

    try (EmbeddedHost host = host().property("howdah.instance.plugins", ARCHIVER).start()) {
      assertThat(readinessFile()).isEmptyFile();
      assertThat(host.socket(ARCHIVER)).exists();
    }

    assertThat(readinessFile()).doesNotExist();
  }

  @Test
  void aHostThatDoesntStartLeavesNoReadinessFile() throws Exception {
    Files.createDirectories(readinessFile().getParent());
    Files.writeString(readinessFile(), "left behind");
    Files.writeString(home.resolve("taken"), "a file where a folder has to be");

    try (EmbeddedHost host =
        host()
            .property("howdah.instance.plugins", ARCHIVER)
            .property("howdah.sockets.directory", home.resolve("taken"))
            .start()) {
      assertThat(host).as("a host without a folder for its sockets").isNull();
    } catch (RuntimeException expected) {
      assertThat(expected).rootCause().hasMessageContaining("taken");
    }

    assertThat(readinessFile()).doesNotExist();
  }

  @Test
  void anArchiveCallInFlightEndsBeforeTheHostDoes() throws Exception {
    Protocol.Rpc archive = Protocol.rpc("WAL/Archive");
    Message request = archive.request(Clusters.naming(ARCHIVER));
    EmbeddedHost host = host().property("howdah.instance.plugins", ARCHIVER).start();
    try (HostClient client = new HostClient(host)) {
      Channel channel = client.socket(ARCHIVER);
      CompletableFuture<Status> answer =
          CompletableFuture.supplyAsync(
              () -> archive.status(channel, request), InstanceModeTest::inItsOwnThread);
      await(archiving);
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(host::close, InstanceModeTest::inItsOwnThread);
      while (Files.exists(readinessFile())) {
        Thread.onSpinWait();
      }
      mayEnd.countDown();

      assertThat(answer.get(20, TimeUnit.SECONDS).isOk()).isTrue();
      stopped.get(20, TimeUnit.SECONDS);
    } finally {
      mayEnd.countDown();
      host.close();
    }
  }

  private static Status metadata(Channel channel) {
    return Protocol.rpc("Identity/GetPluginMetadata")
        .status(channel, Protocol.rpc("Identity/GetPluginMetadata").emptyRequest());
  }

  private static void inItsOwnThread(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Path readinessFile() {
    return home.resolve("tmp").resolve("howdah-ready");
  }
}
