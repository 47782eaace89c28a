package dev.howdah.benchmarks;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Start time, first handshake and memory of the real host, with and without its AOT cache. */
final class StartUpBenchmark implements Benchmark {

  private static final String PLUGIN = "hello-world.howdah.dev";
  private static final double FIRST_HANDSHAKE_LIMIT_SECONDS = 1;

  private final Path launcher;

  /**
   * Prepares it.
   *
   * @param launcher the launcher script
   */
  StartUpBenchmark(Path launcher) {
    this.launcher = launcher;
  }

  /** What is promised of a mode. */
  private record Promise(double readySeconds, double mebibytes) {}

  private record Start(
      double listening, double ready, double firstHandshake, double processor, double mebibytes) {}

  @Override
  public String name() {
    return "start";
  }

  @Override
  public List<Row> run(Pace pace) {
    try {
      Path home = Files.createTempDirectory("howdah-start");
      try {
        List<Row> rows = new ArrayList<>();
        rows.addAll(mode("all", List.of("--server-address=127.0.0.1:0"), home, null, pace));
        rows.addAll(mode("operator", operator(home), home, new Promise(2.5, 256), pace));
        rows.addAll(
            mode(
                "instance",
                List.of("--plugin-path=" + home.resolve("plugins")),
                home,
                new Promise(1, 128),
                pace));
        return rows;
      } finally {
        Host.delete(home);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** With the certificates that the host of mode all has issued. */
  private static List<String> operator(Path home) {
    Path tls = home.resolve("tls");
    return List.of(
        "--server-address=127.0.0.1:0",
        "--server-cert=" + tls.resolve("server.crt"),
        "--server-key=" + tls.resolve("server.key"),
        "--client-cert=" + tls.resolve("client.crt"));
  }

  private List<Row> mode(
      String mode, List<String> more, Path home, @Nullable Promise promise, Pace pace) {
    List<String> arguments = new ArrayList<>(more);
    arguments.add("--mode=" + mode);
    arguments.add("--home=" + home);
    arguments.add("--http-address=127.0.0.1:0");
    List<Start> cached = new ArrayList<>();
    List<Start> plain = new ArrayList<>();
    for (int i = 0; i < pace.starts(); i++) {
      plain.add(start(false, arguments, home, pace));
      cached.add(start(true, arguments, home, pace));
    }
    List<Row> rows = new ArrayList<>();
    rows.add(Row.noted("start in mode %s, no AOT cache".formatted(mode), figures(plain), ""));
    rows.add(
        new Row(
            "start in mode %s, AOT cache".formatted(mode),
            figures(cached),
            "ready × %s, processor × %s, memory × %s"
                .formatted(
                    ratio(cached, plain, Start::ready),
                    ratio(cached, plain, Start::processor),
                    ratio(cached, plain, Start::mebibytes)),
            promise == null
                ? ""
                : "ready ≤ %s s, RSS ≤ %.0f MiB"
                    .formatted(promise.readySeconds(), promise.mebibytes()),
            promise == null ? Verdict.NONE : verdict(cached, promise)));
    if (!mode.equals("instance")) {
      double first = median(cached, Start::firstHandshake);
      rows.add(
          new Row(
              "first handshake right after start, mode %s, AOT cache".formatted(mode),
              "%s ms; without the cache %s ms"
                  .formatted(
                      Load.number(first * 1e3),
                      Load.number(median(plain, Start::firstHandshake) * 1e3)),
              "× %s".formatted(ratio(cached, plain, Start::firstHandshake)),
              "≤ 1 s",
              Verdict.atMost(first, FIRST_HANDSHAKE_LIMIT_SECONDS, "s")));
    }
    return rows;
  }

  private Start start(boolean cache, List<String> arguments, Path home, Pace pace) {
    try (LaunchedHost host = LaunchedHost.start(launcher, cache, arguments)) {
      double processor = host.processorSeconds();
      double first = firstHandshake(host, home);
      TimeUnit.MILLISECONDS.sleep(pace.idle().toMillis());
      return new Start(
          host.listeningSeconds(), host.readySeconds(), first, processor, host.residentMebibytes());
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  /** 0 if the host doesn't listen on TCP. */
  private static double firstHandshake(LaunchedHost host, Path home) {
    return host.tcpAddress()
        .map(
            address -> {
              ManagedChannel channel =
                  Connections.tcp(address, Connections.tls(home.resolve("tls")), PLUGIN);
              try {
                long begin = System.nanoTime();
                OperatorCalls.handshake(channel);
                return (System.nanoTime() - begin) / 1e9;
              } finally {
                channel.shutdownNow();
              }
            })
        .orElse(0.0);
  }

  private static Verdict verdict(List<Start> starts, Promise promise) {
    return Verdict.atMost(median(starts, Start::ready), promise.readySeconds(), "s")
        .and(Verdict.atMost(median(starts, Start::mebibytes), promise.mebibytes(), "MiB"));
  }

  private static String figures(List<Start> starts) {
    return "listening %s s, ready %s s (processor %s s), RSS %s MiB"
        .formatted(
            Load.number(median(starts, Start::listening)),
            Load.number(median(starts, Start::ready)),
            Load.number(median(starts, Start::processor)),
            Load.number(median(starts, Start::mebibytes)));
  }

  private static String ratio(List<Start> one, List<Start> other, ToDoubleFunction<Start> figure) {
    return Load.number(median(one, figure) / median(other, figure));
  }

  private static double median(List<Start> starts, ToDoubleFunction<Start> figure) {
    return Load.median(starts.stream().map(figure::applyAsDouble).toList());
  }
}
