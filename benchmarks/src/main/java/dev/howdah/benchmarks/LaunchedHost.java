package dev.howdah.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A host started by the launcher script, as users start it. Linux only: reads {@code /proc}. */
final class LaunchedHost implements AutoCloseable {

  private static final Pattern TCP = Pattern.compile("^ *gRPC +127\\.0\\.0\\.1:(\\d+) ");
  private static final String LISTENING = " Listening ";
  private static final String SERVING = "Howdah serves";
  private static final int STOP_SECONDS = 30;
  private static final double KIB_PER_MIB = 1024;

  private final Process process;
  private final BufferedReader output;
  private double listeningSeconds;
  private double readySeconds;
  private @Nullable InetSocketAddress tcpAddress;

  private LaunchedHost(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /**
   * Starts one and waits until it serves.
   *
   * @param launcher the script
   * @param cache whether it may use its AOT cache
   * @param arguments of {@code serve}
   */
  static LaunchedHost start(Path launcher, boolean cache, List<String> arguments) {
    return start(launcher, cache, arguments, List.of());
  }

  /**
   * Starts one and waits until it serves.
   *
   * @param launcher the script
   * @param cache whether it may use its AOT cache
   * @param arguments of {@code serve}
   * @param around a command that runs another one, which becomes its process
   */
  static LaunchedHost start(
      Path launcher, boolean cache, List<String> arguments, List<String> around) {
    List<String> command = new ArrayList<>(around);
    command.addAll(List.of(launcher.toString(), "serve"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOWDAH_BUILD", "never");
    builder.environment().put("HOWDAH_AOT", cache ? "auto" : "off");
    try {
      long begin = System.nanoTime();
      LaunchedHost host = new LaunchedHost(builder.start());
      host.awaitServing(begin);
      return host;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void awaitServing(long begin) throws IOException {
    List<String> said = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.add(line);
      if (line.contains(LISTENING)) {
        listeningSeconds = (System.nanoTime() - begin) / 1e9;
      }
      if (line.startsWith(SERVING)) {
        readySeconds = (System.nanoTime() - begin) / 1e9;
      }
      Matcher tcp = TCP.matcher(line);
      if (tcp.find()) {
        tcpAddress = new InetSocketAddress("127.0.0.1", Integer.parseInt(tcp.group(1)));
      }
      // After the line with the TCP address, in every mode.
      if (readySeconds > 0 && (line.startsWith("  sockets ") || line.startsWith("  actuator "))) {
        return;
      }
    }
    throw new IllegalStateException("The host did not start:\n" + String.join("\n", said));
  }

  /** From the launcher's start until the doors were open. */
  double listeningSeconds() {
    return listeningSeconds;
  }

  /** From the launcher's start until everything was up, readiness included. */
  double readySeconds() {
    return readySeconds;
  }

  Optional<InetSocketAddress> tcpAddress() {
    return Optional.ofNullable(tcpAddress);
  }

  /** Resident memory now, in MiB. */
  double residentMebibytes() {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / KIB_PER_MIB)
          .findFirst()
          .orElseThrow();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Processor time since the start, in seconds. */
  double processorSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toMillis() / 1e3;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
