package dev.howdah.benchmarks;

import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A plugin eats all memory: how soon the process ends, and how soon a supervisor (Kubernetes' part
 * is a loop here) has the sockets back.
 */
final class MemoryExhaustion implements Benchmark {

  private static final int PATIENCE_SECONDS = 60;
  private static final double BACK_LIMIT_SECONDS = 3;
  private static final double END_LIMIT_SECONDS = 1;

  /** As the launcher starts a host, with a small heap. */
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:TieredStopAtLevel=1",
          "-Xmx64m",
          "-Xss512k",
          "--sun-misc-unsafe-memory-access=allow");

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public List<Row> run(Pace pace) {
    try {
      Path folder = Files.createTempDirectory("howdah-oom");
      try {
        return List.of(measure(folder, pace));
      } finally {
        Host.delete(folder);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Row measure(Path folder, Pace pace) throws IOException {
    Path cache = folder.resolve("greedy.aot");
    Process recording = start(folder, "-XX:AOTCacheOutput=" + cache, "-Xlog:aot*=off");
    awaitSocket(folder, recording);
    recording.destroy();
    await(recording);

    List<Double> toEnd = new ArrayList<>();
    List<Double> toSocket = new ArrayList<>();
    Process host = start(folder, "-XX:AOTCache=" + cache, "-Xlog:aot*=off");
    try {
      awaitSocket(folder, host);
      for (int i = 0; i < pace.starts(); i++) {
        long begin = System.nanoTime();
        exhaust(folder);
        await(host);
        long ended = System.nanoTime();
        host = start(folder, "-XX:AOTCache=" + cache, "-Xlog:aot*=off");
        awaitSocket(folder, host);
        toEnd.add((ended - begin) / 1e9);
        toSocket.add((System.nanoTime() - ended) / 1e9);
      }
    } finally {
      host.destroyForcibly();
      await(host);
    }
    double end = Load.median(toEnd);
    double back = Load.median(toSocket);
    return new Row(
        "plugin A allocates without end (heap 64 MiB)",
        "process over %s s after the call, sockets answer %s s later"
            .formatted(Load.number(end), Load.number(back)),
        "",
        "ends at once (≤ 1 s), back within 3 s",
        Verdict.atMost(end, END_LIMIT_SECONDS, "s (end)")
            .and(Verdict.atMost(back, BACK_LIMIT_SECONDS, "s (back)")));
  }

  private static Process start(Path folder, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(List.of(more));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(GreedyHost.class.getName(), folder.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
  }

  private static void exhaust(Path folder) {
    ManagedChannel channel = Connections.socket(folder.resolve("plugins/" + GreedyHost.GREEDY));
    try {
      ReconcilerHooksGrpc.newBlockingStub(channel)
          .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .pre(OperatorCalls.preRequest(GreedyHost.GREEDY));
      throw new IllegalStateException("The host survived a plugin that takes all memory.");
    } catch (StatusRuntimeException connectionLost) {
      // As it must be.
    } finally {
      channel.shutdownNow();
    }
  }

  /** A new connection for each attempt, since a refused one waits before it tries again. */
  private static void awaitSocket(Path folder, Process host) throws IOException {
    Path socket = folder.resolve("plugins/" + GreedyHost.GOOD);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      if (!host.isAlive()) {
        throw new IllegalStateException(
            "The host did not start:\n" + Files.readString(folder.resolve("log")));
      }
      if (Files.exists(socket) && answers(socket)) {
        return;
      }
      pause();
    }
    throw new IllegalStateException("No answer over %s within a minute.".formatted(socket));
  }

  private static boolean answers(Path socket) {
    ManagedChannel channel = Connections.socket(socket);
    try {
      IdentityGrpc.newBlockingStub(channel)
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException notYet) {
      return false;
    } finally {
      channel.shutdownNow();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(10);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  private static void await(Process process) {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("The host did not end within a minute.");
      }
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }
}
