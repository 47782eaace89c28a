package dev.howdah.sanity.prove;

import dev.howdah.sanity.Target;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The faulty program as a process of its own, with a folder of its own. */
final class FaultyPlugin implements AutoCloseable {
  private static final List<String> HOSTED = List.of("alpha.example.com", "beta.example.com");

  private final Path folder;
  private final List<String> command;
  private final Process process;
  private final List<Target> targets = new ArrayList<>();

  /**
   * Starts the program and waits until it listens.
   *
   * @param binary the program
   * @param where {@code socket}, {@code tcp} or {@code host}
   * @param fault the switch, empty for none
   */
  FaultyPlugin(Path binary, String where, String fault) throws IOException {
    folder = Files.createTempDirectory("f");
    for (String each : List.of("sockets", "tls", "store/wals", "store/base", "scratch", "pgdata")) {
      Files.createDirectories(folder.resolve(each));
    }
    command =
        new ArrayList<>(
            List.of(
                binary.toString(),
                "--store=" + folder.resolve("store"),
                "--pgdata=" + pgdata(),
                "--fault=" + fault));
    boolean socket = where.equals("socket");
    if (socket) {
      command.add("--sockets=" + folder.resolve("sockets"));
    } else {
      command.add("--address=127.0.0.1:0");
      command.add("--tls=" + folder.resolve("tls"));
    }
    if (where.equals("host")) {
      command.add("--names=" + String.join(",", HOSTED));
    }
    List<String> attached = new ArrayList<>(command);
    attached.add("--attached");
    process = new ProcessBuilder(attached).redirectErrorStream(true).start();
    String address = address();
    if (socket) {
      targets.add(new Target.Socket(Path.of(address)));
    } else {
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      List<String> names = where.equals("host") ? HOSTED : List.of("faulty.example.com");
      names.forEach(name -> targets.add(tcp(port, name)));
    }
  }

  private Target tcp(int port, String name) {
    Path tls = folder.resolve("tls");
    return new Target.Tcp(
        "127.0.0.1",
        port,
        name,
        name,
        tls.resolve("server.crt"),
        tls.resolve("client.crt"),
        tls.resolve("client.key"));
  }

  private String address() throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith("listening ")) {
      throw new IOException("the faulty program did not start: " + line);
    }
    return line.substring("listening ".length());
  }

  List<Target> targets() {
    return targets;
  }

  Path scratch() {
    return folder.resolve("scratch");
  }

  Path pgdata() {
    return folder.resolve("pgdata");
  }

  /** A command for the shell that replaces the served certificate by another one. */
  String rotate() {
    return "cd '" + folder.resolve("tls") + "' && cp next.crt server.crt && cp next.key server.key";
  }

  /** A command for the shell that starts the program once more. */
  String start() {
    return String.join(" ", command) + " >/dev/null 2>&1 & echo $! >" + pids();
  }

  private Path pids() {
    return folder.resolve("pid");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      if (Files.exists(pids())) {
        ProcessHandle.of(Long.parseLong(Files.readString(pids()).strip()))
            .ifPresent(ProcessHandle::destroy);
      }
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
