package dev.howdah.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A host in mode {@code operator} as the chart runs it, with the kubelet's part: readiness is asked
 * for over HTTP, and a Pod that is to stop goes on serving for the time of the pre-stop hook before
 * it gets SIGTERM. Linux only.
 */
final class Replica implements AutoCloseable {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
  private static final int START_SECONDS = 120;
  private static final int PRE_STOP_SECONDS = 5;
  private static final int GRACE_SECONDS = 60;
  private static final double BYTES_PER_MIB = 1 << 20;
  private static final double KIB_PER_MIB = 1024;

  private final Process process;
  private final Path log;
  private final int grpcPort;
  private final int httpPort;

  private Replica(Process process, Path log, int grpcPort, int httpPort) {
    this.process = process;
    this.log = log;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
  }

  /**
   * Starts one.
   *
   * @param launcher the launcher script
   * @param home a folder for its files
   * @param certificates what it has mounted
   * @param plugins ids of the plugins that are on
   */
  static Replica start(
      Path launcher, Path home, FleetCertificates certificates, List<String> plugins) {
    try {
      Files.createDirectories(home);
      int grpcPort = freePort();
      int httpPort = freePort();
      List<String> command = new ArrayList<>(List.of(launcher.toString(), "serve"));
      command.addAll(
          List.of(
              "--mode=operator",
              "--home=" + home,
              "--server-address=127.0.0.1:" + grpcPort,
              "--http-address=127.0.0.1:" + httpPort,
              "--server-cert=" + certificates.mounted("server.crt"),
              "--server-key=" + certificates.mounted("server.key"),
              "--client-cert=" + certificates.mounted("ca.crt")));
      settings(home, plugins).forEach(setting -> command.addAll(List.of("--set", setting)));
      Path log = home.resolve("log");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().put("HOWDAH_BUILD", "never");
      return new Replica(builder.start(), log, grpcPort, httpPort);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static List<String> settings(Path home, List<String> plugins) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "howdah.kubernetes.enabled=false",
                "howdah.admission.enabled=false",
                "howdah.audit.enabled=true",
                "howdah.audit.file.enabled=true",
                "howdah.audit.file.directory=" + home.resolve("trail"),
                "howdah.audit.stdout.enabled=false",
                "howdah.sidecar.inline.revisions.1.image=registry.example/howdah:1"));
    for (String bundled :
        List.of("audit", "configuration", "hello-world", "logging", "metrics", "object-store")) {
      settings.add("howdah.plugins.%s.enabled=%s".formatted(bundled, plugins.contains(bundled)));
    }
    return settings;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int grpcPort() {
    return grpcPort;
  }

  /** Waits until it is ready, asking once a second as the start-up probe does. */
  void awaitReady() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    try {
      while (System.nanoTime() < end && process.isAlive()) {
        if (ready()) {
          return;
        }
        TimeUnit.SECONDS.sleep(1);
      }
      throw new IllegalStateException("A replica did not start:\n" + Files.readString(log));
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private boolean ready() throws InterruptedException {
    try {
      return get("/actuator/health/readiness").statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(httpPort, path)))
            .timeout(Duration.ofSeconds(10))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Stops it as a Pod is stopped that has left its Service already. */
  void stop() {
    try {
      TimeUnit.SECONDS.sleep(PRE_STOP_SECONDS);
      process.destroy();
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("A replica did not stop within its grace period.");
      }
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  /** What it takes after a full collection. */
  FleetBenchmark.Memory memory() {
    collect();
    try {
      double heap =
          get("/actuator/prometheus")
              .body()
              .lines()
              .filter(line -> line.startsWith("jvm_memory_used_bytes{"))
              // What a full collection leaves is here; the rest is of calls that run meanwhile.
              .filter(line -> line.contains("Tenured Gen"))
              .mapToDouble(
                  line -> Double.parseDouble(line.substring(line.indexOf('}') + 1).strip()))
              .findFirst()
              .orElseThrow();
      double resident =
          Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow();
      return new FleetBenchmark.Memory(resident / KIB_PER_MIB, heap / BYTES_PER_MIB);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  private void collect() {
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  String.valueOf(process.pid()),
                  "GC.run")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!jcmd.waitFor(GRACE_SECONDS, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
        throw new IllegalStateException("jcmd could not have a replica's garbage collected.");
      }
    } catch (IOException noJdk) {
      throw new UncheckedIOException(noJdk);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
